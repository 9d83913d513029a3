import { ParameterError } from "../../errors.js";
import { type Model, record } from "../../network/index.js";
import { withoutPrograms } from "../../network/run/programs.js";
import { AbortedError, follow, followed, type ProgressOptions } from "../../progress.js";
import { assembled } from "./assembled.js";
import { fillCells, type Grid, type Looked } from "./cells.js";
import {
  type EvaluatedMeasureInput,
  type EvaluatedMethodInput,
  type MeasureColumn,
  type MethodColumn,
  measureColumns,
  methodColumns,
} from "./columns.js";
import { type CheckedData, checkedData, type EvaluationDataInput } from "./data.js";
import type { EvaluatedSample, Evaluation, EvaluationRow, TrialRow } from "./evaluation.js";
import { FORMAT } from "./evaluation.js";
import { ResumeError } from "./resume-error.js";
import { sideOf } from "./table.js";
import { disturbed, type Test, tests } from "./trust.js";

export interface EvaluateOptions extends ProgressOptions {
  /** Of all that is random: methods, measures, bootstrap; default 0. Parameters that state a seed keep theirs. */
  readonly seed?: number;
  /** How many samples are explained together; by default as many as make a million input values, at most 32. */
  readonly batch?: number;
  /** How often intervals hold the true value, and how sure a comparison must be; default 0.95. */
  readonly level?: number;
  /** An evaluation that was stopped, or one with fewer methods or measures: its cells are not computed again. */
  readonly resume?: Evaluation;
  /** How many trials of each test say how far to trust the measures; each takes as long as the grid itself. Default 0. */
  readonly trust?: number;
  /** Given the evaluation so far after every explanation and every measurement of a batch, by a function that makes it. */
  readonly onPart?: (evaluation: () => Evaluation) => void;
}

/** An evaluation was aborted; `partial` is what it had found, for `resume`. */
export class EvaluationAbortedError extends AbortedError {
  constructor(
    { done, total, cause }: AbortedError,
    readonly partial: Evaluation,
  ) {
    super(done, total, cause);
    this.message = `The evaluation was aborted after ${done} of ${total} steps; error.partial holds what was found, for { resume }.`;
  }
}

/** How many input values are explained together, so that a batch of photos fits into memory. */
const VALUES = 2 ** 20;
const LARGEST_BATCH = 32;

/**
 * Evaluates methods of explanation by measures on data: each method explains each batch once, all measures share it, and what fails is
 * named in its cells while the rest goes on. The table comes with bootstrap intervals, paired comparisons (Wilcoxon, corrected by Holm), a
 * rank matrix with its disagreement, and a verdict, which may be that nobody wins.
 *
 * The same seed gives the same numbers, in whatever order methods stand and wherever a run was interrupted; another size of batches
 * changes them by rounding at most.
 *
 * @param model what `Model` lists
 * @param data `{ x, target, masks, model, names }`, a tensor `[samples, …]`, or pictures of `loadImage`
 * @param methods ids, methods, `{ method, parameters, name }`, `"random"` for random attributions, or `{ name, explain }`
 * @param measures ids, measures, `{ measure, parameters, name }`, or `{ name, better, measure }`
 * @throws ParameterError, InputShapeError before anything is computed; EvaluationAbortedError with the part that was done
 * @example
 * const evaluation = await evaluate(model, { x }, ["lrp", "gradient-times-input", "random"], ["pixel-flipping", "gini"]);
 * evaluation.verdict.text
 */
export async function evaluate(
  model: Model,
  data: EvaluationDataInput,
  methods: readonly EvaluatedMethodInput[],
  measures: readonly EvaluatedMeasureInput[],
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const settings = checkedOptions(options);
  const rows = methodColumns(methods, settings.seed);
  const columns = measureColumns(measures, model);
  const checkedInput = checkedData(data);
  try {
    const work = new Work(model, checkedInput, rows, columns, settings, options);
    return await followed("evaluate", options, (run) => withoutPrograms(() => work.run(run)));
  } finally {
    checkedInput.dispose();
  }
}

type Settings = Required<Pick<EvaluateOptions, "seed" | "level" | "trust">> & Pick<EvaluateOptions, "batch">;

function checkedOptions({ seed = 0, level = 0.95, trust = 0, batch, resume }: EvaluateOptions): Settings {
  if (!Number.isInteger(seed)) throw new ParameterError("seed", seed, "a whole number");
  if (!(level > 0 && level < 1)) throw new ParameterError("level", level, "a number between 0 and 1");
  if (!(Number.isInteger(trust) && trust >= 0))
    throw new ParameterError("trust", trust, "a number of trials, 0 or more");
  if (batch !== undefined && !(Number.isInteger(batch) && batch >= 1)) {
    throw new ParameterError("batch", batch, "a number of samples, at least 1");
  }
  if (resume !== undefined && resume?.format !== FORMAT) {
    throw new ParameterError("resume", resume, `an evaluation (format ${FORMAT})`);
  }
  return { seed, level, trust, ...(batch !== undefined && { batch }) };
}

/** The grid of data, or of data disturbed in one trial. */
interface Stage {
  readonly test?: Test;
  readonly trial?: number;
  readonly measures: readonly MeasureColumn[];
}

/** One run of `evaluate`. */
class Work {
  readonly #rows = new Map<string, EvaluationRow[]>();
  readonly #trials = new Map<string, TrialRow[]>();
  readonly #samples: EvaluatedSample[];
  readonly #batches: number[][];
  readonly #batch: number;
  readonly #stages: Stage[];

  constructor(
    readonly model: Model,
    readonly data: CheckedData,
    readonly methods: readonly MethodColumn[],
    readonly measures: readonly MeasureColumn[],
    readonly settings: Settings,
    readonly options: EvaluateOptions,
  ) {
    const { resume } = options;
    const { count, size, names } = data;
    this.#batch = settings.batch ?? resume?.batch ?? Math.max(1, Math.min(LARGEST_BATCH, Math.floor(VALUES / size)));
    this.#batches = Array.from({ length: Math.ceil(count / this.#batch) }, (_, at) =>
      Array.from({ length: Math.min(this.#batch, count - at * this.#batch) }, (_sample, i) => at * this.#batch + i),
    );
    this.#samples = names.map((name) => ({ name, target: null, output: null, predicted: null }));
    const judging = measures.filter(({ about }) => sideOf(about) !== 0);
    const trials = Array.from({ length: settings.trust }, (_, trial) => trial);
    this.#stages = [
      { measures },
      ...trials.flatMap((trial) =>
        (Object.keys(tests) as Test[]).map((test): Stage => ({ test, trial, measures: judging })),
      ),
    ];
    if (resume !== undefined) this.#takeUp(resume);
  }

  async run(run: ProgressOptions): Promise<Evaluation> {
    // An explanation counts like a measurement.
    const columns = this.#stages.reduce((sum, { measures }) => sum + 1 + measures.length, 0);
    const tracker = new Tracker(columns * this.methods.length * this.data.count, run);
    try {
      this.#warmUp();
      for (const stage of this.#stages) {
        for (const samples of this.#batches) await this.#fill(stage, samples, tracker);
      }
      await tracker.finish();
      return this.evaluation(true);
    } catch (error) {
      if (!(error instanceof AbortedError)) throw error;
      const aborted = new AbortedError(tracker.done, tracker.total, error.cause);
      throw new EvaluationAbortedError(aborted, this.evaluation(false));
    }
  }

  /** What was found so far. */
  evaluation(complete: boolean): Evaluation {
    const { model } = this;
    return assembled({
      model: "name" in model && typeof model.name === "string" ? model.name : "",
      seed: this.settings.seed,
      batch: this.#batch,
      data: this.data.fingerprint,
      complete,
      level: this.settings.level,
      methods: this.methods.map(({ about }) => about),
      measures: this.measures.map(({ about }) => about),
      samples: [...this.#samples],
      rows: [...this.#rows.values()].flat(),
      trials: [...this.#trials.values()].flat(),
    });
  }

  /**
   * A model's first recording computes as the model does, later ones as its canonical graph: so that no number depends on what ran before,
   * every batch is a later one.
   */
  #warmUp(): void {
    for (const size of new Set(this.#batches.map(({ length }) => length))) {
      const slice = this.data.slice(this.#batches.find(({ length }) => length === size)!);
      try {
        record(this.model, slice.x, { keep: ({ outputs }) => new Set(outputs) }).dispose();
      } catch {
        // Its cells will say why.
      } finally {
        slice.dispose();
      }
    }
  }

  async #fill(stage: Stage, samples: readonly number[], tracker: Tracker): Promise<void> {
    const { test, trial = 0 } = stage;
    const wanted = this.#wanted(stage, samples);
    const left = wanted.size + countOf(wanted);
    tracker.count(((1 + stage.measures.length) * this.methods.length - left) * samples.length);
    const seen = new Map<number, number>();
    const grid: Grid = {
      model: this.model,
      data: this.data,
      seed: this.settings.seed,
      run: tracker.signal,
      sink: (method, measure, sample, value, reason) => {
        tracker.count(1);
        const cell = { method: method.about.label, measure: measure.about.label, sample, value };
        const key = this.#unit(stage, cell.method, cell.measure, sample);
        if (test === undefined) push(this.#rows, key, { ...cell, reason });
        else {
          const [is, was] = [seen.get(sample), this.#samples[sample]!.predicted];
          const counts = is !== undefined && was !== null && (test === "noise" ? is === was : is !== was);
          push(this.#trials, key, { test, trial, ...cell, value: reason === null ? value : null, counts });
        }
      },
      looked: (sample, found) => {
        seen.set(sample, found.predicted);
        if (test === undefined) this.#look(sample, found);
      },
      slice: (some) =>
        test === undefined
          ? this.data.slice(some)
          : disturbed(this.data, this.model, some, { test, trial, seed: this.settings.seed }),
      ...(test !== undefined && { targetOf: (sample: number) => this.#samples[sample]!.target }),
      worked: async (explained) => {
        tracker.count(explained);
        this.options.onPart?.(() => this.evaluation(false));
        await tracker.report();
      },
      working: (count, share) => tracker.within(count * share),
    };
    await fillCells(grid, samples, wanted);
  }

  /** Takes down what the model says of a sample, which must be what it said before. */
  #look(sample: number, { target, output, predicted }: Looked): void {
    const { name, output: before } = this.#samples[sample]!;
    if (before !== null && output !== null && Math.abs(before - output) > 1e-3 * Math.max(1, Math.abs(before))) {
      const expected = `an evaluation of this model: it gives sample ${name} ${output} now, but gave it ${before}`;
      throw new ResumeError(expected);
    }
    this.#samples[sample] = { name, target, output, predicted };
  }

  /** What is left to do of a batch. */
  #wanted(stage: Stage, samples: readonly number[]): ReadonlyMap<MethodColumn, readonly MeasureColumn[]> {
    const found: ReadonlyMap<string, readonly unknown[]> = stage.test === undefined ? this.#rows : this.#trials;
    const isMissing = (method: MethodColumn, measure: MeasureColumn) =>
      found.get(this.#unit(stage, method.about.label, measure.about.label, samples[0]!))?.length !== samples.length;
    const all = this.methods.map((method) => [method, stage.measures.filter((one) => isMissing(method, one))] as const);
    return new Map(all.filter(([, measures]) => measures.length > 0));
  }

  /** Names what is computed together and is there as a whole or not at all: a method and a measure on a batch. */
  #unit({ test, trial }: { test?: Test; trial?: number }, method: string, measure: string, sample: number): string {
    return JSON.stringify([test ?? "", trial ?? 0, method, measure, Math.floor(sample / this.#batch)]);
  }

  /** Takes over the units that an earlier evaluation has in full. */
  #takeUp({ data, seed, batch, methods, measures, samples, rows, trials }: Evaluation): void {
    const differs = [
      ...(data === this.data.fingerprint && samples.length === this.data.count ? [] : ["other data"]),
      ...(seed === this.settings.seed ? [] : [`the seed ${seed}`]),
      ...(batch === this.#batch ? [] : [`batches of ${batch}`]),
    ];
    if (differs.length > 0) throw new ResumeError(`one of the same data, seed and batch, not of ${differs.join(", ")}`);
    this.#samples.forEach(({ name }, at) => {
      this.#samples[at] = { ...samples[at]!, name };
    });
    const same = (known: readonly object[], asked: readonly { readonly about: { readonly label: string } }[]) => {
      const texts = new Set(known.map((one) => JSON.stringify(one)));
      return new Set(asked.flatMap(({ about }) => (texts.has(JSON.stringify(about)) ? [about.label] : [])));
    };
    const [ofMethods, ofMeasures] = [same(methods, this.methods), same(measures, this.measures)];
    const isAsked = ({ method, measure }: EvaluationRow | TrialRow) => ofMethods.has(method) && ofMeasures.has(measure);
    for (const row of rows.filter(isAsked)) push(this.#rows, this.#unit({}, row.method, row.measure, row.sample), row);
    for (const row of trials.filter(isAsked)) {
      if (row.trial < this.settings.trust)
        push(this.#trials, this.#unit(row, row.method, row.measure, row.sample), row);
    }
    // Units that were cut short are computed again.
    for (const found of [this.#rows, this.#trials]) {
      for (const [key, unit] of found) {
        const { length } = this.#batches[Math.floor(unit[0]!.sample / this.#batch)]!;
        if (unit.length !== length) found.delete(key);
      }
    }
  }
}

const countOf = (wanted: ReadonlyMap<unknown, readonly unknown[]>): number => [...wanted.values()].flat().length;

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** Counts explanations and measurements of samples, tells of them, and stops when that is wished. */
class Tracker {
  readonly signal: Pick<ProgressOptions, "signal">;
  readonly #steps: ReturnType<typeof follow>;
  #counted = 0;
  #reported = 0;

  constructor(
    readonly total: number,
    readonly run: ProgressOptions,
  ) {
    this.signal = run.signal === undefined ? {} : { signal: run.signal };
    this.#steps = follow(total, run);
  }

  /** What is done anew, sample by sample, is no more than there was. */
  count(steps: number): void {
    this.#counted = Math.min(this.total, this.#counted + steps);
  }

  async report(): Promise<void> {
    const fresh = this.#counted - this.#reported;
    this.#reported = this.#counted;
    await this.#steps.step(fresh);
  }

  /** Tells of what is being computed. */
  within(steps: number): void {
    this.run.onProgress?.({ done: Math.min(this.total, this.#counted + Math.floor(steps)), total: this.total });
  }

  async finish(): Promise<void> {
    this.#counted = this.total;
    await this.report();
  }

  get done(): number {
    return this.#counted;
  }
}
