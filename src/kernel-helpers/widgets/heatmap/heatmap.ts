import { formatShort } from "../../../comms/format.js";
import type { Bytes, Floats } from "../../../comms/states/array.js";
import { type HeatmapState, type HeatmapWidgetState, heatmapWidgetState } from "../../../comms/states/heatmap.js";
import { ownWidget } from "../../../comms/states/module.js";
import { invalid, type Trait } from "../../../comms/states/traits.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import {
  isRelevance,
  type Photo,
  type Relevance,
  type RelevanceMap,
  relevanceMap,
  total,
} from "../../pictures/relevance-map.js";
import { domWidgetClass } from "../base/layout.js";
import { heatmapPicture } from "./heatmap-picture.js";

/** The traits of a heatmap in the kernel: pictures and relevance as loaders and explainers give them. */
export type HeatmapTraits<State extends HeatmapState = HeatmapState> = Omit<State, "image" | "relevance"> & {
  image: Photo | null;
  relevance: Relevance | null;
};

/** A click on a position of the relevance map, or Enter at the crosshair. */
export interface HeatmapEvents {
  click: { row: number; column: number; value: number };
}

const bytes = (shape: number[], data: Uint8Array | Uint8ClampedArray): Bytes => ({
  shape,
  dtype: "uint8",
  data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
});

const photo: Trait<Photo | null> = {
  expected: "a picture of loadImage, {pixels: RGBA bytes, width, height}, or null",
  initial: () => null,
  check(value) {
    if (value === null) return null;
    const { pixels, width, height, name } = value as Partial<Photo>;
    const isBytes = pixels instanceof Uint8Array || pixels instanceof Uint8ClampedArray;
    if (!isBytes || !width || !height || pixels.length !== 4 * width * height) return invalid;
    return { pixels, width, height, ...(name !== undefined && { name }) };
  },
  toWire: (value) => value && bytes([value.height, value.width, 4], value.pixels),
};

const relevance: Trait<Relevance | null> = {
  expected: "what an explainer returns, its relevance, {shape, values: Float32Array}, a tensor, or null",
  initial: () => null,
  check: (value) => (value === null || isRelevance(value) ? value : invalid),
  toWire(value) {
    if (!value) return null;
    const { shape, values } = value as RelevanceMap;
    return { shape: [...shape], dtype: "float32", data: values } satisfies Floats;
  },
  mutable: true,
};

/** Of a heatmap's traits those that the kernel holds in another way than the wire. */
export const pictureTraits = { image: photo, relevance };

/**
 * Brings relevance that was set into one value a position, with its sum where that means something, and of a whole attribution its output.
 * What was stated beside it is kept.
 */
export function takeRelevance(next: HeatmapTraits, names: ReadonlySet<string>): void {
  const given = next.relevance;
  if (!names.has("relevance")) return;
  next.relevance = given && relevanceMap(given, next.image);
  if (!names.has("total")) {
    const isSum = !(given && "additive" in given && given.additive === false);
    next.total = next.relevance && isSum ? finite(total(next.relevance as RelevanceMap)) : null;
  }
  if (!names.has("output") && given && "output" in given) next.output = finite((given.output as number[])[0]);
}

const finite = (value: number | undefined) => (Number.isFinite(value) ? value! : null);

/** The heading in plain text: what is shown, its output and the sum of its relevance. */
export function describe(kind: string, { title, subtitle, output, total, error }: HeatmapTraits): string {
  const parts = [
    [title.replaceAll("*", ""), subtitle].filter((part) => part !== "").join(" "),
    output === null ? "" : `output ${formatShort(output, 4)}`,
    total === null ? "" : `relevance ${formatShort(total, 4)}`,
    error,
  ].filter((part) => part !== "");
  return parts.length === 0 ? kind : `${kind}: ${parts.join(" · ")}`;
}

/**
 * Relevance over its photo, with a scale that can be read: a canvas to hover, zoom and walk by keyboard.
 *
 * `relevance` takes what explainers return, whole or its `relevance` (channels are summed), `image` what `loadImage`
 * returns. Maps that are to be compared get the same `limit`; by default each is scaled to its own
 * `percentile` (99.5) of magnitudes. Relevance without a sign, as of sensitivity, needs `signed: false`. Among others in a box,
 * `compact: true` leaves the controls out; `compare` shows several maps under one legend.
 *
 * @throws TraitError, RelevanceShapeError
 * @example
 * const map = new Heatmap({ image: photo, relevance: result.relevance, title: "Relevance for *tiger cat*" });
 * map.relevance = other.relevance; // the browser repaints
 */
export class Heatmap extends domWidgetClass<HeatmapTraits<HeatmapWidgetState>, HeatmapEvents>({
  ...ownWidget("Heatmap"),
  traits: { ...heatmapWidgetState, ...pictureTraits },
  events: ["click"],
  constrain: takeRelevance,
}) {
  override staticPicture(): StaticPicture | null {
    return heatmapPicture(this);
  }

  override toString(): string {
    return describe("Heatmap", this);
  }
}
