import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { targetIndices } from "../class-names.js";
import { classNamesOf, outputCountOf } from "../context.js";
import { InputShapeError, LimpidError, ParameterError } from "../errors.js";
import type { Model } from "../network/index.js";
import { adam } from "../numerics/adam.js";
import { type Random, seededRandom } from "../numerics/random.js";
import { type Evaluation, evaluate, type Problem } from "./evaluation.js";
import { inputBoundsOf, inputShapeOf } from "./input-shape.js";
import { type PrototypeOptions, type Settings, type StopSignal, settingsOf } from "./options.js";
import { fourier, type ParametrizationMaker, pixels } from "./parametrization.js";
import { l2 } from "./regularizers.js";
import type { PrototypeTarget } from "./target.js";
import { drawView, type View } from "./view.js";

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

/** A run: an async iterator of steps that works only while it is asked for them. */
export interface PrototypeRun extends AsyncIterableIterator<PrototypeStep> {
  /** Steps asked for from now on wait for `resume()`. */
  pause(): void;
  resume(): void;
  readonly paused: boolean;
  /** Ends the run and frees its tensors, also in the middle. */
  return(): Promise<IteratorResult<PrototypeStep>>;
}

/** The objective has become infinite or no number. */
export class DivergedError extends LimpidError {}

/** A blur is applied each so many steps, so that steps between can sharpen what matters (Yosinski et al. 2015). */
const BLUR_EVERY = 4;

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
  const steps = ascend(model, options, gate);
  return {
    next: () => steps.next(),
    return: () => {
      gate.open();
      return steps.return(undefined);
    },
    pause: () => gate.close(),
    resume: () => gate.open(),
    get paused() {
      return gate.closed;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Runs `activationMaximization` to its end and returns the last step. */
export async function prototype(model: Model, options: PrototypeOptions): Promise<PrototypeStep> {
  let last: PrototypeStep | undefined;
  for await (const step of activationMaximization(model, { ...options, every: Number.POSITIVE_INFINITY })) last = step;
  return last!;
}

async function* ascend(model: Model, options: PrototypeOptions, gate: Gate): AsyncGenerator<PrototypeStep, undefined> {
  const { starts = 1, every = 1, seed = 0 } = options;
  const target = targetIndices(options.target, classNamesOf(model), outputCountOf(model)) as PrototypeTarget;
  if (!Number.isInteger(starts) || starts < 1)
    throw new ParameterError("starts", starts, "a whole number of at least 1");
  if (!(every >= 1)) throw new ParameterError("every", every, "a number of steps, at least 1");
  const shape = options.shape ?? inputShapeOf(model);
  const bounds = options.bounds === undefined ? inputBoundsOf(model) : options.bounds;
  if (bounds !== null && !(bounds[0] < bounds[1]))
    throw new ParameterError("bounds", bounds.join(" to "), "a lower and a higher number");
  const random = seededRandom(seed);
  const parametrization = makerOf(options)(shape, bounds);
  const problem: Problem = { model, target, parametrization };
  const optimizer = adam();
  let parameters = tf.keep(parametrization.start(starts, random));
  const start = tf.keep(tf.clone(parameters));
  let best = { total: Number.NEGATIVE_INFINITY, parameters: tf.keep(tf.clone(parameters)) };
  try {
    let settings = settingsOf(options);
    let made = 0;
    yield report(evaluate(problem, settings, parameters), 0, settings.steps === 0, shape);
    while (made < settings.steps) {
      await gate.passed();
      settings = settingsOf(options);
      if (made >= settings.steps) break;
      const view = viewOf(settings, shape, random);
      let now: Evaluation;
      try {
        now = evaluate(problem, settings, parameters, { view, gradient: true });
      } finally {
        view?.dispose();
      }
      made++;
      const total = now.objective.reduce((sum, value) => sum + value, 0);
      if (!Number.isFinite(total)) {
        tf.dispose([now.pictures, now.gradient!]);
        throw new DivergedError(
          `The objective became ${total} at step ${made}; lower learningRate (${settings.learningRate}).`,
        );
      }
      if (total > best.total) {
        best.parameters.dispose();
        best = { total, parameters: tf.keep(tf.clone(parameters)) };
      }
      const due = made % every === 0 && made < settings.steps;
      const before = parameters;
      parameters = tf.tidy(() => {
        let next = optimizer.ascend(before, now.gradient!, settings.learningRate);
        if (settings.blur > 0 && made % BLUR_EVERY === 0 && parametrization.blur)
          next = parametrization.blur(next, settings.blur);
        return tf.keep(parametrization.contain?.(next) ?? next);
      });
      before.dispose();
      if (due) yield report(now, made, false, shape);
      else tf.dispose([now.pictures, now.gradient!]);
      await tf.nextFrame();
    }
    if (made > 0) {
      parameters = betterOf(problem, settings, [start, best.parameters, parameters]);
      yield report(evaluate(problem, settings, parameters), made, true, shape);
    }
  } finally {
    tf.dispose([parameters, start, best.parameters]);
    optimizer.dispose();
    parametrization.dispose();
  }
}

/** What the reader is told of an evaluation, whose tensors end here. */
function report(evaluation: Evaluation, step: number, final: boolean, shape: readonly number[]): PrototypeStep {
  const { pictures, gradient, objective, activation, cost, probability } = evaluation;
  const gradientNorm =
    gradient === null
      ? new Float32Array(objective.length).fill(Number.NaN)
      : tf.tidy(() => tf.sqrt(l2(gradient)).dataSync<"float32">());
  const picture = pictures.dataSync<"float32">();
  tf.dispose(gradient === null ? pictures : [pictures, gradient]);
  return { step, final, picture, shape, objective, activation, cost, probability, gradientNorm };
}

/**
 * For each start the best of the candidates under the present settings, without views; the candidates are disposed of. Where the starts
 * depend on one another, by their diversity, one candidate is chosen for all.
 */
function betterOf(problem: Problem, settings: Settings, candidates: Tensor[]): Tensor {
  const objectives = candidates.map((candidate) => {
    const { objective, pictures } = evaluate(problem, settings, candidate);
    pictures.dispose();
    return settings.diversity > 0 ? objective.fill(objective.reduce((sum, value) => sum + value, 0)) : objective;
  });
  // A comparison with NaN is false, so what diverged never wins over the start.
  const winnerOf = (start: number) =>
    objectives.reduce((best, values, index) => (values[start]! > objectives[best]![start]! ? index : best), 0);
  const chosen = tf.tidy(() =>
    tf.keep(tf.concat(Array.from(objectives[0]!, (_, start) => tf.slice(candidates[winnerOf(start)]!, start, 1)))),
  );
  tf.dispose(candidates);
  return chosen;
}

/** A view at random, or none when the settings allow none. */
function viewOf({ jitter, rotation, scale }: Settings, shape: readonly number[], random: Random): View | null {
  if (jitter === 0 && rotation === 0 && scale === 0) return null;
  if (shape.length !== 3)
    throw new InputShapeError("[height, width, channel] for jitter, rotation and scale", `[${shape}]`);
  return drawView({ jitter, rotation, scale }, shape[0]!, shape[1]!, random);
}

function makerOf({ parametrization = "pixels" }: PrototypeOptions): ParametrizationMaker {
  if (parametrization === "pixels") return pixels();
  if (parametrization === "fourier") return fourier();
  if (typeof parametrization === "function") return parametrization;
  throw new ParameterError("parametrization", parametrization, '"pixels", "fourier" or what generator(…) returns');
}

/** Holds steps back while it is closed. */
class Gate {
  #opened: Promise<void> | undefined;
  #open: (() => void) | undefined;

  constructor(private readonly signal: StopSignal | undefined) {
    signal?.addEventListener("abort", () => this.open(), { once: true });
  }

  get closed(): boolean {
    return this.#opened !== undefined;
  }

  close(): void {
    if (this.signal?.aborted) return;
    this.#opened ??= new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open?.();
    this.#opened = undefined;
  }

  /** Resolves once the gate is open; throws the signal's reason once that is aborted. */
  async passed(): Promise<void> {
    this.signal?.throwIfAborted();
    await this.#opened;
    this.signal?.throwIfAborted();
  }
}
