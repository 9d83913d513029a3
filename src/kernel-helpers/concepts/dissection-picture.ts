import { colorOfSeries } from "../../comms/states/plot.js";
import type { Dissection } from "../../explainers/index.js";
import { headingPicture } from "../pictures/drawing/parts.js";
import { column, drawing, framed, paragraph, type StaticPicture } from "../pictures/drawing/static-picture.js";
import { cut, INK, LINE, SOFT, tag, widthOf, write } from "../pictures/drawing/svg.js";

/** The detectors of a layer by kind of concept. */
export interface LayerDetectors {
  readonly layer: string;
  readonly units: number;
  /** In the order of the kinds. */
  readonly byKind: readonly number[];
  /** Of a random rotation, together; null where there is none. */
  readonly rotated: number | null;
}

export const kindsOf = ({ concepts }: Pick<Dissection, "concepts">): string[] => [
  ...new Set(concepts.map(({ kind }) => kind)),
];

/** How many units of each layer detect which kind of concept. */
export function layerDetectors({ layers, concepts }: Pick<Dissection, "concepts" | "layers">): LayerDetectors[] {
  const kinds = kindsOf({ concepts });
  return layers.map(({ layer, units, rotated }) => ({
    layer,
    units: units.length,
    byKind: kinds.map((kind) => units.filter((unit) => unit.isDetector && unit.concept!.kind === kind).length),
    rotated: rotated?.detectors ?? null,
  }));
}

const WIDTH = 720;
const ROW = 20;
const SMALL = { size: 12 };
const NUMBERS = 96;

/** A dissection as a figure: layer by layer how many units detect which kind of concept, beside a random rotation. */
export function dissectionPicture(dissection: Dissection, model: string): StaticPicture {
  return framed(
    column(
      [
        headingPicture(WIDTH, "What units detect", `network dissection, ${model}`, `${dissection.pictures} pictures`),
        detectorBars(layerDetectors(dissection), kindsOf(dissection), WIDTH),
        ...dissection.warnings.map((warning) => paragraph(warning, WIDTH, SMALL)),
      ],
      12,
    ),
  );
}

/** Bars of detectors by kind, a line a layer; a mark stands where the random rotation ends. */
export function detectorBars(
  layers: readonly LayerDetectors[],
  kinds: readonly string[],
  width: number,
): StaticPicture {
  const names = Math.min(0.4 * width, Math.max(40, ...layers.map(({ layer }) => widthOf(layer, SMALL))) + 12);
  const sums = layers.map(({ byKind }) => byKind.reduce((sum, count) => sum + count, 0));
  const most = Math.max(1, ...sums, ...layers.map(({ rotated }) => rotated ?? 0));
  const room = width - names - NUMBERS;
  const at = (count: number) => names + (room * count) / most;
  const legend = kinds.reduce<{ x: number; elements: string[] }>(
    ({ x, elements }, kind, index) => ({
      x: x + widthOf(kind, SMALL) + 32,
      elements: [
        ...elements,
        tag("rect", { x, y: 4, width: 12, height: 10, fill: colorOfSeries(index) }),
        write(x + 17, 13, kind, SMALL),
      ],
    }),
    { x: names, elements: [] },
  );
  const isRotated = layers.some(({ rotated }) => rotated !== null);
  const rotation = isRotated
    ? [
        tag("rect", { x: legend.x, y: 3, width: 2, height: 12, fill: INK }),
        write(legend.x + 8, 13, "random rotation", SMALL),
      ]
    : [];
  const rows = layers.flatMap(({ layer, units, byKind, rotated }, place) => {
    const top = 24 + place * ROW;
    let start = 0;
    const bars = byKind.map((count, kind) => {
      const bar = tag("rect", {
        ...{ x: at(start), y: top + 4, width: at(start + count) - at(start), height: 12 },
        fill: colorOfSeries(kind),
      });
      start += count;
      return count > 0 ? bar : "";
    });
    return [
      tag("line", { x1: names, y1: top + 10, x2: names + room, y2: top + 10, stroke: LINE }),
      write(0, top + 14, cut(layer, names - 8, SMALL), { ...SMALL, color: INK }),
      ...bars,
      rotated === null ? "" : tag("rect", { x: at(rotated) - 1, y: top + 2, width: 2, height: 16, fill: INK }),
      write(width, top + 14, `${sums[place]} of ${units}`, { ...SMALL, color: SOFT, anchor: "end" }),
    ];
  });
  return drawing(width, 24 + layers.length * ROW, ...legend.elements, ...rotation, ...rows);
}
