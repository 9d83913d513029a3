import { ParameterError } from "../../explainers/errors.js";
import { follow, type ProgressOptions } from "../../explainers/progress.js";
import { type RelevanceStore, RelevanceStoreError } from "./relevance-store.js";

/** Bytes of relevance that are read at once, if that is more than a sample. */
const PIECE = 1 << 20;

/** Which samples' maps are read, and how large they are kept. */
export interface StoredMapsOptions {
  /** The explained class, by index or name; by default all. */
  readonly target?: number | string;
  /** The samples' own class, by index or name; by default all. */
  readonly label?: number | string;
  /** Most places along a side that are kept of a map: larger ones are summed, place by place. Default 64. */
  readonly side?: number;
  /** At most so many maps, the first ones. Default all. */
  readonly most?: number;
}

/** Maps of a store, as `spray` takes them. */
export interface StoredMaps {
  /** `[maps, height, width, 1]`, or `[maps, values]` where relevance lies on one axis. */
  readonly shape: readonly number[];
  readonly relevance: Float32Array;
  /** Numbers of the samples, and what they are called. */
  readonly indices: readonly number[];
  readonly ids: readonly string[];
}

/**
 * Reads relevance maps of a store chunk by chunk, without more in memory than the small maps and one chunk. Samples that failed, are not there yet, or
 * whose map holds nothing are left out.
 *
 * @throws ParameterError where no sample is left; AbortedError
 * @example
 * const strategies = await spray({ neighbors: 10 })(await storedMaps(store, { target: "horse" }));
 */
export async function storedMaps(
  store: RelevanceStore,
  { target, label, side = 64, most = Number.POSITIVE_INFINITY }: StoredMapsOptions = {},
  run: ProgressOptions = {},
): Promise<StoredMaps> {
  if (!(Number.isInteger(side) && side >= 1)) throw new ParameterError("side", side, "a whole number of at least 1");
  if (!(most >= 1)) throw new ParameterError("most", most, "a number of at least 1");
  const wantedTarget = classOf(store, "target", target);
  const wantedLabel = classOf(store, "label", label);
  const { shape, run: record } = store;
  if (shape.length > 3)
    throw new RelevanceStoreError(`Maps of shape [${shape.join(", ")}] are no pictures, series or rows`);
  const isFlat = shape.length === 1;
  const [rows, columns, channels] = isFlat ? [1, shape[0]!, 1] : [shape[0]!, shape[1]!, shape[2] ?? 1];
  const factor = isFlat ? 1 : Math.max(1, Math.ceil(Math.max(rows, columns) / side));
  const [height, width] = [Math.ceil(rows / factor), Math.ceil(columns / factor)];
  const together = Math.max(1, Math.floor(PIECE / (4 * rows * columns * channels)));
  const maps: Float32Array[] = [];
  const [indices, ids]: [number[], string[]] = [[], []];
  const shards = await store.shards();
  const progress = follow(shards.length, run);
  for (const shard of shards) {
    if (maps.length >= most) break;
    const [start, end] = [shard * record.shard, Math.min(store.count, (shard + 1) * record.shard)];
    const wanted = new Set(
      (await store.table(start, end))
        .filter(
          (row) =>
            row.error === "" &&
            (wantedTarget === undefined || row.target === wantedTarget) &&
            (wantedLabel === undefined || row.label === wantedLabel),
        )
        .map(({ index }) => index),
    );
    for (let at = start; at < end && maps.length < most; at += together) {
      const until = Math.min(end, at + together);
      if (!Array.from({ length: until - at }, (_, row) => at + row).some((index) => wanted.has(index))) continue;
      for (const { index, id, relevance } of await store.read(at, until)) {
        if (!wanted.has(index) || maps.length >= most) continue;
        const map = summed(relevance, [rows, columns, channels], factor, [height, width]);
        if (map.every((value) => value === 0)) continue;
        maps.push(map);
        indices.push(index);
        ids.push(id);
      }
    }
    await progress.step(1);
  }
  if (maps.length === 0)
    throw new ParameterError("target", target ?? label ?? "any class", "one that the store has maps of");
  const size = height * width;
  const relevance = new Float32Array(maps.length * size);
  for (const [at, map] of maps.entries()) relevance.set(map, at * size);
  return { shape: isFlat ? [maps.length, size] : [maps.length, height, width, 1], relevance, indices, ids };
}

/** Index of a class of a store, by index or any of its names. */
function classOf(store: RelevanceStore, option: string, given: number | string | undefined): number | undefined {
  if (given === undefined || typeof given === "number") return given;
  const found = store.classNames.findIndex((names) => names.split(/\s*,\s*/).includes(given));
  if (found < 0) throw new ParameterError(option, given, "a class of the store");
  return found;
}

function summed(
  relevance: Float32Array,
  [rows, columns, channels]: readonly [number, number, number],
  factor: number,
  [height, width]: readonly [number, number],
): Float32Array {
  const map = new Float32Array(height * width);
  for (let at = 0; at < rows * columns; at++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += relevance[at * channels + channel]!;
    const to = Math.floor(Math.floor(at / columns) / factor) * width + Math.floor((at % columns) / factor);
    map[to] = map[to]! + sum;
  }
  return map;
}
