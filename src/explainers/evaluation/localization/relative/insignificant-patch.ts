import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { boundsOf, type Context } from "../../../context.js";
import { InputShapeError } from "../../../errors.js";
import { sensitivity } from "../../../methods/gradient/input/sensitivity.js";
import { type Model, record } from "../../../network/index.js";
import { sameShape } from "../../../network/shapes.js";
import { scoped } from "../../../network/tensors.js";
import { adam } from "../../../numerics/adam.js";
import { seededRandom } from "../../../numerics/random.js";
import { real, whole } from "../../../parameters.js";
import { follow, type ProgressOptions } from "../../../progress.js";

/** The parameters of the search. */
export const patchParameters = {
  steps: whole(200, "Steps of Adam", { least: 1 }),
  rate: real(0.02, "Their size, in shares of the input's range where that is known", {
    least: 0,
    open: true,
    minor: true,
  }),
  reach: real(0.01, "α: how much the distance of the patch counts against the change of the outputs", {
    least: 0,
    minor: true,
  }),
  tolerance: real(0.05, "How far the outputs may move, in shares of their norm, for a patch to change nothing", {
    least: 0,
    open: true,
    minor: true,
  }),
};

interface Search {
  readonly start: Tensor | undefined;
  readonly steps: number;
  readonly rate: number;
  readonly reach: number;
  readonly tolerance: number;
  readonly seed: number;
}

/** Pictures with a patch in their mask that the model does not see. */
export interface Patched {
  /** The caller owns it. */
  readonly x: Tensor;
  /** ‖f(x + δ) − f(x)‖ / ‖f(x)‖ of each sample. */
  readonly changes: Float64Array;
  /** Root mean square of δ over the mask, in the input's unit. */
  readonly distances: Float64Array;
  /** Why a sample's patch is none; `undefined` where it is one. */
  readonly refusals: readonly (string | undefined)[];
}

/** Looks for δ on the mask that minimizes ‖f(x + δ) − f(x)‖ − α‖δ‖, with x + δ in the input's range. */
export async function insignificantPatch(
  model: Model,
  x: Tensor,
  masks: Tensor,
  context: Context,
  { start, steps, rate, reach, tolerance, seed }: Search,
  run: ProgressOptions,
): Promise<Patched> {
  if (start !== undefined && !sameShape(start.shape, x.shape)) {
    throw new InputShapeError(`start [${x.shape}]`, `[${start.shape}]`);
  }
  const bounds = boundsOf(context);
  const box = tf.tidy(() => {
    const low = bounds && tf.broadcastTo(tf.tensor(bounds.low as number), x.shape);
    const high = bounds && tf.broadcastTo(tf.tensor(bounds.high as number), x.shape);
    const mask = tf.cast(tf.notEqual(tf.reshape(masks, maskShape(x)), 0), "float32");
    return { mask: tf.mul(mask, tf.onesLike(x)), ...(low && high && { low, high }) };
  });
  const gradient = sensitivity(model, { kind: "signed" });
  const optimizer = adam();
  const following = follow(steps, run);
  const original = outputOf(model, x);
  let patched = tf.tidy(() => into(start ?? noise(x, box, seed), x, box));
  try {
    for (let step = 0; step < steps; step++) {
      const recording = record(model, patched);
      let change: { relevance: Float32Array };
      try {
        const weights = tf.tidy(() => unit(tf.sub(recording.outputs[0]!, original)));
        change = await gradient(recording, { target: weights }).finally(() => weights.dispose());
      } finally {
        recording.dispose();
      }
      const next = tf.tidy(() => {
        const away = unit(tf.sub(patched, x));
        const uphill = tf.mul(tf.sub(tf.mul(away, reach), tf.tensor(change.relevance, x.shape)), box.mask);
        const scale = box.high === undefined ? 1 : tf.sub(box.high, box.low!);
        const moved = optimizer.ascend(tf.div(patched, scale), tf.mul(uphill, scale), rate);
        return into(tf.mul(moved, scale), x, box);
      });
      patched.dispose();
      patched = next;
      await following.step(1);
    }
    return scoped(() => judgedPatch(outputOf(model, patched), original, patched, x, box.mask, tolerance));
  } catch (error) {
    patched.dispose();
    throw error;
  } finally {
    optimizer.dispose();
    original.dispose();
    tf.dispose(box);
  }
}

interface Box {
  /** 1 inside, in the input's shape. */
  readonly mask: Tensor;
  readonly low?: Tensor;
  readonly high?: Tensor;
}

const maskShape = (x: Tensor): number[] => (x.shape.length > 2 ? [...x.shape.slice(0, -1), 1] : x.shape);

/** `candidate` inside of the mask and of the range, `x` elsewhere. */
function into(candidate: Tensor, x: Tensor, { mask, low, high }: Box): Tensor {
  const bounded = low && high ? tf.minimum(tf.maximum(candidate, low), high) : candidate;
  return tf.add(tf.mul(bounded, mask), tf.mul(x, tf.sub(1, mask)));
}

function noise(x: Tensor, { low, high }: Box, seed: number): Tensor {
  const random = seededRandom(seed);
  // The same noise for every sample: none depends on its batch.
  const one = [1, ...x.shape.slice(1)];
  if (low && high) {
    return tf.add(low, tf.mul(tf.tensor(random.uniforms(x.size / x.shape[0]!), one), tf.sub(high, low)));
  }
  return tf.add(x, tf.tensor(random.gaussians(x.size / x.shape[0]!), one));
}

function outputOf(model: Model, x: Tensor): Tensor {
  const recording = record(model, x);
  try {
    return tf.clone(recording.outputs[0]!);
  } finally {
    recording.dispose();
  }
}

const axesOf = (x: Tensor): number[] => x.shape.slice(1).map((_, axis) => axis + 1);
const norms = (x: Tensor): Tensor => tf.sqrt(tf.sum(tf.square(x), axesOf(x), true));
/** Each sample over its norm. */
const unit = (x: Tensor): Tensor => tf.div(x, tf.add(norms(x), 1e-12));

function judgedPatch(
  output: Tensor,
  original: Tensor,
  patched: Tensor,
  x: Tensor,
  mask: Tensor,
  tolerance: number,
): Patched {
  const changes = numbers(tf.div(norms(tf.sub(output, original)), norms(original)));
  const entries = tf.maximum(tf.sum(mask, axesOf(mask), true), 1);
  const distances = numbers(tf.div(norms(tf.sub(patched, x)), tf.sqrt(entries)));
  const refusals = Array.from(changes, (change) =>
    change <= tolerance
      ? undefined
      : `No patch was found that the model does not see: its outputs still move by ${(100 * change).toFixed(1)} % of their norm.`,
  );
  return { x: patched, changes, distances, refusals };
}

const numbers = (x: Tensor): Float64Array => Float64Array.from(x.dataSync<"float32">());
