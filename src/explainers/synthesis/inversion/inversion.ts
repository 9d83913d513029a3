import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { InputShapeError, LimpidError } from "../../errors.js";
import type { Model } from "../../network/index.js";
import { hold } from "../../network/tensors.js";
import { ascend, Gate, type Look, makerOf, type SynthesisRun, steered, taken } from "../ascent.js";
import { boundsOf } from "../input-shape.js";
import { type InversionLook, type InversionProblem, lookAt } from "./objective.js";
import { type InversionOptions, type InversionSettings, inversionSettings } from "./options.js";
import { representationOf } from "./representation.js";

/** The state of an inversion after some steps; a number for each start. */
export interface InversionStep {
  /** Steps made so far; 0 is the start. */
  readonly step: number;
  /** Whether the run ends here. The last pictures are the best found, and never worse than the start. */
  readonly final: boolean;
  /** The pictures, `[starts, …shape]`, row by row. */
  readonly picture: Float32Array;
  readonly shape: readonly number[];
  /** `‖Φ(x) − Φ₀‖²/‖Φ₀‖²`, of what the network saw: with jitter, of the moved picture, but for the first and last step. */
  readonly representationError: Float32Array;
  /** What the regularizers add to it. */
  readonly cost: Float32Array;
  /** Root mean square difference to the inverted picture, in units of the input. */
  readonly pixelError: Float32Array;
  /** Length of the objective's gradient by the parameters; at the first and the last step NaN, as none is computed. */
  readonly gradientNorm: Float32Array;
}

/** A run of `inversion`. */
export type InversionRun = SynthesisRun<InversionStep>;

/** A layer's values are zero everywhere: nothing says how large an error would be. */
export class EmptyRepresentationError extends LimpidError {
  constructor(readonly layer: string) {
    super(
      `Layer "${layer}" gives zeros for this input, so it has no representation to be inverted: take another layer or input.`,
    );
  }
}

/**
 * Searches a picture whose values at a layer are those of a given one: `argmin_x ‖Φ(x) − Φ₀‖²/‖Φ₀‖² + R_α(x) + R_β(x)` by Adam. What the
 * picture lacks, the layer has lost or ignores.
 *
 * @param model any; no more of it is computed than the layer needs
 * @param options See `InversionOptions`; those of `LiveInversionOptions` are read at each step.
 * @returns An async iterator; each request for a step computes `every` steps and lets other work run between them.
 * @throws LayerError, EmptyRepresentationError, ParameterError, InputShapeError and DivergedError from the iterator.
 * @see Mahendran & Vedaldi 2015, “Understanding Deep Image Representations by Inverting Them”
 * @example
 * for await (const { step, representationError } of inversion(model, { layer: "conv2", input: photo.tensor })) {
 *   console.log(step, representationError[0]);
 * }
 */
export function inversion(model: Model, options: InversionOptions): InversionRun {
  const gate = new Gate(options.signal);
  return steered(reconstructions(model, options, gate), gate);
}

/** Runs `inversion` to its end and returns the last step. */
export async function invert(model: Model, options: InversionOptions): Promise<InversionStep> {
  let last: InversionStep | undefined;
  for await (const step of inversion(model, { ...options, every: Number.POSITIVE_INFINITY })) last = step;
  return last!;
}

async function* reconstructions(
  model: Model,
  options: InversionOptions,
  gate: Gate,
): AsyncGenerator<InversionStep, undefined> {
  const { layer, input: given, starts, every, seed } = options;
  const [batch, ...shape] = given.shape;
  if (batch !== 1) throw new InputShapeError("[1, …], one input", `[${given.shape}]`);
  const bounds = boundsOf(model, options.bounds);
  const representation = representationOf(model, layer, given);
  const input = hold(given);
  try {
    const energy = tf.tidy(() => tf.sum(tf.square(representation)).dataSync()[0]!);
    if (energy === 0) throw new EmptyRepresentationError(layer);
    const parametrization = makerOf(options.parametrization)(shape, bounds);
    const problem = { model, layer, parametrization, input, representation, energy, range: rangeOf(input, bounds) };
    const climb = {
      ...{ parametrization, shape, starts, every, seed },
      settings: () => inversionSettings(options),
      evaluate: (settings: InversionSettings, parameters: Tensor, look?: Look) =>
        lookAt(problem, settings, parameters, look),
    };
    for await (const { found, step, final } of ascend<InversionSettings, InversionLook>(climb, gate)) {
      const { representationError, cost, pixelError } = found;
      const { picture, gradientNorm } = taken(found);
      yield { step, final, picture, shape, representationError, cost, pixelError, gradientNorm };
    }
  } finally {
    tf.dispose([representation, input]);
  }
}

/** B: the largest magnitude within the bounds, or without them that of the input itself; 1 where that is zero. */
function rangeOf(input: Tensor, bounds: readonly [number, number] | null): InversionProblem["range"] {
  if (bounds !== null) return Math.max(Math.abs(bounds[0]), Math.abs(bounds[1]));
  return tf.tidy(() => tf.max(tf.abs(input)).dataSync()[0]!) || 1;
}
