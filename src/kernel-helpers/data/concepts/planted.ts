import { ParameterError } from "../../../explainers/errors.js";
import type { ImageInput } from "../../pictures/load-image.js";
import { conceptKinds, type PlantedOptions, type PlantedPictures, plantedPictures } from "../planted/index.js";
import { byteSource, type ConceptPictures, inChannels, pictureShape } from "./concept-pictures.js";

/** Pictures drawn at a time: they are numbers before they are bytes. */
const AT_ONCE = 32;

/**
 * Planted pictures as a model takes them, with the colors, textures, shapes and parts that they show.
 *
 * @throws ParameterError where the model takes no square pictures
 */
export async function plantedConcepts(
  input: ImageInput,
  { count = 200, seed = 0 }: { readonly count?: number; readonly seed?: number } = {},
): Promise<ConceptPictures> {
  const shape = squareShape(input);
  const [size] = shape;
  const area = size * size;
  const pixels = new Uint8Array(count * area * shape[2]);
  const maps = conceptKinds.map((kind) => [kind, new Uint8Array(count * area)] as const);
  let names: readonly (readonly string[])[] = [];
  for (let start = 0; start < count; start += AT_ONCE) {
    const made = plantedPictures({ size, seed, start, count: Math.min(AT_ONCE, count - start) });
    pixels.set(plantedBytes(made, shape[2]), start * area * shape[2]);
    for (const [kind, map] of maps) map.set(made.concepts[kind].map, start * area);
    names = conceptKinds.map((kind) => made.concepts[kind].names);
  }
  return {
    x: await byteSource(pixels, shape, input),
    concepts: Object.fromEntries(maps.map(([kind, map], index) => [kind, [{ names: names[index]!, map }]])),
    mapSize: [size, size],
    shape,
    pixels,
    names: Array.from({ length: count }, (_, index) => `planted ${index}`),
  };
}

/** Planted pictures as bytes in that many channels. */
const plantedBytes = ({ pixels }: Pick<PlantedPictures, "pixels">, channels: number): Uint8Array<ArrayBuffer> =>
  inChannels(
    pixels.map((value) => Math.round(255 * value)),
    channels,
  );

/** @throws ParameterError */
function squareShape(input: ImageInput) {
  const shape = pictureShape(input);
  if (shape[0] !== shape[1]) {
    throw new ParameterError("input", `a model of pictures of ${shape[0]} × ${shape[1]}`, "a model of square pictures");
  }
  return shape;
}

/** Planted pictures as a tensor that a model takes; the caller disposes of it. */
export async function plantedTensor(input: ImageInput, options: Omit<PlantedOptions, "size">) {
  const shape = squareShape(input);
  const made = plantedPictures({ ...options, size: shape[0] });
  return (await byteSource(plantedBytes(made, shape[2]), shape, input)).take(0, made.count);
}
