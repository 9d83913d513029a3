import type { Tensor } from "@tensorflow/tfjs-core";
import { targetIndices } from "../class-names.js";
import { classNamesOf, outputCountOf } from "../context.js";
import { ParameterError } from "../errors.js";
import type { Model } from "../network/index.js";
import { ascend, Gate, type Look, makerOf, type SynthesisRun, steered, taken } from "./ascent.js";
import { type Evaluation, evaluate } from "./evaluation.js";
import { boundsOf, inputShapeOf } from "./input-shape.js";
import { type PrototypeOptions, type Settings, settingsOf } from "./options.js";
import type { Parametrization } from "./parametrization.js";
import { decayed, withoutSmallContributions, withoutSmallNorms } from "./small-pixels.js";
import type { PrototypeTarget } from "./target.js";

/** The state of a run after some steps; a number for each start, unless said otherwise. */
export interface PrototypeStep {
  /** Steps made so far; 0 is the start. */
  readonly step: number;
  /** Whether the run ends here. The last picture is the best found, and never worse than the start. */
  readonly final: boolean;
  /** The pictures, `[starts, …shape]`, row by row. */
  readonly picture: Float32Array;
  readonly shape: readonly number[];
  /** What is maximized, all terms together. */
  readonly objective: Float32Array;
  /** Its first term: log probability, logit, unit's activation or the function's value. */
  readonly activation: Float32Array;
  /** What the prior costs: all other terms, sign turned. */
  readonly cost: Float32Array;
  /** Softmax probability of the class; null for other targets. */
  readonly probability: Float32Array | null;
  /** Length of the objective's gradient by the parameters; at the first and the last step NaN, as none is computed. */
  readonly gradientNorm: Float32Array;
}

/** A run of `activationMaximization`. */
export type PrototypeRun = SynthesisRun<PrototypeStep>;

/**
 * Searches the input that a class, channel, unit or function of a network likes best (Erhan et al. 2009, Simonyan et al. 2014):
 * `max_x f(x) − penalties(x) + log p(x)` by Adam, while the net sees the picture from changing views.
 *
 * Step 0 and the last step are judged without views; the last one is the best of the start, the best step and the end, so that its objective
 * is never below the start's.
 *
 * @param model From `[batch, …shape]` to an output; classes need logits or a softmax, `[batch, classes]`.
 * @param options See `PrototypeOptions`; those of `LiveOptions` are read at each step.
 * @returns An async iterator; each request for a step computes `every` steps and lets other work run between them.
 * @throws TargetError, ParameterError, InputShapeError and DivergedError from the iterator.
 * @example
 * for await (const { step, probability } of activationMaximization(model, { target: 99, totalVariation: 1e-3 })) {
 *   console.log(step, probability[0]);
 * }
 */
export function activationMaximization(model: Model, options: PrototypeOptions): PrototypeRun {
  const gate = new Gate(options.signal);
  return steered(prototypes(model, options, gate), gate);
}

/** Runs `activationMaximization` to its end and returns the last step. */
export async function prototype(model: Model, options: PrototypeOptions): Promise<PrototypeStep> {
  let last: PrototypeStep | undefined;
  for await (const step of activationMaximization(model, { ...options, every: Number.POSITIVE_INFINITY })) last = step;
  return last!;
}

async function* prototypes(
  model: Model,
  options: PrototypeOptions,
  gate: Gate,
): AsyncGenerator<PrototypeStep, undefined> {
  const { starts, every, seed } = options;
  const target = targetIndices(options.target, classNamesOf(model), outputCountOf(model)) as PrototypeTarget;
  const shape = options.shape ?? inputShapeOf(model);
  const parametrization = makerOf(options.parametrization)(shape, boundsOf(model, options.bounds));
  const problem = { model, target, parametrization };
  const climb = {
    ...{ parametrization, shape, starts, every, seed },
    settings: () => checkPixels(settingsOf(options), parametrization),
    evaluate: (settings: Settings, parameters: Tensor, look?: Look) => evaluate(problem, settings, parameters, look),
    after: regularized,
    together: ({ diversity }: Settings) => diversity > 0,
  };
  for await (const { found, step, final } of ascend<Settings, Evaluation>(climb, gate)) {
    const { objective, activation, cost, probability } = found;
    const { picture, gradientNorm } = taken(found);
    yield { step, final, picture, shape, objective, activation, cost, probability, gradientNorm };
  }
}

/** @throws ParameterError where pixels are to be changed by themselves and there are none */
function checkPixels(settings: Settings, { isPicture }: Parametrization): Settings {
  const { decay, smallNorm, smallContribution } = settings;
  for (const [name, value] of Object.entries({ decay, smallNorm, smallContribution })) {
    if (value > 0 && isPicture !== true)
      throw new ParameterError(name, value, '0 unless the pixels themselves are optimized (parametrization: "pixels")');
  }
  return settings;
}

/** What becomes of a picture after a step along the gradient and the blur, in the order of Yosinski et al. 2015. */
function regularized(x: Tensor, { byPictures }: Evaluation, { decay, smallNorm, smallContribution }: Settings): Tensor {
  let next = decay > 0 ? decayed(x, decay) : x;
  if (smallNorm > 0) next = withoutSmallNorms(next, smallNorm);
  if (smallContribution > 0) next = withoutSmallContributions(next, byPictures!, smallContribution);
  return next;
}
