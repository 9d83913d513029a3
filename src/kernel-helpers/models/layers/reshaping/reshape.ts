import * as tf from "@tensorflow/tfjs-core";
import { defineLayer, type Shape } from "../define-layer.js";

interface Settings {
  targetShape: (number | null)[];
}

/** The sizes that `target` means for a sample of the sizes `input`: one of them may be −1, what is left. */
function resolved(input: Shape, target: Shape): Shape {
  const open = target.findIndex((size) => size === null || size < 0);
  if (open < 0) return target;
  const product = (sizes: Shape) => sizes.reduce((all: number, size) => all * size!, 1);
  if (input.includes(null)) return target.with(open, null);
  return target.with(open, product(input) / product(target.toSpliced(open, 1)));
}

/** `Reshape` that knows what −1 in its `target_shape` stands for, as the layers behind it must. */
export const reshape = defineLayer<Settings>({
  className: "Reshape",
  call: (x, { targetShape }) => tf.reshape(x, [x.shape[0]!, ...(resolved(x.shape.slice(1), targetShape) as number[])]),
  outputShape: (input, { targetShape }) => [input[0]!, ...resolved(input.slice(1), targetShape)],
});
