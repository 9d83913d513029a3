import { readFileSync } from "node:fs";

/** Reads a file of the project's test/models, also from the compiled build/test/models. */
export const golden = (name: string) => readFileSync(new URL(`../../../test/models/${name}`, import.meta.url));

/** What PyTorch computed for the bundled photographs: top-5 (index, name, probability), by photograph. */
export const expected = JSON.parse(golden("efficientnet-lite0.json").toString()) as {
  images: string[];
  top5: { [photo: string]: [number, string, number][] };
};

const file = golden("efficientnet-lite0.safetensors");
const headerLength = Number(file.readBigUInt64LE(0));
const header = JSON.parse(file.subarray(8, 8 + headerLength).toString()) as {
  [name: string]: { shape: number[]; data_offsets: [number, number] };
};

function bytes(name: string): Uint8Array<ArrayBuffer> {
  const [start, end] = header[name]!.data_offsets;
  return Uint8Array.from(file.subarray(8 + headerLength + start, 8 + headerLength + end));
}

/** RGB bytes `[224, 224, 3]` of a photograph as the peer resized it. */
export function goldenPixels(photo: string): Uint8Array<ArrayBuffer> {
  const size = 224 * 224 * 3;
  const start = expected.images.indexOf(photo) * size;
  return bytes("images").slice(start, start + size);
}

/** The peer's 1000 logits for `goldenPixels(photo)`. */
export function goldenLogits(photo: string): Float32Array {
  const start = expected.images.indexOf(photo) * 1000;
  return new Float32Array(bytes("logits").buffer).slice(start, start + 1000);
}

/** A map that the peers computed, such as "chelsea/EpsilonPlus", `[224, 224, 3]`. */
export function goldenMap(name: string): Float32Array {
  return new Float32Array(bytes(name).buffer);
}
