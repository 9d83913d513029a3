import * as tf from "@tensorflow/tfjs-core";
import { LimpidError } from "../../errors.js";
import type { Attribution, Explain, InputRelevance, RunOptions } from "../../explanation.js";
import { bytesOfPoint } from "../../methods/gradient/engine/points.js";
import { copyModel } from "../../network/copy/model-copy.js";
import { openStates, type Stack, type State, type States } from "../../network/copy/states.js";
import { type Input, type Model, record } from "../../network/index.js";
import { LayerError } from "../../network/layers.js";
import { scoped } from "../../network/tensors.js";
import { AbortedError } from "../../progress.js";
import { inputsOf } from "../evidence.js";
import { type RandomizedModel, type RandomizeOptions, randomizedCopy } from "./randomized-model.js";

/** Which layers lose what they learned: from the output on and all before stay random, the same from the input on, or each alone. */
export type RandomizationOrder = "cascading" | "bottom-up" | "independent";

export interface WalkOptions extends RandomizeOptions {
  readonly order: RandomizationOrder;
  /** By default all that have weights. */
  readonly layers?: readonly string[] | undefined;
}

/** More rows at once gain no speed on a CPU, and an abort waits for them. */
const MOST_ROWS = 128;

/** The layers that have weights, in the order in which they are randomized. */
function inOrder(known: readonly string[], order: RandomizationOrder, asked?: readonly string[]): readonly string[] {
  for (const name of asked ?? []) if (!known.includes(name)) throw LayerError.unknown(name, known);
  const chosen = known.filter((name) => asked?.includes(name) ?? true);
  return order === "bottom-up" ? chosen : chosen.reverse();
}

/**
 * The layers of a model that a walk randomizes, in its order.
 *
 * @throws ModelError for a model whose weights are not known; LayerError
 */
export function randomizationOrder(model: Model, { order, layers }: WalkOptions): readonly string[] {
  const copy = copyModel(model);
  try {
    return inOrder(
      copy.layers.map(({ name }) => name),
      order,
      layers,
    );
  } finally {
    copy.dispose();
  }
}

/** How far explanations of many states at once may be from those of one, as a share of their length. */
const TOLERANCE = 1e-3;

/**
 * A model that loses what it learned, layer by layer: step 0 is the original, each step after it randomizes one layer of `layers`. The original
 * is never touched. Explanations walk through the canonical graph, in which weights are exchanged; the model is traced anew only where
 * that graph itself would be another.
 *
 * @throws ModelError for a model whose weights are not known; LayerError
 */
export class RandomizationWalk {
  /** In the order in which they are randomized. */
  readonly layers: readonly string[];
  readonly #order: RandomizationOrder;
  readonly #copy: ReturnType<typeof copyModel>;
  readonly #random: RandomizedModel;
  #current: State = new Set();
  #states: States | undefined;

  constructor(
    model: Model,
    readonly x: Input,
    { order, layers, ...options }: WalkOptions,
  ) {
    this.#copy = copyModel(model);
    this.#random = randomizedCopy(this.#copy, options);
    this.#order = order;
    try {
      this.layers = inOrder(this.#random.layers, order, layers);
      const all = Array.from({ length: this.layers.length + 1 }, (_, step) => new Set(this.randomAt(step)));
      this.#states = openStates(this.#copy, x, all, (state) => this.#enter(state));
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** All layers that are random at a step. */
  randomAt(step: number): readonly string[] {
    return this.#order === "independent" ? this.layers.slice(Math.max(0, step - 1), step) : this.layers.slice(0, step);
  }

  /** The model at a step, until the next one is asked for. */
  at(step: number): Model {
    const state = new Set(this.randomAt(step));
    this.#enter(state);
    this.#states?.adopt(state);
    return this.#random.model;
  }

  /**
   * The explanations of several steps from one run of the method, over a batch that holds the samples of all of them; `undefined` where the
   * method cannot be asked so. Whether it can shows the last of the steps, which is explained alone as well.
   */
  async explainTogether(
    steps: readonly number[],
    explainer: (model: Model) => Explain,
    { target, ...run }: RunOptions & { readonly target: readonly number[] },
    isChecked: boolean,
  ): Promise<Attribution[] | undefined> {
    const stack = steps.length < 2 ? undefined : this.#states?.stack(steps.map((step) => new Set(this.randomAt(step))));
    if (stack === undefined) return undefined;
    let found: Attribution[];
    try {
      found = await this.#explained(stack, steps.length, explainer, { ...run, target });
    } catch (error) {
      // What a method does that asks for other rows, or is not finite in one of the states, is done state by state.
      if (error instanceof LimpidError && !(error instanceof AbortedError)) return undefined;
      throw error;
    } finally {
      stack.dispose();
    }
    if (!isChecked) {
      const alone = await explainer(this.at(steps.at(-1)!))(this.x, { ...run, target });
      if (!isNear(found.at(-1)!, alone)) return undefined;
    }
    return found;
  }

  /** How many steps fit into one run under a memory budget. */
  togetherUnder(memoryBudget: number): number {
    const recording = record(this.at(0), this.x);
    try {
      // Nothing of this becomes a program; what is between operations and in the allocator's holes takes as much again.
      const bytes = 2 * recording.batch * bytesOfPoint(recording);
      return Math.max(1, Math.min(Math.floor(memoryBudget / bytes), Math.ceil(MOST_ROWS / recording.batch)));
    } finally {
      recording.dispose();
    }
  }

  dispose(): void {
    this.#random.dispose();
    this.#states?.dispose();
  }

  async #explained(
    { model }: Stack,
    count: number,
    explainer: (model: Model) => Explain,
    { target, ...run }: RunOptions & { readonly target: readonly number[] },
  ): Promise<Attribution[]> {
    const own = inputsOf(this.x);
    const repeated = own.map((input) =>
      scoped(() =>
        tf.keep(
          tf.tile(
            input,
            input.shape.map((_, axis) => (axis === 0 ? count : 1)),
          ),
        ),
      ),
    );
    try {
      const targets = Array.from({ length: count }, () => target).flat();
      const whole = await explainer(model)(repeated.length === 1 ? repeated[0]! : repeated, {
        ...run,
        target: targets,
      });
      return Array.from({ length: count }, (_, state) => partOf(whole, state, count));
    } finally {
      tf.dispose(repeated);
    }
  }

  #enter(state: State): void {
    const left = [...this.#current].filter((name) => !state.has(name));
    if (left.length > 0) this.#random.restore(...left);
    const entered = [...state].filter((name) => !this.#current.has(name));
    if (entered.length > 0) this.#random.randomize(...entered);
    this.#current = state;
  }
}

/** What an explanation of many states says of one. */
function partOf(whole: Attribution, state: number, count: number): Attribution {
  const inputs = whole.inputs.map(({ relevance, shape }): InputRelevance => {
    const size = relevance.length / count;
    return { relevance: relevance.slice(state * size, (state + 1) * size), shape: shape.with(0, shape[0]! / count) };
  });
  const rows = whole.output.length / count;
  const own = <T>(list: readonly T[]): T[] => list.slice(state * rows, (state + 1) * rows);
  const { relevance, shape } = inputs[0]!;
  return { ...whole, inputs, relevance, shape, output: own(whole.output), target: own(whole.target) };
}

function isNear(a: Attribution, b: Attribution): boolean {
  if (String(a.shape) !== String(b.shape)) return false;
  let [gap, size] = [0, 0];
  for (const [input, { relevance }] of b.inputs.entries()) {
    const other = a.inputs[input]!.relevance;
    for (let i = 0; i < relevance.length; i++) {
      gap += (other[i]! - relevance[i]!) ** 2;
      size += relevance[i]! ** 2;
    }
  }
  return gap <= TOLERANCE ** 2 * size;
}
