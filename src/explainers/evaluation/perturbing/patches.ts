import type { Tensor } from "@tensorflow/tfjs-core";
import { ParameterError } from "../../errors.js";
import type { Attribution } from "../../explanation.js";
import type { Extent } from "../../methods/perturbation/windows/windows.js";
import { sizeOf } from "../../network/shapes.js";
import { type Features, featuresOf } from "./features.js";

/**
 * The patches of one input: `patch` positions along each axis of positions, or one number for each, with all their channels.
 *
 * @throws InputShapeError for an attribution of other positions; ParameterError for a patch of other axes
 */
export function patches(x: Tensor, attribution: Attribution, patch: Extent): Features {
  const positions = featuresOf(x, attribution, "together");
  const axes = x.rank > 2 ? x.rank - 2 : 1;
  const sizes = typeof patch === "number" ? Array<number>(axes).fill(patch) : patch.slice(0, axes);
  if (sizes.length !== axes || (typeof patch !== "number" && patch.length > axes + 1)) {
    throw new ParameterError("patch", `[${patch}]`, `one number, or one for each of ${axes} axes of positions`);
  }
  return patchesOf(positions, sizes);
}

/**
 * Positions put together into patches of `sizes` along each axis, each with the sum of their relevance. Patches lie in a grid; where
 * an axis is no multiple of a patch, those at both ends are cut, by the same number or by one more at the far end.
 *
 * @param features of positions, `shape` their axes and 1 for the channels
 */
function patchesOf(features: Features, sizes: readonly number[]): Features {
  const { shape, relevance } = features;
  const axes = sizes.map((size, axis) => {
    const count = Math.ceil(shape[axis]! / size);
    return { size, count, before: Math.floor((count * size - shape[axis]!) / 2) };
  });
  const ids = Int32Array.from({ length: sizeOf(shape) }, (_, place) => {
    let [id, inner] = [0, place];
    let stride = 1;
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      const { size, count, before } = axes[axis]!;
      id += Math.floor(((inner % shape[axis]!) + before) / size) * stride;
      inner = Math.floor(inner / shape[axis]!);
      stride *= count;
    }
    return id;
  });
  const count = axes.reduce((product, axis) => product * axis.count, 1);
  const sums = relevance.map((values) => {
    const sum = new Float64Array(count);
    for (let place = 0; place < ids.length; place++) sum[ids[place]!]! += values[place]!;
    return Float32Array.from(sum);
  });
  return { count, relevance: sums, shape, ids };
}
