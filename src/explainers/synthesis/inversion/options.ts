import type { Tensor } from "@tensorflow/tfjs-core";
import { checked, type Parameter, real, type ValuesOf, whole } from "../../parameters.js";
import type { StopSignal } from "../options.js";
import type { Bounds, ParametrizationMaker } from "../parametrization.js";

/** A number of at least 0; 0 turns off what it measures. */
const amount = (initial: number, description: string, unit?: string) =>
  real(initial, description, { least: 0, ...(unit !== undefined && { unit }) });

/**
 * What is minimized is `‖Φ(x) − Φ₀‖²/‖Φ₀‖² + alphaNorm · R_α(x)/(HW·B^α) + totalVariation · R_β(x)/(HW·(aB)^β)`, with `R_α = Σ|x|^α` and
 * `R_β` the total variation to the power β; `B` is the largest magnitude that an input may have, `HW` the number of positions: the terms
 * are then of the same order for every input size and scale (Mahendran & Vedaldi 2015, sec. 3.3). All of these are read anew at each step.
 */
const inversionParameters = {
  alphaNorm: amount(0.1, "Strength of the α-norm"),
  alpha: real(6, "α: the higher, the more freely values move within the input's range", { least: 1 }),
  totalVariation: {
    ...real(undefined, "Strength of the total variation; by default 0.01 for pictures, 0 for others", { least: 0 }),
  } as Parameter<number | undefined>,
  beta: real(2, "β: power of the total variation; near 1 edges are sharp, above 2 slopes are spread", { least: 1 }),
  slope: real(1 / 6.5, "a: the usual difference of neighboring pixels, as a share of B", { least: 0, open: true }),
  jitter: amount(0, "The picture is moved by up to so much at each step", "pixels"),
  blur: amount(0, "Standard deviation of the Gaussian that smooths the picture every fourth step", "pixels"),
  learningRate: amount(0.05, "Of Adam"),
  steps: {
    ...whole(200, "Steps after which the run ends; may be Infinity", { least: 0 }),
    accepts: (value: unknown) => typeof value === "number" && value >= 0,
  },
};

/** Live options with their defaults. */
export type InversionSettings = ValuesOf<typeof inversionParameters> & { rotation: 0; scale: 0 };

/** The options that may change while a run goes on. */
export type LiveInversionOptions = {
  -readonly [Name in keyof typeof inversionParameters]?: ValuesOf<typeof inversionParameters>[Name];
};

/** Options that are read once, at the start. */
export interface InversionOptions extends LiveInversionOptions {
  /** The layer whose values are inverted. */
  layer: string;
  /** The input whose values they are, `[1, …]`; it stays the caller's. */
  input: Tensor;
  /** Lowest and highest value of an input; null for any. Default: what a loaded model says, else null. */
  bounds?: Bounds;
  /** What is optimized: the pixels, a Fourier basis with decorrelated colors, or what `generator(…)` returns. Default `"pixels"`. */
  parametrization?: "pixels" | "fourier" | ParametrizationMaker;
  /** Reconstructions found side by side, from different starts. Default 1. */
  starts?: number;
  /** Of the starts and of the jitter. Default 0. */
  seed?: number;
  /** Steps between two that are reported. Default 1. */
  every?: number;
  /** Ends the run: its iterator then throws the signal's reason. */
  signal?: StopSignal;
}

const names = Object.keys(inversionParameters) as (keyof typeof inversionParameters)[];

/**
 * The live options as they are now.
 *
 * @throws ParameterError when one is out of its range
 */
export function inversionSettings(options: LiveInversionOptions): InversionSettings {
  const stated = Object.fromEntries(names.map((name) => [name, options[name]]));
  return { ...checked("an inversion", inversionParameters, stated), rotation: 0, scale: 0 };
}
