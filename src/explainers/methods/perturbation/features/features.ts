import { ParameterError } from "../../../errors.js";
import { sizeOf } from "../../../network/shapes.js";
import { type SlicOptions, slic } from "../../../numerics/slic.js";

/**
 * Which entries of a sample are present or absent together: each by itself, all channels of one place, the segments that SLIC
 * finds, or ids 0 … n − 1, in a sample's shape, one dimension fewer (all channels together), with a last dimension of 1, or
 * with a leading batch dimension of 1 or of the batch's size.
 */
export type Features = "entries" | "positions" | SlicOptions | ArrayLike<number>;

/** The features of one sample. */
export interface FeatureMap {
  /** The feature of each entry, `[…sample]`, 0 … count − 1. */
  readonly ids: Int32Array;
  readonly count: number;
}

/**
 * Resolves features for every sample of a batch.
 *
 * @param values The batch's values, `[batch, …shape]`.
 * @throws ParameterError where ids are not whole, not consecutive from 0, or of a size that does not fit.
 */
export function featureMaps(features: Features, values: Float32Array, shape: readonly number[]): FeatureMap[] {
  const size = sizeOf(shape);
  const batch = values.length / size;
  const channels = shape.length > 1 ? shape[shape.length - 1]! : 1;
  const same = (map: FeatureMap) => Array.from({ length: batch }, () => map);

  if (features === "entries") return same({ ids: Int32Array.from({ length: size }, (_, i) => i), count: size });
  if (features === "positions") {
    const count = size / channels;
    return same({ ids: Int32Array.from({ length: size }, (_, i) => Math.floor(i / channels)), count });
  }
  if (isSlicOptions(features)) {
    if (shape.length !== 3) {
      throw new ParameterError(
        "features",
        "superpixels",
        `another kind for inputs of shape [${shape}]: superpixels are of images`,
      );
    }
    const [height, width] = shape as [number, number, number];
    return Array.from({ length: batch }, (_, i) => {
      const image = values.subarray(i * size, (i + 1) * size);
      const { labels, count } = slic(image, [height, width, channels], features);
      return { ids: spread(labels, channels), count };
    });
  }
  const ids = features;
  for (const repeat of [1, channels]) {
    if (ids.length * repeat === size) return same(checkedMap(ids, repeat));
    if (ids.length * repeat === size * batch) {
      const per = ids.length / batch;
      return Array.from({ length: batch }, (_, i) =>
        checkedMap(Array.prototype.slice.call(ids, i * per, (i + 1) * per), repeat),
      );
    }
  }
  throw new ParameterError(
    "ids",
    ids,
    `${size} feature ids, one for each entry of a sample [${shape}]; ${ids.length} were given`,
  );
}

function checkedMap(ids: ArrayLike<number>, channels: number): FeatureMap {
  const present = new Set<number>();
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    if (!Number.isInteger(id) || id < 0) throw new ParameterError("ids", id, "whole ids of at least 0");
    present.add(id);
  }
  const count = Math.max(...present) + 1;
  for (let id = 0; id < count; id++) {
    if (!present.has(id))
      throw new ParameterError("ids", ids, `ids without gaps: no entry belongs to feature ${id} of ${count}`);
  }
  return { ids: spread(ids, channels), count };
}

/** Repeats each position's id for its channels. */
function spread(ids: ArrayLike<number>, channels: number): Int32Array {
  const result = new Int32Array(ids.length * channels);
  for (let place = 0; place < ids.length; place++) result.fill(ids[place]!, place * channels, (place + 1) * channels);
  return result;
}

const isSlicOptions = (features: SlicOptions | ArrayLike<number>): features is SlicOptions =>
  !Array.isArray(features) && !ArrayBuffer.isView(features);

/** One value a feature → one value an entry. */
export function perEntry(values: ArrayLike<number>, map: FeatureMap): Float32Array {
  return Float32Array.from(map.ids, (id) => values[id]!);
}
