import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { InputShapeError } from "../../../errors.js";
import type { Attribution } from "../../../explanation.js";
import { runnerOf } from "../../../network/capture/model.js";
import { type Input, type Model, type ModelFunction, Recording } from "../../../network/index.js";
import { sizeOf } from "../../../network/shapes.js";

/** All inputs that were given. */
export const severalOf = (x: Input | Recording): readonly Tensor[] =>
  x instanceof Recording ? x.inputs : Array.isArray(x) ? (x as readonly Tensor[]) : [x as Tensor];

interface Joined {
  readonly joint: Model;
  /** `[batch, all entries]`; the caller owns it. */
  readonly x: Tensor;
  /** Deals what was found of the row out to the inputs. */
  readonly parts: <Found extends Pick<Attribution, "relevance" | "shape" | "inputs">>(found: Found) => Found;
}

/**
 * A model of several inputs as one of one row, the entries of all inputs side by side, so that they are hidden together.
 *
 * @throws InputShapeError where the inputs are not as many samples each
 */
export function joined(model: Model, inputs: readonly Tensor[]): Joined {
  const batch = inputs[0]!.shape[0]!;
  const odd = inputs.find(({ shape }) => shape[0] !== batch);
  if (odd !== undefined)
    throw new InputShapeError(`of ${batch} samples in every tensor`, `[${odd.shape}] in one of them`);
  const samples = inputs.map(({ shape }) => shape.slice(1));
  const sizes = samples.map(sizeOf);
  const runner = runnerOf(model);
  const joint: ModelFunction = (row) => {
    const parts = tf.split(row, sizes, 1).map((part, index) => {
      const { dtype } = inputs[index]!;
      const shaped = tf.reshape(part, [row.shape[0]!, ...samples[index]!]);
      // Whole numbers came as floats: they are exact as far as 2²⁴.
      return dtype === "float32" ? shaped : tf.cast(shaped, dtype);
    });
    return runner.run(parts, { enter() {}, leave() {}, label() {} });
  };
  return {
    joint,
    x: tf.tidy(() => {
      const rows = inputs.map((input, index) => tf.reshape(tf.cast(input, "float32"), [batch, sizes[index]!]));
      return tf.concat(rows, 1);
    }),
    parts(found) {
      const width = found.shape[1]!;
      let begin = 0;
      const own = sizes.map((size, index) => {
        const relevance = new Float32Array(batch * size);
        for (let row = 0; row < batch; row++) {
          const from = row * width + begin;
          relevance.set(found.relevance.subarray(from, from + size), row * size);
        }
        begin += size;
        return { relevance, shape: [batch, ...samples[index]!] };
      });
      return { ...found, relevance: own[0]!.relevance, shape: own[0]!.shape, inputs: own };
    },
  };
}

/** Values of one sample of each input, one after the other. */
export function sideBySide(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0]!;
  const row = new Float32Array(parts.reduce((size, part) => size + part.length, 0));
  let begin = 0;
  for (const part of parts) {
    row.set(part, begin);
    begin += part.length;
  }
  return row;
}

/** Where each of several stretches begins that lie one after the other. */
export function beginsOf(sizes: readonly number[]): number[] {
  let end = 0;
  return sizes.map((size) => {
    end += size;
    return end - size;
  });
}

/** One sample of a batch's values. */
export function sampleOf(values: Float32Array, shape: readonly number[], sample: number): Float32Array {
  const size = sizeOf(shape);
  return values.subarray(sample * size, (sample + 1) * size);
}

/** `[rows, …]` as `[rows, entries]`. */
export const asRows = (copies: Tensor): Tensor => tf.reshape(copies, [copies.shape[0]!, -1]);

/** Copies of one input with the others' values of the sample beside them; of one input alone in its own shape. */
export function beside(copies: Tensor, sample: readonly Float32Array[], input: number): Tensor {
  if (sample.length === 1) return copies;
  const rows = copies.shape[0]!;
  const all = sample.map((values, index) =>
    index === input ? asRows(copies) : tf.tile(tf.tensor2d(values, [1, values.length]), [rows, 1]),
  );
  return tf.concat(all, 1);
}
