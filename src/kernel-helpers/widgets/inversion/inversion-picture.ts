import { formatFixed } from "../../../comms/format.js";
import type { Bytes } from "../../../comms/states/array.js";
import { ERROR_ENDS, ERROR_LIMIT, type InversionState } from "../../../comms/states/inversion.js";
import { colorOfSeries } from "../../../comms/states/plot.js";
import { colorBarPicture, headingPicture } from "../../pictures/drawing/parts.js";
import {
  column,
  drawing,
  framed,
  paragraph,
  photo,
  row,
  type StaticPicture,
  titled,
} from "../../pictures/drawing/static-picture.js";
import { ACCENT, FOR, INK, LINE, tag, write } from "../../pictures/drawing/svg.js";
import { paintHeatmap } from "../../pictures/heatmap-png.js";
import { enlarged } from "../../pictures/input-bytes.js";
import { representationPercent } from "./inversion-words.js";

type Shown = Pick<
  InversionState,
  | "title"
  | "subtitle"
  | "layers"
  | "layer"
  | "measure"
  | "original"
  | "pictures"
  | "start"
  | "difference"
  | "caption"
  | "words"
  | "errors"
  | "error"
>;

const PICTURE = 220;
const CHART = { left: 44, width: 636, height: 130 };

/** An inversion as its file has it: original, reconstruction, difference, and the errors by layer. */
export function inversionPicture(shown: Shown): StaticPicture | null {
  const { original, pictures, difference, start, caption, words, error } = shown;
  const width = 3 * PICTURE + 2 * 20;
  const failure = error !== "" && paragraph(`This layer could not be inverted: ${error}`, width, { color: FOR });
  const heading = headingPicture(width, shown.title, shown.subtitle, "");
  if (original === null) return null;
  const first = titled("Original", photo(enlarged(original, PICTURE), PICTURE));
  if (pictures === null || difference === null) {
    return failure ? framed(column([heading, first, failure], 12)) : null;
  }
  const [rows, columns] = difference.shape as [number, number];
  const map = { shape: [rows, columns] as [number, number], values: difference.data as Float32Array };
  const painted = paintHeatmap({ relevance: map, signed: false, mode: "map", limit: ERROR_LIMIT, width: PICTURE });
  const panels = row(
    [
      first,
      titled(`Reconstruction: ${caption}`, photo(enlarged(pictureOf(pictures, start), PICTURE), PICTURE)),
      titled(
        "Difference, gray levels",
        column([photo(painted, PICTURE), colorBarPicture(PICTURE, ERROR_LIMIT, false, ERROR_ENDS)], 6),
      ),
    ],
    20,
  );
  const unit = shown.measure === "pixels" ? "gray levels" : "of the layer's values";
  return framed(
    column(
      [
        heading,
        panels,
        paragraph(words, width, { color: INK }),
        failure,
        titled(`Error by layer, ${unit}`, chart(shown)),
      ],
      12,
    ),
  );
}

function pictureOf({ shape, data }: Bytes, index: number): Bytes {
  const sample = shape.slice(1);
  const size = sample.reduce((product, extent) => product * extent, 1);
  const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset + index * size, size);
  return { shape: sample, dtype: "uint8", data: bytes };
}

function chart({ layers, layer, errors, measure }: Shown): StaticPicture {
  const { left, width, height } = CHART;
  const there = errors.flatMap((line) => line[measure]).filter((value) => value !== null);
  const high = Math.max(0, ...there) || 1;
  const x = (at: number) => left + (width * at) / Math.max(1, layers.length - 1);
  const y = (value: number) => 8 + (1 - value / high) * (height - 16);
  const lines = errors.flatMap((line, index) => {
    const fill = colorOfSeries(index);
    let path = "";
    let drawn = false;
    line[measure].forEach((value, at) => {
      if (value !== null) path += `${drawn ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
      drawn = value !== null;
    });
    const points = line[measure].map((value, at) =>
      value === null ? "" : tag("circle", { cx: x(at), cy: y(value), r: 2.5, fill }),
    );
    return [tag("path", { d: path, fill: "none", stroke: fill, "stroke-width": 2 }), ...points];
  });
  const said = (value: number) => (measure === "pixels" ? formatFixed(value, 0) : representationPercent(value));
  const level = (value: number) =>
    tag("rect", { x: left, y: y(value), width, height: 1, fill: LINE }) +
    write(left - 6, y(value) + 4, value === 0 ? "0" : said(value), { size: 10, anchor: "end" });
  let at = left;
  const legend = errors.map(({ way }, index) => {
    const made =
      tag("rect", { x: at, y: 4, width: 14, height: 3, fill: colorOfSeries(index) }) +
      write(at + 19, 10, way, { size: 11 });
    at += 40 + 6.4 * way.length;
    return made;
  });
  return column(
    [
      drawing(
        left + width + 4,
        height,
        level(high),
        level(0),
        tag("rect", { x: x(layer) - 0.75, y: 4, width: 1.5, height: height - 8, fill: ACCENT }),
        ...lines,
      ),
      drawing(
        left + width + 4,
        30,
        write(left, 12, layers[0]!, { size: 10 }),
        write(left + width, 12, layers.at(-1)!, { size: 10, anchor: "end" }),
        tag("g", { transform: "translate(0 16)" }, legend.join("")),
      ),
    ],
    2,
  );
}
