import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readSafetensors } from "../../../tools/goldens/safetensors.js";

const file = (name: string) => new URL(`../../../../test/kernel-helpers/models/${name}`, import.meta.url);

/** Reads a file of the project's test/kernel-helpers/models, also from the compiled tests. */
const golden = (name: string) => readFileSync(file(name));

/** What PyTorch computed for the bundled photographs: top-5 (index, name, probability), by photograph. */
export const expected = JSON.parse(golden("efficientnet-lite0.json").toString()) as {
  images: string[];
  top5: { [photo: string]: [number, string, number][] };
};

const stored = await readSafetensors(fileURLToPath(file("efficientnet-lite0.safetensors")));

/** A map that captum computed, such as "chelsea/gradient". */
export const goldenMap = (name: string): Float32Array => stored.get(name)!.data;

/** The part of a stored batch that belongs to one photograph. */
function sample(name: string, photo: string): Float32Array {
  const size = stored.get(name)!.data.length / expected.images.length;
  const start = expected.images.indexOf(photo) * size;
  return goldenMap(name).subarray(start, start + size);
}

/** RGB values 0…255, `[224, 224, 3]`, of a photograph as Pillow cropped and resized it. */
export const goldenPixels = (photo: string): Float32Array => sample("images", photo);

/** PyTorch's 1000 logits for `goldenPixels(photo)`. */
export const goldenLogits = (photo: string): Float32Array => sample("logits", photo);
