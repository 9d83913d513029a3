import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { InputShapeError, LimpidError, ParameterError } from "../errors.js";
import { adam } from "../numerics/adam.js";
import { type Random, seededRandom } from "../numerics/random.js";
import type { StopSignal } from "./options.js";
import { fourier, type Parametrization, type ParametrizationMaker, pixels } from "./parametrization.js";
import { l2 } from "./regularizers.js";
import { drawView, type View, type ViewRange } from "./view.js";

/** A run: an async iterator of steps that works only while it is asked for them. */
export interface SynthesisRun<Step> extends AsyncIterableIterator<Step> {
  /** Steps asked for from now on wait for `resume()`. */
  pause(): void;
  resume(): void;
  readonly paused: boolean;
  /** Ends the run and frees its tensors, also in the middle. */
  return(): Promise<IteratorResult<Step>>;
}

/** The objective has become infinite or no number. */
export class DivergedError extends LimpidError {}

/** One look at some parameters: tensors, which the caller owns, and a number for each start. */
export interface Looked {
  /** `[starts, …shape]`. */
  readonly pictures: Tensor;
  /** Of the objective by the parameters; null when it was not asked for. */
  readonly gradient: Tensor | null;
  /** Of what is sought by the pictures, where a step of one's own needs it. */
  readonly byPictures?: Tensor | null;
  readonly objective: Float32Array;
}

export interface Look {
  /** What the net sees of the picture; all of it as it is by default. */
  view?: View | null;
  /** Whether the gradient is wanted. Default false. */
  gradient?: boolean;
}

/** What an ascent reads anew at each step. */
interface AscentSettings extends ViewRange {
  readonly steps: number;
  readonly learningRate: number;
  readonly blur: number;
  readonly blurEvery?: number;
}

/** What is climbed, and from where. */
export interface Climb<Settings extends AscentSettings, Found extends Looked> {
  readonly parametrization: Parametrization;
  /** Of one picture, without batch. */
  readonly shape: readonly number[];
  readonly starts?: number | undefined;
  /** Steps between two that are reported. */
  readonly every?: number | undefined;
  readonly seed?: number | undefined;
  readonly settings: () => Settings;
  readonly evaluate: (settings: Settings, parameters: Tensor, look?: Look) => Found;
  /** What becomes of parameters after a step along the gradient; by default nothing. Called inside `tf.tidy`. */
  readonly after?: (parameters: Tensor, found: Found, settings: Settings) => Tensor;
  /** Whether what one start is worth depends on the others. */
  readonly together?: (settings: Settings) => boolean;
}

/** Where an ascent is; whoever takes it disposes of what was found. */
interface Reached<Found> {
  readonly found: Found;
  /** Steps made so far; 0 is the start. */
  readonly step: number;
  readonly final: boolean;
}

/** A blur is applied each so many steps, so that steps between can sharpen what matters (Yosinski et al. 2015). */
const BLUR_EVERY = 4;

/** Makes a run of `steps`, which wait at the gate. */
export function steered<Step>(steps: AsyncGenerator<Step, undefined>, gate: Gate): SynthesisRun<Step> {
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

/** The parametrization that an option names. */
export function makerOf(parametrization: "pixels" | "fourier" | ParametrizationMaker = "pixels"): ParametrizationMaker {
  if (parametrization === "pixels") return pixels();
  if (parametrization === "fourier") return fourier();
  if (typeof parametrization === "function") return parametrization;
  throw new ParameterError("parametrization", parametrization, '"pixels", "fourier" or what generator(…) returns');
}

/**
 * Climbs by Adam, while the net sees the picture from changing views. Step 0 and the last step are judged without views; the last one is
 * the best of the start, the best step and the end, so that its objective is never below the start's. It owns the parametrization.
 */
export async function* ascend<Settings extends AscentSettings, Found extends Looked>(
  climb: Climb<Settings, Found>,
  gate: Gate,
): AsyncGenerator<Reached<Found>, undefined> {
  const { parametrization, shape, starts = 1, every = 1, seed = 0 } = climb;
  const random = seededRandom(seed);
  const optimizer = adam();
  const held: { parameters?: Tensor; start?: Tensor; best?: Tensor } = {};
  try {
    if (!Number.isInteger(starts) || starts < 1)
      throw new ParameterError("starts", starts, "a whole number of at least 1");
    if (!(every >= 1)) throw new ParameterError("every", every, "a number of steps, at least 1");
    let parameters = tf.keep(parametrization.start(starts, random));
    held.parameters = parameters;
    held.start = tf.keep(tf.clone(parameters));
    held.best = tf.keep(tf.clone(parameters));
    let best = Number.NEGATIVE_INFINITY;
    let settings = climb.settings();
    let made = 0;
    yield { found: climb.evaluate(settings, parameters), step: 0, final: settings.steps === 0 };
    while (made < settings.steps) {
      await gate.passed();
      settings = climb.settings();
      if (made >= settings.steps) break;
      const view = viewOf(settings, shape, random);
      let now: Found;
      try {
        now = climb.evaluate(settings, parameters, { view, gradient: true });
      } finally {
        view?.dispose();
      }
      made++;
      const total = now.objective.reduce((sum, value) => sum + value, 0);
      if (!Number.isFinite(total)) {
        tf.dispose(tensorsIn(now));
        throw new DivergedError(
          `The objective became ${total} at step ${made}; lower learningRate (${settings.learningRate}).`,
        );
      }
      if (total > best) {
        held.best.dispose();
        best = total;
        held.best = tf.keep(tf.clone(parameters));
      }
      const due = made % every === 0 && made < settings.steps;
      const before = parameters;
      try {
        parameters = tf.tidy(() => {
          let next = optimizer.ascend(before, now.gradient!, settings.learningRate);
          if (settings.blur > 0 && made % (settings.blurEvery ?? BLUR_EVERY) === 0 && parametrization.blur)
            next = parametrization.blur(next, settings.blur);
          next = climb.after?.(next, now, settings) ?? next;
          return tf.keep(parametrization.contain?.(next) ?? next);
        });
      } catch (error) {
        tf.dispose(tensorsIn(now));
        throw error;
      }
      held.parameters = parameters;
      before.dispose();
      if (due) yield { found: now, step: made, final: false };
      else tf.dispose(tensorsIn(now));
      await tf.nextFrame();
    }
    if (made > 0) {
      held.parameters = betterOf(climb, settings, [held.start, held.best, parameters]);
      yield { found: climb.evaluate(settings, held.parameters), step: made, final: true };
    }
  } finally {
    tf.dispose([held.parameters, held.start, held.best].filter((tensor) => tensor !== undefined));
    optimizer.dispose();
    parametrization.dispose();
  }
}

const tensorsIn = ({ pictures, gradient, byPictures = null }: Looked): Tensor[] =>
  [pictures, gradient, byPictures].filter((tensor) => tensor !== null);

/** What a look found as plain numbers; its tensors end here. */
export function taken(found: Looked): {
  picture: Float32Array;
  gradientNorm: Float32Array;
} {
  const { pictures, gradient, objective } = found;
  const gradientNorm =
    gradient === null
      ? new Float32Array(objective.length).fill(Number.NaN)
      : tf.tidy(() => tf.sqrt(l2(gradient)).dataSync<"float32">());
  const picture = pictures.dataSync<"float32">();
  tf.dispose(tensorsIn(found));
  return { picture, gradientNorm };
}

/**
 * For each start the best of the candidates under the present settings, without views; the candidates are disposed of. Where the starts
 * depend on one another one candidate is chosen for all.
 */
function betterOf<Settings extends AscentSettings, Found extends Looked>(
  { evaluate, together }: Climb<Settings, Found>,
  settings: Settings,
  candidates: Tensor[],
): Tensor {
  const objectives = candidates.map((candidate) => {
    const { objective, pictures } = evaluate(settings, candidate);
    pictures.dispose();
    return together?.(settings) ? objective.fill(objective.reduce((sum, value) => sum + value, 0)) : objective;
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
function viewOf({ jitter, rotation, scale }: ViewRange, shape: readonly number[], random: Random): View | null {
  if (jitter === 0 && rotation === 0 && scale === 0) return null;
  if (shape.length !== 3)
    throw new InputShapeError("[height, width, channel] for jitter, rotation and scale", `[${shape}]`);
  return drawView({ jitter, rotation, scale }, shape[0]!, shape[1]!, random);
}

/** Holds steps back while it is closed. */
export class Gate {
  #opened: Promise<void> | undefined;
  #open: (() => void) | undefined;
  // A signal may outlive many runs: it is listened to only while one waits.
  readonly #aborted = () => this.open();

  constructor(private readonly signal: StopSignal | undefined) {}

  get closed(): boolean {
    return this.#opened !== undefined;
  }

  close(): void {
    if (this.signal?.aborted) return;
    this.signal?.addEventListener("abort", this.#aborted);
    this.#opened ??= new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.signal?.removeEventListener("abort", this.#aborted);
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
