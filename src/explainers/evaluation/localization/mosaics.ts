import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../errors.js";
import { seededRandom } from "../../numerics/random.js";

/** Pictures of four, and what is to be found in them. */
export interface Mosaics {
  /** `[count, height, width, channel]`. */
  readonly x: tf.Tensor4D;
  /** `[count, height, width]`: 1 on the two cells of the class. */
  readonly masks: tf.Tensor3D;
  /** Of each mosaic, the class that two of its pictures have. */
  readonly targets: number[];
}

export interface MosaicOptions {
  /** Default 16. */
  readonly count?: number;
  /** Default 0. */
  readonly seed?: number;
  /**
   * `"half"`, the default, shrinks pictures so that a mosaic has their size, which nets of one size need; `"whole"` keeps them, and a
   * mosaic is twice as high and wide.
   */
  readonly cells?: "half" | "whole";
}

/**
 * Mosaics of 2 × 2 pictures for the measure `focus` (Arias-Duart et al. 2022): two of a class and two of others, drawn and placed at random.
 *
 * @param pictures `[n, height, width, channel]`; stays the caller's, as the mosaics do
 * @param labels the class of each; at least one class must have two pictures, and another one must have two or two others one
 * @throws ParameterError
 */
export function mosaics(pictures: tf.Tensor4D, labels: ArrayLike<number>, options: MosaicOptions = {}): Mosaics {
  const { count = 16, seed = 0, cells = "half" } = options;
  const [available, height, width] = pictures.shape;
  if (labels.length !== available)
    throw new ParameterError("labels", labels.length, `one for each of ${available} pictures`);
  if (!Number.isInteger(count) || count < 1) throw new ParameterError("count", count, "a whole number of at least 1");
  if (cells !== "half" && cells !== "whole") throw new ParameterError("cells", cells, "half or whole");
  if (cells === "half" && (height % 2 === 1 || width % 2 === 1)) {
    throw new ParameterError("cells", cells, `whole: ${height} × ${width} cannot be halved`);
  }
  const all = Array.from(labels);
  const classes = [...new Set(all)].filter((label) => {
    const own = all.filter((other) => other === label).length;
    return own >= 2 && all.length - own >= 2;
  });
  if (classes.length === 0) {
    throw new ParameterError("labels", all.slice(0, 8), "of a class with two pictures, and two pictures of others");
  }
  const random = seededRandom(seed);
  const drawn = (indices: number[]) => Array.from(random.permutation(indices.length).slice(0, 2), (i) => indices[i]!);
  const chosen: number[] = [];
  const wanted: number[] = [];
  const targets: number[] = [];
  for (let mosaic = 0; mosaic < count; mosaic++) {
    const label = classes[random.integer(classes.length)]!;
    const own = drawn(all.flatMap((other, index) => (other === label ? [index] : [])));
    const others = drawn(all.flatMap((other, index) => (other === label ? [] : [index])));
    const four = [...own, ...others];
    const order = random.permutation(4);
    chosen.push(...Array.from(order, (place) => four[place]!));
    wanted.push(...Array.from(order, (place) => Number(place < 2)));
    targets.push(label);
  }
  const [cellHeight, cellWidth] = cells === "half" ? [height / 2, width / 2] : [height, width];
  return tf.tidy(() => {
    const four = tf.gather(pictures, tf.tensor1d(chosen, "int32"));
    // The mean of each 2 × 2 pixels.
    const cell =
      cells === "half" ? (tf.avgPool(four as tf.Tensor4D, 2, 2, "valid") as tf.Tensor4D) : (four as tf.Tensor4D);
    const marks = tf.mul(
      tf.ones([4 * count, cellHeight, cellWidth, 1]),
      tf.reshape(tf.tensor1d(wanted), [-1, 1, 1, 1]),
    );
    return {
      x: arranged(cell, count),
      masks: tf.reshape(arranged(marks as tf.Tensor4D, count), [count, 2 * cellHeight, 2 * cellWidth]) as tf.Tensor3D,
      targets,
    };
  });
}

/** Cells in fours to pictures of 2 × 2. */
function arranged(cells: tf.Tensor4D, count: number): tf.Tensor4D {
  const [, height, width, channels] = cells.shape;
  const apart = tf.reshape(cells, [count, 2, 2, height, width, channels]);
  return tf.reshape(tf.transpose(apart, [0, 1, 3, 2, 4, 5]), [count, 2 * height, 2 * width, channels]);
}
