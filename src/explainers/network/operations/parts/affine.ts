import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { AffineKind, AffineOperation, Channels } from "./kind.js";

type Own = "kind" | "translate" | "map" | "channels" | "seesNoPadding";

/** An affine kind from its linear map: forward, vjp and facts are the same for all of them. */
export const affineKind = <O extends AffineOperation>(
  own: Pick<AffineKind<O>, Own> & Partial<Pick<AffineKind<O>, "facts" | "forward" | "vjp">>,
): AffineKind<O> => ({
  forward(operation, [x], { map }) {
    const z = map().forward(x!);
    return operation.bias === null ? z : tf.add(z, operation.bias);
  },
  vjp: (_, dy, { inputs }, { map }) => [map().vjp(dy, inputs[0]!.shape)],
  facts: () => ({ linear: true }),
  relevance: () => "affine",
  ...own,
});

/** Numbers along some axes of `weights`, in a shape that broadcasts against all of them. */
export const along = (weights: Tensor, axes: readonly number[], numbers: Tensor): Tensor =>
  tf.reshape(
    numbers,
    weights.shape.map((size, axis) => (axes.includes(axis) ? size : 1)),
  );

/** A number per output channel, in a shape that broadcasts against the weights. */
export const alongOutput = ({ output }: Channels, weights: Tensor, numbers: Tensor): Tensor =>
  along(weights, output, numbers);

/** The sum over all that an output channel sees, of numbers in the shape of the weights: one per output channel. */
export const sumOverInputs = ({ output }: Channels, numbers: Tensor): Tensor =>
  tf.reshape(
    tf.sum(
      numbers,
      numbers.shape.map((_, axis) => axis).filter((axis) => !output.includes(axis)),
    ),
    [-1],
  );
