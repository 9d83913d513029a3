import type { Tensor } from "@tensorflow/tfjs-core";
import { ParameterError } from "../errors.js";
import type { Features } from "../methods/perturbation/index.js";
import { choice, type Parameters, tensorOf, whole, without } from "../parameters.js";

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

/** The parameters that say what is present or absent together. */
export const featureParameters = ({ segments, mostSegments, cells, mostCells }: Counts) => ({
  features: choice(
    kinds,
    undefined,
    "What is present or absent together: superpixels or the cells of a grid (pictures), positions, entries; by default " +
      "superpixels of a picture, positions of a sequence, entries of a row",
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
  cells: whole(cells, "Cells of the grid along each side", { least: 1, span: { from: 1, to: mostCells, step: 1 } }),
  ids: tensorOf("The feature of each entry, 0 … n − 1, in the shape of a sample, instead", "optional"),
});

/** Which parameters are read: a number of superpixels only for superpixels, of cells only for a grid. */
export const readFor =
  (automatic: Kind) =>
  ({ features }: Readonly<Record<string, unknown>>, parameters: Parameters): Parameters => {
    const kind = (features as Kind | undefined) ?? automatic;
    const unread = { superpixels: ["cells"], grid: ["segments"], positions: ["segments", "cells"] };
    return without(parameters, ...unread[kind === "entries" ? "positions" : kind]);
  };

interface Values {
  readonly features: Kind | undefined;
  readonly segments: number;
  readonly cells: number;
  readonly ids: Tensor | undefined;
}

/** What the perturbation methods take for features of inputs like `x`. */
export function featuresOf({ features, segments, cells, ids }: Values, { shape }: Tensor): Features {
  if (ids !== undefined) return ids;
  const kind = features ?? (shape.length === 4 ? "superpixels" : shape.length === 3 ? "positions" : "entries");
  if (kind === "superpixels") return { segments };
  if (kind !== "grid") return kind;
  const [, height, width] = shape;
  if (shape.length !== 4) throw new ParameterError("features", kind, "another kind: only pictures have a grid");
  const rows = Math.min(cells, height!);
  const columns = Math.min(cells, width!);
  return Int32Array.from({ length: height! * width! }, (_, place) => {
    const row = Math.floor((Math.floor(place / width!) * rows) / height!);
    const column = Math.floor(((place % width!) * columns) / width!);
    return row * columns + column;
  });
}
