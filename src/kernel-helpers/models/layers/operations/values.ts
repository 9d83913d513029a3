import * as tf from "@tensorflow/tfjs-core";

/** What an operation is given, by the names of Keras' parameters: tensors, and what stands in the file beside them. */
export type Arguments = { readonly [parameter: string]: unknown };

/** A tensor, a number, or lists of numbers, as a tensor. */
export function tensorOf(value: unknown): tf.Tensor {
  if (value instanceof tf.Tensor) return value.dtype === "bool" ? tf.cast(value, "float32") : value;
  if (typeof value === "boolean") return tf.scalar(Number(value));
  return tf.tensor(value as number[], undefined, "float32");
}

/** An axis, or several, counted from the front; undefined for all. */
export function axesOf(axis: unknown, rank: number): number[] | undefined {
  if (axis === null || axis === undefined) return undefined;
  return ([axis].flat() as number[]).map((one) => (one < 0 ? one + rank : one));
}

export const axisOf = (axis: unknown, rank: number): number => axesOf(axis, rank)![0]!;

/** A condition, from a comparison or from numbers. */
export const conditionOf = (value: unknown): tf.Tensor => {
  const tensor = value instanceof tf.Tensor ? value : tensorOf(value);
  return tensor.dtype === "bool" ? tensor : tf.notEqual(tensor, 0);
};
