import { outputCountOf } from "../../explainers/context.js";
import { AbortedError, findClass, findMethod, LimpidError, type Target } from "../../explainers/index.js";
import { type LoadedModel, loadModel } from "../../kernel-helpers/models/index.js";
import { kindOf, placesOf } from "../../kernel-helpers/models/places.js";
import { RunError } from "../errors.js";
import { openSource } from "../sources/open.js";
import type { DataSource, Sample } from "../sources/source.js";
import { batchOf, type ChangedSample, type FailedSample, type Prepared, type RunSpec, samplesOf } from "../spec.js";
import { UNKNOWN } from "../store/arrays.js";
import { roundMantissas } from "../store/rounding.js";
import type { RunStore, ShardValues } from "../store/store.js";
import { BatchExplainer, type ExplainedSample, keptLayers } from "./explained.js";
import { parametersOf } from "./parameters.js";
import { steadyPrograms } from "./programs.js";
import { recordOf } from "./record.js";

/** What became of a shard. */
export interface ExplainedShard {
  readonly values: ShardValues;
  readonly failed: readonly FailedSample[];
  /** Kinds of warnings, and for how many batches they were given. */
  readonly warnings: Readonly<Record<string, number>>;
}

/** How many samples are tried before a data set is said to be unreadable. */
const TRIES = 256;

/** Explains the shards of one data set by one method: what a worker process holds. */
export class ShardExplainer {
  readonly #coming = new Map<number, Promise<(Sample | Error)[]>>();

  private constructor(
    readonly prepared: Prepared,
    readonly model: LoadedModel,
    readonly source: DataSource,
    private readonly batches: BatchExplainer,
    private readonly target: Target | "label",
    private readonly restore: () => void,
  ) {}

  /**
   * Loads what a run is of, and explains the first sample that can be read: that shows all sizes, and makes the programs that the rest
   * runs as.
   */
  static async make(
    spec: RunSpec,
    own: { readonly model?: LoadedModel; readonly source?: DataSource } = {},
  ): Promise<ShardExplainer> {
    const method = findMethod(spec.method);
    const model = own.model ?? (await loadModel(spec.model));
    const places = placesOf(model);
    if (places.length > 1)
      throw new RunError(`${model.name} takes ${places.length} inputs; a run over a data set feeds one.`);
    const source = own.source ?? (await openSource(spec.data, model));
    const kind = kindOf(source.shape, places[0]!);
    if (places[0]!.dtype === "int32")
      throw new RunError(
        `${model.name} takes numbers of words, and a run over a data set feeds pictures, signals and rows.`,
      );
    if (!method.inputs.includes(kind)) {
      const kinds = { image: "pictures", sequence: "sequences", table: "rows of a table" };
      throw new RunError(
        `${method.id} explains ${method.inputs.map((one) => kinds[one]).join(", ")}, not ${kinds[kind]}: limpid methods lists those that do.`,
      );
    }
    const parameters = await parametersOf(method, spec.parameters, { kind, shape: source.shape });
    const batch = batchOf(spec, source.shape);
    const batches = new BatchExplainer(model, method, parameters, source.shape, batch);
    const count = Math.min(source.count, spec.samples ?? source.count);
    const first = await firstSample(source, count);
    const target = targetOf(spec.target, model, source);
    const programs = await steadyPrograms();
    try {
      // Its own class is only known of a sample, and which it is changes no size.
      const { attribution, samples } = await batches.explain([first], target === "label" ? "top1" : target);
      const [sample] = samples as [ExplainedSample];
      const shapes = {
        count,
        relevance: attribution.shape.slice(1),
        outputs: sample.outputs.length,
        classNames: Array.from({ length: sample.outputs.length }, (_, at) => model.classNames?.[at] ?? String(at)),
        layers: keptLayers(attribution).map(({ name }) => name),
        hasLabels: source.labels !== undefined,
      };
      const record = await recordOf({ spec, batch, model, method, parameters, source, attribution, first, count });
      programs.keep();
      return new ShardExplainer({ record, shapes }, model, source, batches, target, programs.restore);
    } catch (error) {
      programs.restore();
      throw error;
    }
  }

  /** Of the samples that a store holds, the first that is another now. Those that failed may be mended, so they are not asked about. */
  async changed(store: RunStore): Promise<ChangedSample | undefined> {
    if (this.source.contents === undefined) return undefined;
    for await (const samples of store.explained()) {
      const known = samples.filter(({ content }) => content !== UNKNOWN);
      if (known.length === 0) continue;
      const first = known[0]!.at;
      const now = await this.source.contents(first, known.at(-1)!.at + 1);
      const other = known.find(({ at, content }) => now[at - first] !== content);
      if (other !== undefined) return { id: other.id, shard: Math.floor(other.at / this.prepared.record.shard) };
    }
    return undefined;
  }

  /** Begins to read a shard's samples, so that they are there when it is explained. */
  expect(shard: number): void {
    if (this.#coming.has(shard)) return;
    const [start, end] = this.#samplesOf(shard);
    const reading = this.source.read(start, end);
    // Whoever explains the shard hears of it.
    reading.catch(() => undefined);
    this.#coming.set(shard, reading);
  }

  #samplesOf(shard: number): [number, number] {
    return samplesOf(shard, { size: this.prepared.record.shard, count: this.prepared.shapes.count });
  }

  /** Explains a shard. `isStopped` is asked between batches. */
  async explain(shard: number, isStopped: () => boolean = () => false): Promise<ExplainedShard> {
    const [start, end] = this.#samplesOf(shard);
    this.expect(shard);
    const read = await this.#coming.get(shard)!;
    this.#coming.delete(shard);
    const found: (ExplainedSample | Error)[] = read.map((sample, row) => {
      if (sample instanceof Error) return sample;
      const label = this.source.labels?.[start + row] ?? -1;
      // A placeholder until it is explained.
      return this.target === "label" && label < 0 ? new RunError("has no label") : new Pending();
    });
    const open = found.flatMap((one, row) => (one instanceof Pending ? [row] : []));
    const warnings: Record<string, number> = {};
    const { batch } = this.batches;
    for (let at = 0; at < open.length; at += batch) {
      if (isStopped()) throw new AbortedError(start, end, undefined);
      const rows = open.slice(at, at + batch);
      const samples = rows.map((row) => (read[row] as Sample).values);
      const explained = await this.#explained(samples, rows, start, warnings);
      for (const [index, row] of rows.entries()) found[row] = explained[index]!;
    }
    const contents = Int32Array.from(read, (sample) => (sample instanceof Error ? UNKNOWN : sample.content));
    return { ...this.#gathered(start, found, contents), warnings };
  }

  async #explained(
    samples: readonly Float32Array[],
    rows: readonly number[],
    start: number,
    warnings: Record<string, number>,
  ): Promise<(ExplainedSample | Error)[]> {
    const targets =
      this.target === "label" ? rows.map((row) => this.source.labels![start + row]!) : (this.target as Target);
    try {
      const { samples: explained, attribution } = await this.batches.explain(samples, targets);
      for (const { kind } of attribution.warnings) warnings[kind] = (warnings[kind] ?? 0) + 1;
      return explained.map((sample) => finite(sample));
    } catch (error) {
      if (!(error instanceof LimpidError)) throw error;
      if (samples.length === 1) return [error];
      // One of them is at fault; the others are explained without it.
      const apart: (ExplainedSample | Error)[] = [];
      for (const [at, sample] of samples.entries())
        apart.push(...(await this.#explained([sample], [rows[at]!], start, warnings)));
      return apart;
    }
  }

  /** The arrays of a shard; what failed stands in them as NaN, −1 and its error. */
  #gathered(
    start: number,
    found: readonly (ExplainedSample | Error)[],
    content: Int32Array,
  ): Omit<ExplainedShard, "warnings"> {
    const { shapes, record } = this.prepared;
    const size = shapes.relevance.reduce((a, b) => a * b, 1);
    const count = found.length;
    const relevance = new Float32Array(count * size).fill(Number.NaN);
    const outputs = new Float32Array(count * shapes.outputs).fill(Number.NaN);
    const layerSums = new Float32Array(count * shapes.layers.length).fill(Number.NaN);
    const output = new Float32Array(count).fill(Number.NaN);
    const target = new Int32Array(count).fill(-1);
    const error = Array<string>(count).fill("");
    const id = found.map((_, row) => this.source.id(start + row));
    for (const [row, one] of found.entries()) {
      if (one instanceof Error) {
        error[row] = one.message;
        continue;
      }
      relevance.set(one.relevance, row * size);
      outputs.set(one.outputs, row * shapes.outputs);
      layerSums.set(one.layerSums, row * shapes.layers.length);
      output[row] = one.output;
      target[row] = one.target;
    }
    if (record.mantissaBits !== null) roundMantissas(relevance, record.mantissaBits);
    return {
      values: {
        relevance,
        output,
        total: sumsOf(relevance, size),
        target,
        content,
        id,
        error,
        ...(shapes.hasLabels && {
          label: Int32Array.from(found, (_, row) => this.source.labels![start + row] ?? -1),
        }),
        ...(shapes.outputs > 0 && { outputs }),
        ...(shapes.layers.length > 0 && { layer_sum: layerSums }),
      },
      failed: error.flatMap((message, row) => (message === "" ? [] : [{ id: id[row]!, message }])),
    };
  }

  async dispose(): Promise<void> {
    this.restore();
    await this.source.close?.();
  }
}

/** Of each sample the sum of its relevance, as it is stored. */
function sumsOf(relevance: Float32Array, size: number): Float32Array {
  return Float32Array.from({ length: relevance.length / size }, (_, row) => {
    let sum = 0;
    for (let at = row * size; at < (row + 1) * size; at++) sum += relevance[at]!;
    return sum;
  });
}

/** Stands for a sample that is to be explained. */
class Pending extends Error {}

function finite(sample: ExplainedSample): ExplainedSample | Error {
  const stray = sample.relevance.find((value) => !Number.isFinite(value));
  return stray === undefined ? sample : new RunError(`its relevance holds ${stray}`);
}

async function firstSample(source: DataSource, count: number): Promise<Float32Array> {
  if (count === 0) throw new RunError(`${source.name} holds no samples`);
  let last: Error | undefined;
  for (let at = 0; at < Math.min(TRIES, count); at++) {
    const [sample] = await source.read(at, at + 1);
    if (sample !== undefined && !(sample instanceof Error)) return sample.values;
    last = sample;
  }
  throw new RunError(
    `None of the first ${Math.min(TRIES, count)} samples of ${source.name} can be read: ${last?.message}`,
    {
      cause: last,
    },
  );
}

function targetOf(target: RunSpec["target"], model: LoadedModel, source: DataSource): Target | "label" {
  if (target === "top1") return "top1";
  if (target === "label") {
    if (source.labels !== undefined) return "label";
    throw new RunError(`${source.name} says no classes of its samples: give --target top1, a class or an index`);
  }
  const found = findClass(target, model.classNames, outputCountOf(model) ?? Number.POSITIVE_INFINITY);
  return found.target ?? found.index;
}
