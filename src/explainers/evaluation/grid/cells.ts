import { targetIndices } from "../../class-names.js";
import { classNamesOf, outputCountOf } from "../../context.js";
import { LimpidError, TargetError } from "../../errors.js";
import type { Attribution, Explain } from "../../explanation.js";
import { tensorsOf } from "../../network/capture/input.js";
import { runnerOf } from "../../network/capture/model.js";
import { type Model, type Recording, record } from "../../network/index.js";
import { AbortedError, type ProgressOptions } from "../../progress.js";
import type { Target } from "../../target.js";
import type { Evidence } from "../evidence.js";
import type { Measurer, Score } from "../measure.js";
import { isStructural, type MeasureColumn, type MethodColumn } from "./columns.js";
import type { CheckedData, Slice } from "./data.js";
import { ResumeError } from "./resume-error.js";
import { finite } from "./table.js";

/** What a sample is explained for, and what the model says of it. */
export interface Looked {
  readonly target: number | null;
  readonly output: number | null;
  /** The class that the model gives it: its largest output, or whether a lone one is positive. */
  readonly predicted: number;
}

/** Takes what was found of one cell: a value, or why there is none. */
type Sink = (
  method: MethodColumn,
  measure: MeasureColumn,
  sample: number,
  value: number | null,
  reason: string | null,
) => void;

/** What cells are computed from. */
export interface Grid {
  readonly model: Model;
  readonly data: CheckedData;
  readonly seed: number;
  readonly run: Pick<ProgressOptions, "signal">;
  readonly sink: Sink;
  /** Told what the model says of samples, as soon as it is known. */
  readonly looked: (sample: number, found: Looked) => void;
  /** In the place of the data: disturbed inputs. */
  readonly slice: (samples: readonly number[]) => Slice;
  /** What is explained, where that is known already. */
  readonly targetOf?: (sample: number) => number | null;
  /** Told of each explanation, of so many samples, and of each measurement that ended. */
  readonly worked: (explained: number) => Promise<void>;
  /** Told how far an explanation or measurement of so many samples is, from 0 to 1. */
  readonly working: (count: number, share: number) => void;
}

/** An explained batch. */
interface Explained {
  readonly method: MethodColumn;
  readonly measures: readonly MeasureColumn[];
  readonly attribution: Attribution;
}

/**
 * Computes the cells of some samples, together: one forward pass for all methods, one explanation a method for all measures. Where a
 * batch fails for one of its samples, its samples are taken one by one; whatever fails is named in its cells, and the rest goes on.
 *
 * @throws AbortedError; ResumeError where the model is another one; nothing else
 */
export async function fillCells(grid: Grid, samples: readonly number[], wanted: Wanted): Promise<void> {
  if (wanted.size === 0) return;
  const alone = new Map<MethodColumn, MeasureColumn[]>();
  const failed = (error: unknown, method: MethodColumn, measures: readonly MeasureColumn[]) => {
    if (isStop(error)) throw error;
    if (samples.length > 1 && !isStructural(error)) {
      alone.set(method, [...(alone.get(method) ?? []), ...measures]);
      return;
    }
    // Alone, it is its batch's first.
    const reason = reasonOf(error).replaceAll(/\bsample 0\b/g, samples.length === 1 ? `sample ${samples[0]}` : "$&");
    for (const measure of measures) for (const sample of samples) grid.sink(method, measure, sample, null, reason);
  };
  const slice = grid.slice(samples);
  try {
    let explained: Explained[] = [];
    let evidence: Omit<Evidence, "attribution" | "explain"> | undefined;
    try {
      const prepared = prepare(grid, slice);
      evidence = { x: slice.x, target: prepared.target, ...given(grid, slice) };
      try {
        explained = await explainAll(grid, samples, wanted, prepared, failed);
      } finally {
        prepared.recording.dispose();
      }
    } catch (error) {
      for (const [method, measures] of wanted) failed(error, method, measures);
    }
    for (const { method, measures, attribution } of explained) {
      for (const measure of measures) {
        try {
          const own = { ...evidence!, attribution, explain: method.explain };
          store(grid, method, measure, samples, await measured(grid, measure, samples.length, own));
        } catch (error) {
          failed(error, method, [measure]);
        }
        await grid.worked(0);
      }
    }
  } finally {
    slice.dispose();
  }
  for (const sample of alone.size > 0 ? samples : []) await fillCells(grid, [sample], alone);
}

type Wanted = ReadonlyMap<MethodColumn, readonly MeasureColumn[]>;

/** Whether an error ends the whole evaluation. */
const isStop = (error: unknown): boolean =>
  error instanceof AbortedError ||
  error instanceof ResumeError ||
  ["AbortError", "InterruptError"].includes((error as Error | undefined)?.name ?? "");

function given({ data }: Grid, { masks }: Slice): Pick<Evidence, "masks" | "model" | "output"> {
  return { ...(masks && { masks }), ...(data.model && { model: data.model }), output: data.output ?? 0 };
}

interface Prepared {
  readonly recording: Recording;
  readonly target: Target;
}

/** Runs the model on a batch, for all methods, and settles what is explained. */
function prepare(grid: Grid, { x, samples }: Slice): Prepared {
  const { model, data } = grid;
  const output = data.output ?? 0;
  // Says more clearly what is wrong with an input than a recording of it.
  tensorsOf(x, runnerOf(model));
  const recording = record(model, x);
  try {
    const value = recording.outputs[output];
    if (value === undefined) throw new TargetError(`The model has no output ${output}.`);
    const scores = value.dataSync();
    const size = scores.length / samples.length;
    const known = samples.map((sample) => grid.targetOf?.(sample));
    const wishes = samples.map((sample, at) => known[at] ?? data.targets[sample]!);
    const rows = samples.map((_, at) => scores.subarray(at * size, (at + 1) * size));
    const found = rows.map((row) => (size === 1 ? Number(row[0]! > 0) : largest(row)));
    const resolved = wishes.map((wish, at) =>
      wish === "top1"
        ? size === 1
          ? 0
          : found[at]!
        : targetIndices(wish, classNamesOf(model), outputCountOf(model), output),
    );
    const indices = resolved.map((one) => (typeof one === "number" ? one : null));
    samples.forEach((sample, at) => {
      const index = indices[at] ?? null;
      grid.looked(sample, { target: index, output: rows[at]![index ?? 0] ?? null, predicted: found[at]! });
    });
    if (indices.every((index) => index !== null)) return { recording, target: indices as number[] };
    if (new Set(resolved.map((one) => JSON.stringify(one))).size === 1)
      return { recording, target: resolved[0]! as Target };
    throw new TargetError("Of a lone output, all samples must be explained for the same of its two classes.");
  } catch (error) {
    recording.dispose();
    throw error;
  }
}

function largest(row: ArrayLike<number>): number {
  let best = 0;
  for (let at = 1; at < row.length; at++) if (row[at]! > row[best]!) best = at;
  return best;
}

async function explainAll(
  grid: Grid,
  samples: readonly number[],
  wanted: Wanted,
  { recording, target }: Prepared,
  failed: (error: unknown, method: MethodColumn, measures: readonly MeasureColumn[]) => void,
): Promise<Explained[]> {
  const explained: Explained[] = [];
  for (const [method, measures] of wanted) {
    try {
      const explain: Explain = method.explain(grid.model);
      const attribution = await explain(recording, {
        target,
        output: grid.data.output ?? 0,
        ...grid.run,
        onProgress: ({ done, total }) => grid.working(samples.length, done / total),
      });
      checkAttribution(attribution, samples.length);
      explained.push({ method, measures, attribution });
    } catch (error) {
      failed(error, method, measures);
    }
    await grid.worked(samples.length);
  }
  return explained;
}

/** What an explainer of one's own gives may be anything. */
function checkAttribution(attribution: Attribution, count: number): void {
  const isOne = attribution?.relevance instanceof Float32Array && Array.isArray(attribution.inputs);
  if (!isOne)
    throw new LimpidError("The explainer gave no attribution: { relevance, shape, inputs, output, target, … }.");
  if (attribution.shape[0] !== count) {
    throw new LimpidError(`The explainer gave ${attribution.shape[0]} samples for ${count}.`);
  }
}

async function measured(grid: Grid, measure: MeasureColumn, count: number, evidence: Evidence): Promise<Score> {
  const measurer: Measurer = measure.measurer();
  const score = await measurer(evidence, {
    seed: grid.seed,
    ...grid.run,
    onProgress: ({ done, total }) => grid.working(count, done / total),
  });
  if (score?.values?.length !== count) {
    throw new LimpidError(`The measure gave ${score?.values?.length ?? "no"} values for ${count} samples.`);
  }
  return score;
}

/** Values with their warnings as reasons; a remark on a value that means what it says is none. */
function store(
  grid: Grid,
  method: MethodColumn,
  measure: MeasureColumn,
  samples: readonly number[],
  { values, warnings = [] }: Score,
): void {
  samples.forEach((sample, at) => {
    const value = values[at]!;
    const own = warnings.filter((one) => one.sample === at);
    const all = [...own, ...warnings.filter((one) => one.sample === null)];
    if (Number.isFinite(value)) {
      const doubt = all.find(({ kind }) => kind !== "undefined");
      grid.sink(method, measure, sample, finite(value), doubt?.message ?? null);
    } else grid.sink(method, measure, sample, null, all[0]?.message ?? `The measure gave ${value} and no reason.`);
  });
}

/** In one line. */
const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message || error.name : String(error)).replaceAll(/\s+/g, " ").trim();
