import { Tensor } from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import { sizeOf } from "../../../network/shapes.js";
import { choice, dataOf, orTensor, type Parameters, real, type ValuesOf, whole, without } from "../../../parameters.js";
import type { Batch, Part } from "../engine/by-perturbation.js";
import { beginsOf } from "../engine/joined.js";
import { type FeatureMap, featureMaps } from "./features.js";

const kinds = ["superpixels", "grid", "positions", "entries"] as const;
type Kind = (typeof kinds)[number];

/** How many features a method begins with, and how many a form goes up to. */
interface Counts {
  readonly segments: number;
  readonly mostSegments: number;
  /** Along each side of the grid. */
  readonly cells: number;
  readonly mostCells: number;
}

export const MANY: Counts = { segments: 50, mostSegments: 200, cells: 8, mostCells: 16 };

/** All coalitions of up to 12 features are looked at. */
export const FEW: Counts = { segments: 10, mostSegments: 12, cells: 3, mostCells: 3 };

const isIds = (value: unknown): value is ArrayLike<number> => Array.isArray(value) || ArrayBuffer.isView(value);

/** The parameters that say what is present or absent together. */
export const featureParameters = ({ segments, mostSegments, cells, mostCells }: Counts, pictures: Kind) => ({
  features: choice(
    kinds,
    undefined,
    "What is present or absent together: superpixels or the cells of a grid (pictures), positions, entries; by default " +
      `${pictures === "grid" ? "the cells of a grid" : "superpixels"} of a picture, positions of a sequence, entries of a row`,
    // Each pixel by itself is possible, and seldom meant: tens of thousands of features.
    {
      notes: {
        superpixels: { inputs: ["image"] },
        grid: { inputs: ["image"] },
        positions: { inputs: ["sequence"] },
        entries: { inputs: ["sequence", "table"] },
      },
    },
  ),
  segments: whole(segments, "About how many superpixels (SLIC)", {
    least: 1,
    label: "Superpixels",
    span: { from: 2, to: mostSegments, step: 1 },
  }),
  compactness: real(10, "Weight of nearness in space against nearness in color (SLIC)", {
    least: 0,
    open: true,
    unit: "CIELAB units",
    minor: true,
    span: { from: 1, to: 40, step: 1 },
  }),
  cells: whole(cells, "Cells of the grid along each side", { least: 1, span: { from: 1, to: mostCells, step: 1 } }),
  ids: {
    ...orTensor(
      dataOf("The feature of each entry, 0 … n − 1, in the shape of a sample, instead", "a list of numbers", isIds),
    ),
    type: "tensor" as const,
  },
});

type FeatureValues = ValuesOf<ReturnType<typeof featureParameters>>;

/** Which parameters are read: a number of superpixels only for superpixels, of cells only for a grid. */
export const readFor =
  (pictures: Kind) =>
  ({ features }: Readonly<Record<string, unknown>>, parameters: Parameters): Parameters => {
    const kind = (features as Kind | undefined) ?? pictures;
    const slic = ["segments", "compactness"];
    const unread = { superpixels: ["cells"], grid: slic, positions: [...slic, "cells"], entries: [...slic, "cells"] };
    return without(parameters, ...unread[kind]);
  };

/** The features of one sample. */
export interface SampleFeatures {
  /** Of all inputs together. */
  readonly map: FeatureMap;
  /** Of each input. */
  readonly parts: readonly FeatureMap[];
}

/**
 * The features of every sample; those of several inputs are numbered one after the other, and a kind that does not fit an input
 * leaves it its own.
 *
 * @throws ParameterError where the kind, or ids, do not fit the input
 */
export function featuresOf(values: FeatureValues, pictures: Kind, { parts, shape, x }: Batch): SampleFeatures[] {
  const { ids } = values;
  if (ids !== undefined && parts.length > 1) {
    const none = new Float32Array(sizeOf(x.shape));
    const maps = featureMaps(ids instanceof Tensor ? ids.dataSync() : ids, none, shape);
    const sizes = parts.map((part) => sizeOf(part.shape));
    const begins = beginsOf(sizes);
    return maps.map((map) => ({
      map,
      parts: sizes.map((size, index) => ({ ...map, ids: map.ids.slice(begins[index]!, begins[index]! + size) })),
    }));
  }
  const all = parts.map((part) => featuresIn(values, pictures, part, parts.length === 1));
  return all[0]!.map((_, sample) => {
    const own = all.map((maps) => maps[sample]!);
    return { map: own.length === 1 ? own[0]! : oneGame(own), parts: own };
  });
}

/** Features of several inputs as those of one row. */
function oneGame(maps: readonly FeatureMap[]): FeatureMap {
  const begins = beginsOf(maps.map(({ count }) => count));
  const ids = maps.flatMap((map, index) => Array.from(map.ids, (id) => id + begins[index]!));
  return { ids: Int32Array.from(ids), count: maps.reduce((sum, { count }) => sum + count, 0) };
}

function featuresIn(
  { features, segments, compactness, cells, ids }: FeatureValues,
  pictures: Kind,
  { shape, values }: Part,
  isOnly: boolean,
): FeatureMap[] {
  if (ids !== undefined) return featureMaps(ids instanceof Tensor ? ids.dataSync() : ids, values, shape);
  const usual = shape.length === 3 ? pictures : shape.length === 2 ? "positions" : "entries";
  const kind = features !== undefined && (isOnly || fits(features, shape)) ? features : usual;
  switch (kind) {
    case "superpixels":
      return featureMaps({ segments, compactness }, values, shape);
    case "grid":
      return featureMaps(grid(cells, shape), values, shape);
    default:
      return featureMaps(kind, values, shape);
  }
}

const fits = (kind: Kind, { length }: readonly number[]): boolean =>
  kind === "entries" || (kind === "positions" ? length > 1 : length === 3);

function grid(cells: number, shape: readonly number[]): Int32Array {
  if (shape.length !== 3) throw new ParameterError("features", "grid", "another kind: only pictures have a grid");
  const [height, width] = shape as [number, number, number];
  const rows = Math.min(cells, height);
  const columns = Math.min(cells, width);
  return Int32Array.from({ length: height * width }, (_, place) => {
    const row = Math.floor((Math.floor(place / width) * rows) / height);
    const column = Math.floor(((place % width) * columns) / width);
    return row * columns + column;
  });
}
