import type { Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { FlippingRun, FlippingSettings } from "../../../comms/states/flipping-curve.js";
import { type Context, contextOf } from "../../../explainers/context.js";
import { ParameterError } from "../../../explainers/errors.js";
import { constantWarnings } from "../../../explainers/evaluation/perturbing/curves.js";
import type { Features } from "../../../explainers/evaluation/perturbing/features.js";
import { evenSteps, flip } from "../../../explainers/evaluation/perturbing/flipping.js";
import { orderer } from "../../../explainers/evaluation/perturbing/order.js";
import { openReplacement, type Replacement } from "../../../explainers/evaluation/perturbing/replacement.js";
import { openScoring, type Scoring } from "../../../explainers/evaluation/perturbing/scoring.js";
import { memoryBudget } from "../../../explainers/methods/perturbation/engine/parameters.js";
import type { ProgressOptions } from "../../../explainers/progress.js";
import type { LoadedModel } from "../../models/index.js";
import type { LoadedImage } from "../../pictures/load-image.js";
import type { RelevanceMap } from "../../pictures/relevance-map.js";
import { INITIAL_REPLACEMENT } from "./flipping-words.js";

/** In what pieces and how often a picture is flipped. */
export interface FlippingOptions {
  /** Side of a region in pixels; by default the divisor of the picture's side that gives about ten regions across. */
  region?: number | undefined;
  /** In how many steps all regions are flipped; default 32, or as many as there are regions. */
  steps?: number | undefined;
  /** How many orders by chance there are to compare with; default 5. */
  orders?: number | undefined;
  /** Of those orders, of regions of equal relevance, and of what is drawn to be put in place; default 1. */
  seed?: number | undefined;
}

const ACROSS = 10;

/** The divisor of a side that gives about ten regions, or where it has none near, what gives ten. */
function regionOf(side: number): number {
  const wanted = side / ACROSS;
  const divisors = Array.from({ length: side }, (_, i) => i + 1).filter((size) => side % size === 0);
  const best = divisors.reduce((a, b) => (Math.abs(Math.log(b / wanted)) < Math.abs(Math.log(a / wanted)) ? b : a));
  return Math.abs(Math.log2(best / wanted)) <= 1 ? best : Math.max(1, Math.round(wanted));
}

/** One picture that is flipped in regions: by methods, by chance, by a reader. It holds what it needs of the model. */
export class Flipping {
  readonly rows: number;
  readonly columns: number;
  /** Shares of the regions that are flipped at each step. */
  readonly shares: number[];
  readonly #model: LoadedModel;
  readonly #x: Tensor4D;
  readonly #context: Context;
  readonly #target: number;
  readonly #flipped: number[];
  /** Of each pixel its region, and how many pixels a region has. */
  readonly #ids: Int32Array;
  readonly #sizes: Float64Array;
  readonly #orders: number;
  readonly #seed: number;
  readonly #scorings = new Map<string, Scoring>();
  readonly #replacements = new Map<string, Replacement>();

  /** @throws ParameterError */
  constructor(
    model: LoadedModel,
    { tensor, width, height }: LoadedImage,
    target: number,
    { region = regionOf(Math.min(width, height)), steps = 32, orders = 5, seed = 1 }: FlippingOptions,
  ) {
    for (const [name, value, least, most] of [
      ["region", region, 1, Math.max(width, height)],
      ["steps", steps, 1, Number.POSITIVE_INFINITY],
      ["orders", orders, 0, 100],
      ["seed", seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    ] as const) {
      if (!Number.isSafeInteger(value) || value < least || value > most) {
        throw new ParameterError(name, value, `a whole number${least > 0 ? ` from ${least} on` : ""}`);
      }
    }
    this.#model = model;
    this.#x = tf.keep(tf.cast(tensor, "float32"));
    this.#context = contextOf(model);
    this.#target = target;
    this.#orders = orders;
    this.#seed = seed;
    // Evenly, so that a grid over the picture shows them: where a side is no multiple of a region, they differ by a pixel.
    const [rows, columns] = [height, width].map((side) => Math.max(1, Math.round(side / region))) as [number, number];
    [this.rows, this.columns] = [rows, columns];
    const count = this.rows * this.columns;
    this.#flipped = evenSteps(count, steps);
    this.shares = this.#flipped.map((flipped) => flipped / count);
    this.#ids = new Int32Array(width * height);
    this.#sizes = new Float64Array(count);
    for (let y = 0, place = 0; y < height; y++) {
      for (let x = 0; x < width; x++, place++) {
        const id = Math.floor((y * rows) / height) * columns + Math.floor((x * columns) / width);
        this.#ids[place] = id;
        this.#sizes[id]!++;
      }
    }
  }

  /**
   * The curves of all maps and of orders by chance, in one run; a map that puts nothing first is named in its place.
   *
   * @throws AbortedError; ParameterError for a replacement that does not fit; ModelError
   */
  async run(
    settings: FlippingSettings,
    maps: readonly (RelevanceMap | null)[],
    run: ProgressOptions,
  ): Promise<FlippingRun> {
    const regions = maps.map((map) => map && this.#regionsOf(map));
    const errors = regions.map((relevance) => {
      if (relevance === null) return "It gave no map";
      const bad = relevance.find((value) => !Number.isFinite(value));
      if (bad !== undefined) return `The map holds ${bad}`;
      const [warning] = constantWarnings({ count: relevance.length, shape: [], relevance: [relevance] });
      return warning?.message ?? "";
    });
    const measured = regions.filter((_, index) => errors[index] === "") as Float32Array[];
    const byChance = Array.from({ length: this.#orders }, (_, index) => this.#seed + 1 + index);
    const orders = [
      ...measured.map(orderer(this.#sizes.length, settings.order, this.#seed)),
      ...byChance.map((seed) => orderer(this.#sizes.length, "random", seed)(new Float32Array(this.#sizes.length))),
    ];
    const steps = new Float32Array(maps.length * this.#sizes.length);
    let place = 0;
    const curves: (number[] | null)[] = errors.map(() => null);
    const [height, width] = this.#x.shape.slice(1, 3) as [number, number];
    const features: Features = {
      count: this.#sizes.length,
      relevance: measured,
      shape: [height, width, 1],
      ids: this.#ids,
    };
    const scoring = this.#scoring(settings.followed);
    const opened = this.#replacement(settings.replacement);
    const x = tf.tile(this.#x, [Math.max(1, orders.length), 1, 1, 1]);
    try {
      // All are orders of one picture, the first and only one of both.
      const score: Scoring["score"] = (copies) => scoring.score(copies, new Int32Array(copies.shape[0]!));
      const replacement: Replacement = {
        ...opened,
        apply: (rows, removed) => opened.apply(rows, removed, new Int32Array(rows.shape[0]!)),
      };
      const budget = memoryBudget.default;
      const plan = {
        features,
        orders,
        flipped: this.#flipped,
        way: "flipped",
        replacement,
        memoryBudget: budget,
      } as const;
      const { outputs } = orders.length === 0 ? { outputs: [] } : await flip({ ...scoring, x, score }, plan, run);
      errors.forEach((error, index) => {
        if (error !== "") return;
        curves[index] = [...outputs[place]!];
        steps.set(this.#stepsOf(orders[place]!), index * this.#sizes.length);
        place++;
      });
      return {
        ...settings,
        curves,
        errors,
        random: spreadOf(outputs.slice(place)),
        steps: { shape: [maps.length, this.rows, this.columns], dtype: "float32", data: steps },
      };
    } finally {
      x.dispose();
    }
  }

  /** The explained output of the picture with these regions flipped. */
  async ask({ replacement, followed }: FlippingSettings, regions: readonly number[]): Promise<number> {
    const scoring = this.#scoring(followed);
    const found = tf.tidy(() => scoring.score(this.#replaced(replacement, regions), new Int32Array(1)));
    const [value] = await found.data();
    found.dispose();
    return value!;
  }

  /** The picture with these regions flipped, as the network sees it. */
  async picture(replacement: string, regions: readonly number[]): Promise<Float32Array> {
    const found = tf.tidy(() => this.#replaced(replacement, regions));
    const values = await found.data<"float32">();
    found.dispose();
    return values;
  }

  dispose(): void {
    this.#x.dispose();
    for (const one of [...this.#scorings.values(), ...this.#replacements.values()]) one.dispose();
    this.#scorings.clear();
    this.#replacements.clear();
  }

  #replaced(replacement: string, regions: readonly number[]): tf.Tensor {
    const chosen = new Set(regions);
    const [height, width] = this.#x.shape.slice(1, 3) as [number, number];
    const removed = Float32Array.from(this.#ids, (id) => (chosen.has(id) ? 1 : 0));
    const opened = this.#replacement(replacement);
    return opened.apply(this.#x, tf.tensor4d(removed, [1, height, width, 1]), new Int32Array(1));
  }

  /** At which step each region is flipped. */
  #stepsOf(order: Int32Array): Float32Array {
    const steps = new Float32Array(order.length);
    for (let step = 1; step < this.#flipped.length; step++) {
      for (let at = this.#flipped[step - 1]!; at < this.#flipped[step]!; at++) steps[order[at]!] = step;
    }
    return steps;
  }

  /** What a map says of each region: the mean, so that one of a pixel less is no less than the others. */
  #regionsOf({ shape, values }: RelevanceMap): Float32Array {
    const [height, width] = this.#x.shape.slice(1, 3) as [number, number];
    const [rows, columns] = shape;
    const sums = new Float64Array(this.#sizes.length);
    for (let y = 0, place = 0; y < height; y++) {
      // A map of other resolution covers the same area.
      const row = Math.floor((y * rows) / height) * columns;
      for (let x = 0; x < width; x++, place++) {
        sums[this.#ids[place]!]! += values[row + Math.floor((x * columns) / width)]!;
      }
    }
    return Float32Array.from(sums, (sum, region) => sum / this.#sizes[region]!);
  }

  #scoring(followed: FlippingSettings["followed"]): Scoring {
    const found =
      this.#scorings.get(followed) ??
      openScoring(
        "Pixel flipping",
        this.#model,
        { x: this.#x, attribution: { target: [this.#target] } as never, target: this.#target },
        followed,
      );
    this.#scorings.set(followed, found);
    return found;
  }

  #replacement(kind: string): Replacement {
    const found =
      this.#replacements.get(kind) ??
      openReplacement(kind as never, INITIAL_REPLACEMENT, this.#x, this.#context, this.#seed);
    this.#replacements.set(kind, found);
    return found;
  }
}

/** Mean, least and largest of curves at every step. */
function spreadOf(curves: readonly Float64Array[]): FlippingRun["random"] {
  if (curves.length === 0) return null;
  const at = (read: (values: number[]) => number) =>
    Array.from(curves[0]!, (_, step) => read(curves.map((curve) => curve[step]!)));
  return {
    mean: at((values) => values.reduce((sum, value) => sum + value, 0) / values.length),
    low: at((values) => Math.min(...values)),
    high: at((values) => Math.max(...values)),
  };
}
