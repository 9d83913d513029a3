import type { Bytes, Floats } from "../../../comms/states/array.js";
import { type Photo, type RelevanceMap, relevanceMap } from "../../pictures/relevance-map.js";
import { Thumbnails } from "../../pictures/thumbnails.js";
import type { RelevanceStore, StoredExplanation } from "../../relevance/relevance-store.js";

/** Places that a side of a small map has about at most. */
const SIDE = 112;

/** One sample's relevance by position; null where it lies on more than two axes. */
export function mapOf({ shape, run }: RelevanceStore, relevance: Float32Array): RelevanceMap | null {
  const sides = shape.length === 1 ? [1, shape[0]!, 1] : shape.length === 2 ? [...shape, 1] : shape;
  if (sides.length !== 3) return null;
  return relevanceMap({ shape: [1, ...sides], relevance, channels: run.channels });
}

/** Relevance of these samples, in their order; neighbors are read together. */
export async function explanationsOf(store: RelevanceStore, indices: readonly number[]): Promise<StoredExplanation[]> {
  const sorted = indices.toSorted((a, b) => a - b);
  const stretches: [number, number][] = [];
  for (const index of sorted) {
    const last = stretches.at(-1);
    if (last !== undefined && last[1] === index) last[1]++;
    else stretches.push([index, index + 1]);
  }
  const found = (await Promise.all(stretches.map(([start, end]) => store.read(start, end)))).flat();
  const byIndex = new Map(found.map((one) => [one.index, one]));
  return indices.flatMap((index) => byIndex.get(index) ?? []);
}

/** Maps made smaller by a whole factor, `[maps, height, width]`: a place has the sum of those that it stands for. Missing ones are empty. */
export function smallMaps(maps: readonly (RelevanceMap | null)[]): Floats | null {
  const first = maps.find((map) => map !== null);
  if (first === undefined || first === null) return null;
  const [rows, columns] = first.shape;
  const factor = Math.max(1, Math.round(Math.max(rows, columns) / SIDE));
  const [height, width] = [Math.ceil(rows / factor), Math.ceil(columns / factor)];
  const data = new Float32Array(maps.length * height * width);
  for (const [place, map] of maps.entries()) {
    const start = place * height * width;
    if (map === null) data.fill(Number.NaN, start, start + height * width);
    else {
      for (let at = 0; at < rows * columns; at++) {
        const to = start + Math.floor(Math.floor(at / columns) / factor) * width + Math.floor((at % columns) / factor);
        data[to] = data[to]! + map.values[at]!;
      }
    }
  }
  return { shape: [maps.length, height, width], dtype: "float32", data };
}

/** Small pictures, `[pictures, height, width, 3]`; null where not all are known and of one size. */
export function smallPictures(photos: readonly (Photo | null)[]): Bytes | null {
  const [first] = photos;
  if (!first || photos.some((photo) => photo?.width !== first.width || photo.height !== first.height)) return null;
  const size = first.width * first.height;
  const pixels = new Uint8Array(3 * size * photos.length);
  for (const [place, photo] of photos.entries()) {
    for (let at = 0; at < size; at++) {
      for (let color = 0; color < 3; color++) pixels[3 * (place * size + at) + color] = photo!.pixels[4 * at + color]!;
    }
  }
  const shape = [first.height, first.width, 3] as const;
  return new Thumbnails({ pixels, shape }, SIDE).of(photos.map((_, place) => place));
}
