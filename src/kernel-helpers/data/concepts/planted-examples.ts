import type { Tensor } from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../explainers/errors.js";
import { nearest } from "../../../explainers/suggestions.js";
import type { ImageInput } from "../../pictures/load-image.js";
import { type PlantedOptions, plantedObjects, plantedScenes } from "../planted/index.js";
import { plantedTensor } from "./planted.js";

/** What planted pictures may have in common, and how they are asked for. */
const concepts: Readonly<Record<string, PlantedOptions>> = {
  watermark: { watermark: {} },
  ...Object.fromEntries(plantedScenes.map((scene) => [scene, { scene }])),
  ...Object.fromEntries(plantedObjects.map((object) => [object, { object }])),
};

/** Names of what planted pictures may have in common: the watermark, a texture, an object. */
export const plantedConceptNames: readonly string[] = Object.keys(concepts);

/** Seed of the examples: no model was trained or tested on it. */
const SEED = 1001;

/**
 * Pictures with a concept each and the rest by chance, by its name; the caller disposes of them.
 *
 * @param names default all
 * @throws ParameterError
 */
export async function plantedExamples(
  input: ImageInput,
  names: readonly string[],
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<Record<string, Tensor>> {
  const found: Record<string, Tensor> = {};
  for (const name of names) {
    const options = Object.hasOwn(concepts, name) ? concepts[name] : undefined;
    if (options === undefined) {
      const known = plantedConceptNames.join(", ");
      throw new ParameterError("planted", name, `one of ${known}`, nearest(name, plantedConceptNames));
    }
    found[name] = await plantedTensor(input, { ...options, count, seed: SEED + 3 * seed });
  }
  return found;
}

/** Planted pictures of whatever, none of them among the examples of the same seed. */
export const plantedRandom = (
  input: ImageInput,
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<Tensor> => plantedTensor(input, { count, seed: SEED + 1 + 3 * seed });

/** Planted pictures of a class, where it is an object or a texture, else of whatever; none of them among the others. */
export const plantedInputs = (
  input: ImageInput,
  target: string,
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<Tensor> =>
  plantedTensor(input, {
    ...(plantedObjects.includes(target) && { object: target }),
    ...(plantedScenes.includes(target) && { scene: target }),
    count,
    seed: SEED + 2 + 3 * seed,
  });
