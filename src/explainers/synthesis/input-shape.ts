import { ParameterError } from "../errors.js";
import type { Model } from "../network/index.js";
import type { Bounds } from "./parametrization.js";

/** Where models say what they take: a loaded model by `input`, a layers or graph model by `inputs`. */
interface Described {
  input?: { shape?: (number | null)[]; low?: number | number[]; high?: number | number[] };
  inputs?: { shape?: (number | null)[] }[];
  net?: Described;
}

/**
 * Shape of one sample, without batch, as far as the model says.
 *
 * @throws ParameterError when the model does not say, or leaves a size open.
 */
export function inputShapeOf(model: Model): number[] {
  const { input, inputs, net } = model as Described;
  // A layers model has `input` too: a symbolic tensor with the batch axis.
  const stated = input?.low === undefined ? (net ?? { inputs }).inputs?.[0]?.shape?.slice(1) : input.shape;
  const known = stated?.every((size): size is number => typeof size === "number" && size > 0);
  if (stated === undefined || stated.length === 0 || !known) {
    throw new ParameterError("shape", stated, "given, since the model leaves the size of its input open");
  }
  return stated;
}

/** Lowest and highest value of an input, where a loaded model says so. */
function inputBoundsOf(model: Model): Bounds {
  const { input } = model as Described;
  if (input?.low === undefined || input.high === undefined) return null;
  const [low, high] = [Math.min(...[input.low].flat()), Math.max(...[input.high].flat())];
  return Number.isFinite(low) && Number.isFinite(high) ? [low, high] : null;
}

/**
 * Lowest and highest value of an input: as stated, else what the model says.
 *
 * @throws ParameterError when they are stated the wrong way around
 */
export function boundsOf(model: Model, stated: Bounds | undefined): Bounds {
  const bounds = stated === undefined ? inputBoundsOf(model) : stated;
  if (bounds !== null && !(bounds[0] < bounds[1]))
    throw new ParameterError("bounds", bounds.join(" to "), "a lower and a higher number");
  return bounds;
}
