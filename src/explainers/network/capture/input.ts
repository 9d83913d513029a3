import type { Tensor } from "@tensorflow/tfjs-core";
import { DisposedError, describe, InputShapeError, NonFiniteError } from "../../errors.js";
import type { Runner } from "./model.js";
import { firstNonFinite } from "./non-finite.js";

/** A model's input: one tensor, or a list for a model of several inputs; batch first. */
export type Input = Tensor | readonly Tensor[];

/**
 * The tensors of an input that a model can be run and explained on. Nets can swallow NaN (a ReLU, a max pool), so it is looked
 * for here and not in what comes out.
 *
 * @throws InputShapeError for what is no tensor, does not fit or has no sample; DisposedError; NonFiniteError
 */
export function tensorsOf(x: Input, { check }: Pick<Runner, "check">): readonly Tensor[] {
  const inputs: readonly Tensor[] = Array.isArray(x) ? x : [x as Tensor];
  const place = (index: number) => (inputs.length === 1 ? "input" : `input ${index + 1} of ${inputs.length}`);
  inputs.forEach((input, index) => {
    if (typeof (input as Tensor | null | undefined)?.dataSync !== "function") {
      throw new InputShapeError("a tensor, batch first", describe(input));
    }
    if (input.isDisposed) {
      throw new DisposedError(
        `The ${place(index)}, a tensor of shape [${input.shape.join(", ")}], has been disposed of: make it again, ` +
          "or keep it (tf.keep) until it has been explained.",
      );
    }
  });
  check(inputs);
  inputs.forEach((input, index) => {
    if (input.shape[0] === 0) throw new InputShapeError("a batch of at least one sample", "an empty batch");
    const bad = firstNonFinite(input);
    if (bad !== undefined) throw new NonFiniteError(place(index), "input", "value", bad);
  });
  return inputs;
}
