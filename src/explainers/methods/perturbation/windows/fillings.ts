import type { Tensor } from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import type { Random } from "../../../numerics/random.js";
import { backgroundRows } from "../shapley/background.js";
import { boxEntries } from "./boxes.js";
import { type Conditional, conditionOn, type PatchGaussian } from "./patch-gaussian.js";
import type { WindowAxis } from "./windows.js";

/** Where a window lies: its first entry and its size along each axis. */
interface Box {
  readonly starts: readonly number[];
  readonly sizes: readonly number[];
}

/** Fills windows of a sample: which entries, and one filling after the other. */
export type Fill = (
  values: Float32Array,
  box: Box,
  random: Random,
) => { readonly entries: Int32Array; draw(): Float32Array };

export function windowBox(axes: readonly WindowAxis[], window: number): Box {
  const starts = axes.map(() => 0);
  let rest = window;
  for (let axis = axes.length - 1; axis >= 0; axis--) {
    starts[axis] = (rest % axes[axis]!.count) * axes[axis]!.stride;
    rest = Math.floor(rest / axes[axis]!.count);
  }
  return { starts, sizes: axes.map(({ size, entries }, axis) => Math.min(size, entries - starts[axis]!)) };
}

/** p(x_i): the entries of another input at the same place. */
export function marginal(background: Tensor, shape: readonly number[]): Fill {
  const rows = backgroundRows(background, shape);
  return (_, { starts, sizes }, random) => {
    const entries = boxEntries(shape, starts, sizes);
    return {
      entries,
      draw: () => {
        const row = rows[random.integer(rows.length)]!;
        return Float32Array.from(entries, (entry) => row[entry]!);
      },
    };
  };
}

/** p(x_i | what surrounds it), with the window as near to the middle of a patch as the border allows. */
export function conditional(gaussian: PatchGaussian, shape: readonly number[], clip: boolean): Fill {
  if (gaussian.shape.length !== shape.length || gaussian.shape.some((length, axis) => length > shape[axis]!)) {
    throw new ParameterError(
      "gaussian",
      `patches of [${gaussian.shape}]`,
      `fitted to patches that fit into a sample [${shape}]`,
    );
  }
  const [low, high] = clip ? gaussian.range : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const known = new Map<string, { conditional: Conditional; around: Int32Array; inside: Int32Array }>();
  return (values, { starts, sizes }, random) => {
    if (sizes.some((length, axis) => length > gaussian.shape[axis]!)) {
      throw new ParameterError("window", `[${sizes}]`, `at most the Gaussian's patch, [${gaussian.shape}]`);
    }
    const corner = gaussian.shape.map((length, axis) =>
      Math.max(0, Math.min(starts[axis]! - Math.floor((length - sizes[axis]!) / 2), shape[axis]! - length)),
    );
    const offsets = starts.map((start, axis) => start - corner[axis]!);
    const key = `${offsets}/${sizes}`;
    let model = known.get(key);
    if (model === undefined) {
      const inside = boxEntries(gaussian.shape, offsets, sizes);
      const unknown = new Set(inside);
      const around = Int32Array.from({ length: gaussian.mean.length }, (_, i) => i).filter((i) => !unknown.has(i));
      model = { conditional: conditionOn(gaussian, [...inside], [...around]), around, inside };
      known.set(key, model);
    }
    const patch = boxEntries(shape, corner, gaussian.shape);
    const average = model.conditional.mean(Float64Array.from(model.around, (i) => values[patch[i]!]!));
    const { factor } = model.conditional;
    const n = average.length;
    return {
      entries: Int32Array.from(model.inside, (i) => patch[i]!),
      draw: () => {
        const noise = random.gaussians(n);
        return Float32Array.from(average, (center, i) => {
          let value = center;
          for (let j = 0; j <= i; j++) value += factor[i * n + j]! * noise[j]!;
          return Math.min(high, Math.max(low, value));
        });
      },
    };
  };
}
