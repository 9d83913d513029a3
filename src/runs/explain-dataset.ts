import { availableParallelism } from "node:os";
import { type Method, ParameterError } from "../explainers/index.js";
import type { LoadedModel } from "../kernel-helpers/models/index.js";
import { explainHere } from "./in-process.js";
import { startPool } from "./pool/pool.js";
import { completeStore, type RunControl, type RunSummary } from "./run.js";
import { type GivenSample, iterableSource } from "./sources/iterable.js";
import type { RunSpec } from "./spec.js";
import { MANTISSA } from "./store/rounding.js";

/** What is asked of a run over a data set. */
export interface RunSettings {
  /** The method's id, or the method: `"lrp"`, `lrp`. */
  readonly method: string | Method;
  /** The method's parameters; a tensor by a file. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** An index, a class name, `"top1"` (default), or `"label"`: each sample's own class. */
  readonly target?: string | number;
  /** Samples in a shard, which is computed and written at once. Default 64. */
  readonly shard?: number;
  /** Samples that are explained together; by default as many as hold the numbers of eight photographs of 224 × 224, and no more than a shard. */
  readonly batch?: number;
  /** Rounds relevance to so many bits of the mantissa, 1 to 22; by default it is kept whole (23). */
  readonly mantissaBits?: number;
  /** At most so many of the data; default all. */
  readonly samples?: number;
}

/** What is asked of `explainDataset`. */
export interface DatasetOptions extends RunSettings, RunControl {
  /** The folder of the Zarr store; one that is there is completed. */
  readonly store: string;
  /** Worker processes with a model each, where model and data are given by their places. Default: as many as there are processors. */
  readonly workers?: number;
  /** How many samples an iterable gives; needed there. */
  readonly count?: number;
}

/** Samples from a program. */
export type SampleIterable = AsyncIterable<GivenSample> | Iterable<GivenSample>;

/** The settings with their defaults, checked. @throws ParameterError */
export function specOf(model: string, data: string, settings: RunSettings & { readonly threads?: number }): RunSpec {
  const { method, parameters = {}, target = "top1", mantissaBits, samples } = settings;
  const shard = positive("shard", settings.shard ?? 64);
  const batch = settings.batch === undefined ? null : Math.min(shard, positive("batch", settings.batch));
  if (mantissaBits !== undefined && !(Number.isInteger(mantissaBits) && mantissaBits >= 1 && mantissaBits <= MANTISSA))
    throw new ParameterError("mantissaBits", mantissaBits, `a whole number from 1 to ${MANTISSA}`);
  return {
    model,
    data,
    method: typeof method === "string" ? method : method.id,
    parameters,
    target,
    shard,
    batch,
    mantissaBits: mantissaBits === undefined || mantissaBits === MANTISSA ? null : mantissaBits,
    samples: samples === undefined ? null : positive("samples", samples),
    threads: settings.threads ?? null,
  };
}

function positive(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new ParameterError(name, value, "a whole number of at least 1");
}

/** How many worker processes there are unless told: one a processor. */
export const defaultWorkers = (): number => Math.max(1, availableParallelism());

/**
 * Explains a data set into a Zarr store, shard by shard. What is there already is not computed again, so that a run that was stopped goes
 * on by the same call.
 *
 * @param model a name, path or URL, which worker processes load; or a model that is loaded, which explains here
 * @param data `"mnist"`, the name of a data set of pictures, a folder of pictures, a file (`.npy`, `.npz`, `.zarr`, `.parquet`, `.csv`, `.json`, IDX), or
 *   an iterable of samples, which are explained here
 * @throws OtherRunError where the store is of another run, ChangedDataError where a sample of it is another now, StoreInUseError, WriteError, AbortedError
 * @example const { done } = await explainDataset("mnist-cnn", "mnist", { method: "lrp", store: "digits.zarr", samples: 100 });
 */
export async function explainDataset(
  model: string | LoadedModel,
  data: string | SampleIterable,
  options: DatasetOptions,
): Promise<RunSummary> {
  const { store, workers = defaultWorkers(), count, signal, onProgress } = options;
  const run = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  if (typeof model === "string" && typeof data === "string") {
    const spec = specOf(model, data, { ...options, threads: 1 });
    return completeStore(store, () => startPool(spec, positive("workers", workers)), run);
  }
  const place = typeof model === "string" ? model : model.name;
  const spec = specOf(place, typeof data === "string" ? data : "iterable", options);
  return completeStore(
    store,
    async () => {
      const { loadModel } = await import("../kernel-helpers/models/index.js");
      const loaded = typeof model === "string" ? await loadModel(model) : model;
      if (typeof data === "string") return explainHere(spec, { model: loaded });
      const shape = loaded.input.shape.map((size) => {
        if (size !== null) return size;
        throw new ParameterError(
          "model",
          loaded.name,
          "one that takes inputs of one size, where samples come from a program",
        );
      });
      const source = iterableSource(data, { name: "iterable", count: positive("count", count ?? Number.NaN), shape });
      return explainHere(spec, { model: loaded, source });
    },
    run,
  );
}
