import * as tf from "@tensorflow/tfjs-node";
import { seededRandom } from "../../../src/explainers/numerics/random.js";

/** Values of a layer and the inputs that they are of. */
interface Lesson {
  readonly net: tf.Sequential;
  readonly count: number;
  /** Values and inputs of samples; the caller disposes of both. */
  readonly take: (samples: Int32Array) => { values: tf.Tensor; inputs: tf.Tensor };
  readonly steps: number;
  readonly batch: number;
  readonly seed: number;
  readonly log: (line: string) => void;
}

/** Steps between two lines of the log. */
const LOGGED = 200;

/**
 * Trains a net to give the inputs back: Adam on the mean squared difference, its rate falling along a cosine. Returns the mean of the last
 * steps' errors.
 */
export async function fitInverter({ net, count, take, steps, batch, seed, log }: Lesson): Promise<number> {
  const random = seededRandom(seed);
  const optimizer = tf.train.adam(0);
  let order = random.permutation(count);
  let place = 0;
  let [sum, summed, last] = [0, 0, Number.NaN];
  for (let step = 0; step < steps; step++) {
    if (place + batch > count) [order, place] = [random.permutation(count), 0];
    const { values, inputs } = take(order.subarray(place, place + batch));
    place += batch;
    // A short rise first: the nets are small, and their first steps are the wildest.
    const rise = Math.min(1, (step + 1) / 50);
    Object.assign(optimizer, { learningRate: rise * 1e-3 * (1 + Math.cos((Math.PI * step) / steps)) });
    const loss = tf.tidy(
      () =>
        optimizer.minimize(
          () => tf.mean(tf.squaredDifference(net.apply(values, { training: true }) as tf.Tensor, inputs)),
          true,
        )!,
    );
    sum += loss.dataSync()[0]!;
    summed++;
    tf.dispose([loss, values, inputs]);
    if ((step + 1) % LOGGED === 0 || step + 1 === steps) {
      last = sum / summed;
      log(`${net.name}: step ${step + 1} of ${steps}, error ${Math.sqrt(last).toFixed(4)}`);
      [sum, summed] = [0, 0];
      await tf.nextFrame();
    }
  }
  optimizer.dispose();
  return last;
}

/**
 * Multiplies what a net's first layer takes, channel by channel, into its weights: nets learn from values of usual size, and are kept to
 * be given values as they are.
 *
 * @param factors by which the values were multiplied while it learned; one for each channel of the first layer's input
 */
export function foldScale(net: tf.Sequential, factors: tf.Tensor1D): void {
  tf.tidy(() => {
    const first = net.layers[0]!;
    const [kernel, ...rest] = first.getWeights() as [tf.Tensor, ...tf.Tensor[]];
    // Of a convolution and of a dense layer, channels of the input are the axis before the last.
    const along = kernel.shape.map((_, axis) => (axis === kernel.rank - 2 ? -1 : 1));
    first.setWeights([tf.mul(kernel, tf.reshape(factors, along)), ...rest]);
  });
}
