import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { InputShapeError, LimpidError } from "../../errors.js";
import { type Model, record } from "../../network/index.js";
import { hold, Pool, scoped } from "../../network/tensors.js";
import { boundsOf } from "../input-shape.js";
import type { Bounds } from "../parametrization.js";
import { representationOf } from "./representation.js";

/** What a network made of a layer's values. */
export interface Reconstruction {
  /** `[batch, …shape]`, row by row, within the input's bounds. */
  readonly picture: Float32Array;
  readonly shape: readonly number[];
  /** `‖Φ(x) − Φ₀‖²/‖Φ₀‖²` of each picture; NaN or infinite where the layer gave zeros. */
  readonly representationError: Float32Array;
  /** Root mean square difference to each input, in units of the input. */
  readonly pixelError: Float32Array;
}

/** A network does not fit the layer that it is to invert. */
export class InverterError extends LimpidError {}

/** Inputs that are reconstructed at once. */
const BATCH = 16;

/**
 * Reconstructs inputs from what a layer makes of them, by a network that was trained to (Dosovitskiy & Brox 2016): in one pass, and as the
 * mean of all pictures that the layer cannot tell apart, so what is lost looks blurred.
 *
 * @param options.layer whose values `net` takes
 * @param options.net from the layer's values `[batch, …]` to inputs `[batch, …shape]`
 * @param options.bounds lowest and highest value of an input; by default what the model says
 * @param x `[batch, …shape]`
 * @throws LayerError; InverterError, where `net` takes or gives other shapes; InputShapeError
 */
export function reconstruct(
  model: Model,
  { layer, net, bounds }: { readonly layer: string; readonly net: Model; readonly bounds?: Bounds },
  x: Tensor,
): Reconstruction {
  const [batch = 0, ...shape] = x.shape;
  if (batch < 1) throw new InputShapeError("[batch, …], of at least one input", `[${x.shape}]`);
  const within = boundsOf(model, bounds);
  const picture = new Float32Array(x.size);
  const representationError = new Float32Array(batch);
  const pixelError = new Float32Array(batch);
  for (let start = 0; start < batch; start += BATCH) {
    scoped(() => {
      const part = tf.slice(x, start, Math.min(BATCH, batch - start));
      const held = new Pool();
      try {
        const before = held.own(representationOf(model, layer, part));
        const made = held.own(drawn(net, layer, before, part.shape));
        const kept = within === null ? made : tf.clipByValue(made, within[0], within[1]);
        const after = held.own(representationOf(model, layer, kept));
        const errors = tf.div(meanSquare(tf.sub(after, before)), meanSquare(before));
        picture.set(kept.dataSync(), (start * x.size) / batch);
        representationError.set(errors.dataSync(), start);
        pixelError.set(tf.sqrt(meanSquare(tf.sub(kept, part))).dataSync(), start);
      } finally {
        held.dispose();
      }
    });
  }
  return { picture, shape, representationError, pixelError };
}

function drawn(net: Model, layer: string, values: Tensor, wanted: readonly number[]): Tensor {
  let pass: ReturnType<typeof record>;
  try {
    pass = record(net, values, { keep: ({ outputs }) => new Set(outputs), keepTails: true });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new InverterError(`The network cannot take what layer "${layer}" gives, [${values.shape}]: ${why}`, {
      cause,
    });
  }
  try {
    const made = pass.outputs[0]!;
    if (made.shape.join() !== wanted.join()) {
      throw new InverterError(`The network gives [${made.shape}] of layer "${layer}", not inputs of [${wanted}].`);
    }
    return hold(made);
  } finally {
    pass.dispose();
  }
}

const meanSquare = (x: Tensor): Tensor => tf.mean(tf.reshape(tf.square(x), [x.shape[0]!, -1]), 1);
