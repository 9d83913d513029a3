import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { InputShapeError } from "../../../errors.js";
import type { Attribution } from "../../../explanation.js";
import { runnerOf } from "../../../network/capture/model.js";
import { type Input, type Model, type ModelFunction, Recording } from "../../../network/index.js";

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
 * A model of several rows as one of one row, all of them side by side, so that its entries are hidden together.
 *
 * @throws InputShapeError where an input is no row: what lies beside what is then not known
 */
export function joined(model: Model, inputs: readonly Tensor[]): Joined {
  const odd = inputs.find(({ rank }) => rank !== 2);
  if (odd !== undefined) {
    throw new InputShapeError(
      "one tensor for this method, or several rows [batch, …] (pictures and sequences beside other inputs are explained by LRP or gradients)",
      `${inputs.length} inputs, one of shape [${odd.shape.join(", ")}]`,
    );
  }
  const sizes = inputs.map(({ shape }) => shape[1]!);
  const runner = runnerOf(model);
  const joint: ModelFunction = (row) => {
    const rows = tf.split(row, sizes, 1).map((part, index) => tf.cast(part, inputs[index]!.dtype));
    return runner.run(rows, { enter() {}, leave() {}, label() {} });
  };
  return {
    joint,
    x: tf.tidy(() => tf.concat(inputs.map((input) => tf.cast(input, "float32")) as Tensor[], 1)),
    parts(found) {
      const width = found.shape[1]!;
      const batch = found.relevance.length / width;
      let begin = 0;
      const own = sizes.map((size) => {
        const relevance = new Float32Array(batch * size);
        for (let row = 0; row < batch; row++) {
          const from = row * width + begin;
          relevance.set(found.relevance.subarray(from, from + size), row * size);
        }
        begin += size;
        return { relevance, shape: [batch, size] };
      });
      return { ...found, relevance: own[0]!.relevance, shape: own[0]!.shape, inputs: own };
    },
  };
}
