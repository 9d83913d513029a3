import { formatShape } from "../../../comms/format.js";
import type { FlowLayer } from "../../../comms/states/relevance-flow.js";
import type { Photo, RelevanceMap } from "../../pictures/relevance-map.js";
import type { FoundLayer } from "./flow-layers.js";

/** What is seen of a layer, with what it is of in words; where its relevance was not kept, or is gone, that. */
export interface LayerShown {
  relevance: RelevanceMap | null;
  total: number;
  caption: string;
  error: string;
  onPhoto: boolean;
}

/**
 * A layer of an explanation as it is seen.
 *
 * @param input the relevance of the input, which is there without `keepLayers`, too; undefined where there are several
 */
export function layerShown(
  { books, layer }: FoundLayer,
  { sample, photo, input }: { sample: number; photo: Photo | null; input: Float32Array | undefined },
): LayerShown {
  const { name, kind, shape, rule, sum } = books;
  const facts = [name, name === kind ? "" : kind, formatShape(shape), rule].filter((part) => part !== "");
  try {
    const whole = (kind === "input" && input) || layer.relevance();
    const size = shape.reduce((product, extent) => product * extent, 1);
    const values = whole.length === size ? whole : whole.subarray(sample * size, (sample + 1) * size);
    const { map, onPhoto, words } = layerPicture(values, books, photo ? photo.width / photo.height : undefined);
    const caption = [...facts, words].filter((part) => part !== "").join(" · ");
    return { relevance: map, total: sum, caption, error: "", onPhoto };
  } catch (error) {
    return { relevance: null, total: sum, caption: facts.join(" · "), error: (error as Error).message, onPhoto: false };
  }
}

/** A layer's relevance as it is seen. */
export interface LayerPicture {
  map: RelevanceMap;
  /** Whether its positions are the photo's. */
  onPhoto: boolean;
  /** How values lie in the map; empty where that needs no word. */
  words: string;
}

/** Units up to this many stand in one row. */
const ROW = 32;

/**
 * The relevance of a layer by position, channels summed: `[height, width]`. Units without positions are laid out row by row.
 *
 * @param values of one sample, in the layer's shape
 * @param photo its width over its height; undefined where there is none
 */
export function layerPicture(
  values: Float32Array,
  { shape, kind }: Pick<FlowLayer, "shape" | "kind">,
  photo: number | undefined,
): LayerPicture {
  if (shape.length <= 1) {
    return { ...rows(values), onPhoto: false, words: laidOut("units", values.length) };
  }
  const sums = channelSums(values, shape.at(-1)!);
  const positions = shape.slice(0, -1);
  const channels = shape.at(-1)! > 1 ? "channels summed" : "";
  if (positions.length === 1) {
    return { ...rows(sums), onPhoto: false, words: join(channels, laidOut("positions", sums.length)) };
  }
  const width = positions.at(-1)!;
  const height = sums.length / width;
  const map = { shape: [height, width] as const, values: sums };
  if (positions.length > 2) {
    const apart = `${formatShape(positions)} positions, slices one below the other`;
    return { map, onPhoto: false, words: join(channels, apart) };
  }
  // The axes of a matrix product are no places in a picture, and neither is a map of another proportion.
  const slack = 0.02 + 1 / Math.min(height, width);
  const onPhoto = photo !== undefined && kind !== "matmul" && Math.abs(width / height / photo - 1) <= slack;
  return { map, onPhoto, words: channels };
}

const join = (...words: string[]) => words.filter((word) => word !== "").join(", ");

const laidOut = (what: string, count: number): string =>
  count <= ROW ? "" : `${what} 0 to ${count - 1} row by row, ${widthFor(count)} in a row`;

/** How many units a row has: where it goes, without a rest, about twice as wide as high. */
function widthFor(count: number): number {
  if (count <= ROW) return count;
  const ideal = Math.sqrt(2 * count);
  let best = Math.ceil(ideal);
  for (let width = Math.ceil(ideal / 2); width <= 2 * ideal; width++) {
    const fits = count % width === 0;
    if (fits && (count % best !== 0 || Math.abs(width - ideal) < Math.abs(best - ideal))) best = width;
  }
  return best;
}

function rows(values: Float32Array): { map: RelevanceMap } {
  const width = widthFor(values.length);
  const height = Math.ceil(values.length / width);
  // What is left of the last row has no value.
  const laid = new Float32Array(width * height).fill(Number.NaN);
  laid.set(values);
  return { map: { shape: [height, width], values: laid } };
}

function channelSums(values: Float32Array, channels: number): Float32Array {
  const sums = new Float32Array(values.length / channels);
  for (let to = 0, from = 0; to < sums.length; to++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += values[from++]!;
    sums[to] = sum;
  }
  return sums;
}
