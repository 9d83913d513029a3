import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, InputShapeError, ParameterError } from "../../errors.js";
import type { Input, Model } from "../../network/index.js";
import { hashOf } from "../../numerics/hash.js";

/** What methods are evaluated on. */
export interface EvaluationData {
  /** `[samples, …]`; of a model of several inputs a list. */
  readonly x: Input;
  /** What is explained: an index or a class name, for all or for each sample; default `"top1"`. */
  readonly target?: string | number | readonly (string | number)[];
  /** Which of the model's outputs; default 0. */
  readonly output?: number;
  /** Where the thing is that should be found: `[samples, …positions]`, not 0 inside. */
  readonly masks?: Tensor;
  /** A second model, for measures that compare two. */
  readonly model?: Model;
  /** What samples are called; by default their numbers. */
  readonly names?: readonly string[];
}

/** A picture that `loadImage` gave, or anything with a tensor `[1, …]`. */
interface NamedTensor {
  readonly tensor: Tensor;
  readonly name?: string;
}

/** Data in full; a tensor, or the tensors of a model of several inputs; pictures. */
export type EvaluationDataInput = EvaluationData | Tensor | readonly NamedTensor[];

/** Some samples of the data. Its tensors are its own. */
export interface Slice {
  /** Their indices, in a row. */
  readonly samples: readonly number[];
  readonly x: Input;
  readonly masks: Tensor | undefined;
  dispose(): void;
}

/** Data that were looked at. */
export interface CheckedData extends Omit<EvaluationData, "names" | "target"> {
  readonly count: number;
  readonly names: readonly string[];
  readonly targets: readonly (string | number)[];
  /** Tells data apart. */
  readonly fingerprint: string;
  readonly slice: (samples: readonly number[]) => Slice;
  /** The number of values of a sample. */
  readonly size: number;
  /** The least and the greatest value of all. */
  readonly extent: () => { low: number; high: number };
  readonly dispose: () => void;
}

/** @throws ParameterError, InputShapeError for what does not belong together */
export function checkedData(given: EvaluationDataInput): CheckedData {
  const isList = Array.isArray(given);
  const isPictures = isList && given.every((one) => one?.tensor instanceof tf.Tensor);
  if (isList && (!isPictures || given.length === 0)) {
    throw new ParameterError("data", given, "a tensor, { x, target, masks, names }, or a list of pictures");
  }
  if (isPictures) {
    const pictures = given as readonly NamedTensor[];
    const shapes = new Set(pictures.map(({ tensor }) => String(tensor.shape)));
    if (shapes.size > 1)
      throw new InputShapeError("pictures of one size", [...shapes].map((s) => `[${s}]`).join(" and "));
    const x = tf.concat(pictures.map(({ tensor }) => tensor));
    const data = checkedWhole({ x, names: pictures.map(({ name }, at) => name ?? String(at)) });
    return { ...data, dispose: () => x.dispose() };
  }
  const data = given instanceof tf.Tensor ? { x: given } : (given as EvaluationData);
  return { ...checkedWhole(data), dispose: () => {} };
}

function checkedWhole(data: EvaluationData): Omit<CheckedData, "dispose"> {
  const { x, target = "top1", masks, names } = data;
  const inputs: readonly Tensor[] = Array.isArray(x) ? x : [x as Tensor];
  if (inputs.length === 0 || !inputs.every((input) => input instanceof tf.Tensor && input.rank > 0)) {
    throw new ParameterError("data.x", describe(x), "a tensor [samples, …], or a list of those");
  }
  const [count = 0] = inputs[0]!.shape;
  const off = inputs.find(({ shape }) => shape[0] !== count);
  if (off !== undefined) throw new InputShapeError(`[${count}, …] in every input`, `[${off.shape}]`);
  if (count === 0) throw new InputShapeError("at least one sample", "none");
  if (masks !== undefined && masks.shape[0] !== count) {
    throw new InputShapeError(`masks of ${count} samples`, `masks [${masks.shape}]`);
  }
  const targets = Array.isArray(target) ? (target as readonly (string | number)[]) : Array(count).fill(target);
  if (targets.length !== count) throw new ParameterError("data.target", targets, `one target, or ${count}`);
  if (!targets.every((one) => typeof one === "string" || typeof one === "number")) {
    throw new ParameterError("data.target", target, 'an index, a class name or "top1", or a list of those');
  }
  if (names !== undefined && names.length !== count) {
    throw new ParameterError("data.names", names, `${count} names, one for each sample`);
  }
  return {
    ...data,
    count,
    targets: targets as (string | number)[],
    names: names ?? Array.from({ length: count }, (_, at) => String(at)),
    size: inputs.reduce((sum, input) => sum + input.size / count, 0),
    fingerprint: fingerprintOf(inputs, masks, targets as (string | number)[], data.output ?? 0),
    slice: (samples) => sliced(inputs, Array.isArray(x), masks, samples),
    extent: () => {
      const [low, high] = tf.tidy(() => [tf.min(inputs[0]!).dataSync()[0]!, tf.max(inputs[0]!).dataSync()[0]!]);
      return { low: low!, high: high! };
    },
  };
}

function sliced(
  inputs: readonly Tensor[],
  isSeveral: boolean,
  masks: Tensor | undefined,
  samples: readonly number[],
): Slice {
  const part = (tensor: Tensor) =>
    tf.slice(tensor, [samples[0]!, ...tensor.shape.slice(1).map(() => 0)], [samples.length, ...tensor.shape.slice(1)]);
  const parts = inputs.map(part);
  const ofMasks = masks && part(masks);
  return {
    samples,
    x: isSeveral ? parts : parts[0]!,
    masks: ofMasks,
    dispose: () => tf.dispose([...parts, ...(ofMasks ? [ofMasks] : [])]),
  };
}

function fingerprintOf(
  inputs: readonly Tensor[],
  masks: Tensor | undefined,
  targets: readonly (string | number)[],
  output: number,
): string {
  const text = JSON.stringify([inputs.map(({ shape }) => shape), masks?.shape ?? null, targets, output]);
  let hash = hashOf(tf.util.encodeString(text));
  for (const tensor of [...inputs, ...(masks ? [masks] : [])]) hash = hashOf(tensor.dataSync() as Float32Array, hash);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
