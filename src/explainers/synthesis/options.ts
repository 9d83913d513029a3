import { checked, choice, dataOf, type Parameter, real, type ValuesOf, whole } from "../parameters.js";
import type { Density } from "./density.js";
import type { ParametrizationMaker } from "./parametrization.js";
import type { PrototypeTarget } from "./target.js";

type Densities = readonly { readonly density: Density; readonly strength: number }[];

const isDensities = (value: unknown): value is Densities => Array.isArray(value);

/** A number of at least 0; 0 turns off what it measures. */
const amount = (initial: number, description: string, unit?: string) =>
  real(initial, description, { least: 0, ...(unit !== undefined && { unit }) });

const share = (description: string) => real(0, description, { least: 0, most: 1 });
const percentile = (description: string) => real(0, description, { least: 0, most: 100, unit: "%" });

/**
 * What is maximized is `target − l1 Σ|x| − l2 Σx² − totalVariation TV(x) + Σ strength log p(x) − diversity S(x) − code ‖z‖²`, in the
 * input's units, sums over a sample. All of these are read anew at each step: change the object while the run goes on.
 */
export const liveParameters = {
  maximize: choice(["logit", "logProbability"], "logProbability", "For a class: its logit, or its log probability"),
  l1: amount(0, "Strength of Σ|x|"),
  l2: amount(0, "Strength of Σx²"),
  totalVariation: amount(0, "Strength of the total variation"),
  densities: {
    ...dataOf("Densities that the prototype should also have much of, each with its strength", "a list", isDensities),
    default: [] as Densities,
  } as Parameter<Densities>,
  diversity: amount(0, "Strength of the mean cosine between a start's picture and the others'"),
  code: amount(0.01, "Strength of ‖z‖², the squared length of a generator's code"),
  jitter: amount(0, "The picture is moved by up to so much at each step", "pixels"),
  rotation: amount(0, "The picture is turned by up to so much at each step", "degrees"),
  scale: {
    ...amount(0, "The picture is enlarged or reduced by up to this share at each step"),
    range: "a number of at least 0 and below 1",
    accepts: (value: unknown) => typeof value === "number" && value >= 0 && value < 1,
  },
  blur: amount(0, "Standard deviation of the Gaussian that smooths the picture now and then", "pixels"),
  blurEvery: whole(4, "After how many steps it does so again: steps between can sharpen what matters", {
    least: 1,
    unit: "steps",
  }),
  decay: share("Share of its values that a picture of pixels loses at each step"),
  smallNorm: percentile("Pixels below this percentile of all lengths over channels become 0 at each step"),
  smallContribution: percentile("Pixels below this percentile of all first-order contributions become 0 at each step"),
  learningRate: amount(0.05, "Of Adam"),
  steps: {
    ...amount(256, "Steps after which the run ends; may be Infinity"),
    accepts: (value: unknown) => typeof value === "number" && value >= 0,
  },
};

/** The options that may change while a run goes on. */
export type LiveOptions = { -readonly [Name in keyof Settings]?: Settings[Name] };

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
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** Live options with their defaults. */
export type Settings = ValuesOf<typeof liveParameters>;

const names = Object.keys(liveParameters) as (keyof Settings)[];

/**
 * The live options as they are now.
 *
 * @throws ParameterError when one is out of its range
 */
export function settingsOf(options: LiveOptions): Settings {
  return checked("a prototype", liveParameters, Object.fromEntries(names.map((name) => [name, options[name]])));
}
