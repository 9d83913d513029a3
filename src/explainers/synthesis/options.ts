import { ParameterError } from "../errors.js";
import type { Density } from "./density.js";
import type { ParametrizationMaker } from "./parametrization.js";
import type { Maximize, PrototypeTarget } from "./target.js";

/**
 * What is maximized is `target − l1 Σ|x| − l2 Σx² − totalVariation TV(x) + Σ strength log p(x) − diversity S(x) − code ‖z‖²`, in the
 * input's units, sums over a sample. All of these are read anew at each step: change the object while the run goes on.
 */
export interface LiveOptions {
  /** For a class: its logit, or the logarithm of its probability (default). */
  maximize?: Maximize;
  /** Strength of `Σ|x|`. Default 0. */
  l1?: number;
  /** Strength of `Σx²`. Default 0. */
  l2?: number;
  /** Strength of the total variation. Default 0. */
  totalVariation?: number;
  /** Densities that the prototype should also have much of, each with its strength. Default none. */
  densities?: readonly { readonly density: Density; readonly strength: number }[];
  /** Strength of the mean cosine between a start's picture and the others'. Default 0. */
  diversity?: number;
  /** Strength of `‖z‖²`, the squared length of a generator's code. Default 0.01. */
  code?: number;
  /** The picture is moved by up to so many pixels at each step. Default 0. */
  jitter?: number;
  /** The picture is turned by up to so many degrees at each step. Default 0. */
  rotation?: number;
  /** The picture is enlarged or reduced by up to this share at each step. Default 0. */
  scale?: number;
  /** Standard deviation, in pixels, of the Gaussian that smooths the picture every fourth step. Default 0. */
  blur?: number;
  /** Of Adam. Default 0.05. */
  learningRate?: number;
  /** Steps after which the run ends; may be Infinity. Default 256. */
  steps?: number;
}

/** Options that are read once, at the start. */
export interface PrototypeOptions extends LiveOptions {
  target: PrototypeTarget;
  /** Shape of one input, without batch; needed when the model does not say. */
  shape?: readonly number[];
  /** Lowest and highest value of an input; null for any. Default: what a loaded model says, else null. */
  bounds?: readonly [number, number] | null;
  /** What is optimized: the pixels, a Fourier basis with decorrelated colors, or what `generator(…)` returns. Default `"pixels"`. */
  parametrization?: "pixels" | "fourier" | ParametrizationMaker;
  /** Prototypes found side by side, from different starts. Default 1. */
  starts?: number;
  /** Of the starts and of the random views. Default 0. */
  seed?: number;
  /** Steps between two that are reported. Default 1. */
  every?: number;
  /** Ends the run: its iterator then throws the signal's reason. */
  signal?: StopSignal;
}

/** What is used of an `AbortSignal`, which this file cannot name: neither Node nor the DOM is known here. */
export interface StopSignal {
  readonly aborted: boolean;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
}

/** Live options with their defaults. */
export type Settings = Required<LiveOptions>;

const DEFAULTS: Settings = {
  maximize: "logProbability",
  l1: 0,
  l2: 0,
  totalVariation: 0,
  densities: [],
  diversity: 0,
  code: 0.01,
  jitter: 0,
  rotation: 0,
  scale: 0,
  blur: 0,
  learningRate: 0.05,
  steps: 256,
};

/**
 * The live options as they are now.
 *
 * @throws ParameterError when one is not a number in its range.
 */
export function settingsOf(options: LiveOptions): Settings {
  const settings = { ...DEFAULTS };
  for (const key of Object.keys(DEFAULTS) as (keyof Settings)[]) {
    if (options[key] !== undefined) Object.assign(settings, { [key]: options[key] });
    const value = settings[key];
    if (key === "maximize" || key === "densities") continue;
    const finite = Number.isFinite(value) || (key === "steps" && value === Number.POSITIVE_INFINITY);
    if (typeof value !== "number" || !finite || value < 0)
      throw new ParameterError(key, value, "a number of at least 0");
  }
  if (settings.scale >= 1) throw new ParameterError("scale", settings.scale, "below 1");
  return settings;
}
