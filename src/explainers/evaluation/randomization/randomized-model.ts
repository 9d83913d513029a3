import { tensor } from "@tensorflow/tfjs-core";
import type { ModelCopy } from "../../network/copy/copied.js";
import { copyModel } from "../../network/copy/model-copy.js";
import { type Model, release } from "../../network/index.js";
import { LayerError } from "../../network/layers.js";
import { seededRandom } from "../../numerics/random.js";
import { randomWeight, type WeightDraw } from "./random-weights.js";

export interface RandomizeOptions {
  /** Default `"reinitialized"`. */
  readonly draw?: WeightDraw;
  /** The same seed gives the same weights, whatever the order of layers; default 0. */
  readonly seed?: number;
}

/** A copy of a model whose layers can be given random weights and get their own back; the original is never touched. */
export interface RandomizedModel {
  /** The copy, which changes with every call below. */
  readonly model: Model;
  /** The layers that have weights, from the input to the output. */
  readonly layers: readonly string[];
  /** Gives layers random weights: one, or several. */
  readonly randomize: (...layers: readonly string[]) => void;
  /** Gives layers the original's weights back; without names all of them. */
  readonly restore: (...layers: readonly string[]) => void;
  /** Frees the copy. */
  readonly dispose: () => void;
}

/**
 * A copy of a layers or graph model for Adebayo's sanity checks: its layers can lose what they learned. Only weights that were changed take memory.
 *
 * @throws ModelError for a function, or a model of layers that cannot be made again; LayerError for a layer without weights
 * @example
 * const random = randomizedModel(model, { seed: 1 });
 * random.randomize(random.layers.at(-1)!);
 * const map = await lrp(random.model)(x);
 * random.dispose();
 */
export const randomizedModel = (model: Model, options: RandomizeOptions = {}): RandomizedModel =>
  randomizedCopy(copyModel(model), options);

/** A copy as a model that can be randomized, which owns it. */
export function randomizedCopy(
  copy: ModelCopy,
  { draw = "reinitialized", seed = 0 }: RandomizeOptions,
): RandomizedModel {
  const names = copy.layers.map(({ name }) => name);
  const numberOf = (name: string): number => {
    const index = names.indexOf(name);
    if (index < 0) throw LayerError.unknown(name, names);
    return index;
  };
  return {
    model: copy.model,
    layers: names,
    randomize: (...layers) => {
      for (const index of layers.map(numberOf)) {
        const random = seededRandom(Math.imul(seed + 1, 0x9e3779b1) ^ (index + 1));
        for (const weight of copy.layers[index]!.weights) {
          const values = tensor(randomWeight(weight, draw, random), [...weight.shape], "float32");
          weight.write(values);
          values.dispose();
        }
      }
    },
    restore: (...layers) => {
      for (const index of (layers.length === 0 ? names : layers).map(numberOf)) {
        for (const weight of copy.layers[index]!.weights) weight.write(weight.original());
      }
    },
    dispose: () => {
      release(copy.model);
      copy.dispose();
    },
  };
}
