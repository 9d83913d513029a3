import type { Tensor } from "@tensorflow/tfjs-core";
import { POINTS, type ShatteredGradientsState } from "../../../comms/states/shattered-gradients.js";
import { epsilonGammaBox, epsilonPlus } from "../../../explainers/methods/lrp/index.js";
import {
  type Architecture,
  autocorrelation,
  freezeNet,
  linearPieces,
  lineGrid,
  meanAutocorrelation,
  type NetScan,
  noise,
  randomNet,
  scanModel,
  scanNet,
} from "../../../explainers/shattering/index.js";
import type { LoadedModel } from "../../models/index.js";

/** A trained network, and the line between two of its inputs that is followed through it. */
export interface TrainedLine {
  /** As it stands among the architectures. */
  name: string;
  model: LoadedModel;
  /** One sample each, `[1, …]`. They stay the caller's. */
  from: Tensor;
  to: Tensor;
  /** Index of the output that is followed. */
  target: number;
}

/** The settings of a random net on a line. */
type Settings = Pick<
  ShatteredGradientsState,
  "architecture" | "depth" | "width" | "beta" | "gamma" | "seed" | "interval"
>;

/** A net along its line, and how much points of it agree. */
export interface Scanned {
  curves: NetScan;
  /** Autocorrelations by lag, from 0. */
  agreement: { output: Float64Array; gradient: Float64Array; relevance: Float64Array };
  milliseconds: number;
  /** Decimal logarithm of the linear pieces that the best net of this size has at least; null where no bound is known. */
  bound: number | null;
}

/** Ends of the lines. */
export const INTERVALS = { symmetric: { from: -2, to: 2 }, unit: { from: 0, to: 1 } };

const MAX_LAG = 15;
/** Noises that a reference curve is the mean of. */
const NOISES = 50;

const netOf = ({ architecture, depth, width, beta, seed }: Settings) =>
  randomNet({ architecture: architecture as Architecture, depth, width, beta, seed });

/** Function, gradient, sensitivity and LRP-γ of a random net along its line. */
export function scanRandomNet(settings: Settings): Scanned {
  const { architecture, depth, width, gamma, interval } = settings;
  const start = performance.now();
  const curves = scanNet(netOf(settings), { ...INTERVALS[interval], points: POINTS, gamma });
  const agreement = {
    output: autocorrelation(curves.output, MAX_LAG),
    gradient: autocorrelation(curves.gradient, MAX_LAG),
    relevance: autocorrelation(curves.relevance, MAX_LAG),
  };
  const bound = architecture === "residual" ? null : (depth - 1) * Math.log10(width) + Math.log10(width + 1);
  return { curves, agreement, milliseconds: performance.now() - start, bound };
}

/**
 * The same of a trained network between two of its inputs, by ε-γ-box where its inputs have bounds, else ε-plus.
 *
 * @throws AbortedError
 */
export async function scanTrainedLine(
  { model, from, to, target }: TrainedLine,
  gamma: number,
  run: Pick<Parameters<typeof scanModel>[3], "signal" | "onProgress">,
): Promise<Scanned> {
  const { low, high } = model.input;
  const isBounded = [low, high].flat().every(Number.isFinite);
  const composite = isBounded ? epsilonGammaBox({ low, high, gamma }) : epsilonPlus();
  const start = performance.now();
  const curves = await scanModel(model, from, to, { target, composite, points: POINTS, ...run });
  return { curves, agreement: curves.autocorrelation, milliseconds: performance.now() - start, bound: null };
}

/**
 * Counts the linear pieces of a random net on its line.
 *
 * @throws AbortedError
 */
export function countPieces(
  settings: Settings,
  run: Omit<Parameters<typeof linearPieces>[1], "from" | "to">,
): ReturnType<typeof linearPieces> {
  const line = INTERVALS[settings.interval];
  return linearPieces(freezeNet(netOf(settings), lineGrid({ ...line, points: POINTS })), { ...line, ...run });
}

let references: { brown: Float64Array; white: Float64Array } | undefined;

/** How much points of brown and of white noise agree, on average over many, on lines of this many points. */
export function noiseAgreement(): { brown: Float64Array; white: Float64Array } {
  references ??= { brown: meanOf("brown"), white: meanOf("white") };
  return references;
}

const meanOf = (kind: "brown" | "white") =>
  meanAutocorrelation(
    Array.from({ length: NOISES }, (_, seed) => autocorrelation(noise(kind, POINTS, seed + 1), MAX_LAG)),
  );
