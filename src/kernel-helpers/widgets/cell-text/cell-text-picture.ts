import { formatFixed } from "../../../comms/format.js";
import { type CellTextState, REACH, textLines } from "../../../comms/states/cell-text.js";
import { colorOf } from "../../../comms/states/colors.js";
import { colorOfSeries } from "../../../comms/states/plot.js";
import { barsPicture, headingPicture } from "../../pictures/drawing/parts.js";
import {
  column,
  drawing,
  framed,
  paragraph,
  row,
  type StaticPicture,
  titled,
} from "../../pictures/drawing/static-picture.js";
import { escapeXml, INK, LINE, SOFT, tag, write } from "../../pictures/drawing/svg.js";

const WIDTH = 760;
const LETTER = 7;
const LINE_HEIGHT = 17;
/** Lines that a file shows of a text; the widget has all of them. */
const LINES = 20;
const SCATTER = 190;

/** The widget as its file has it: the beginning of the text, the saturation of the gates, and the best cells. */
export function cellTextPicture(shown: CellTextState): StaticPicture {
  const { title, subtitle, layer, cell, verdict, best, measure, quantity, limit } = shown;
  const bars = best.slice(0, 8).map((one) => ({
    name: `${one.layer} ${one.cell}`,
    share: one.score,
    value: formatFixed(one.score, 2),
    chosen: one.layer === layer && one.cell === cell,
  }));
  return framed(
    column(
      [
        headingPicture(WIDTH, title, subtitle, ""),
        titled(`Cell ${cell} of ${layer}: ${quantity} after each step`, textPicture(shown)),
        scalePicture(limit),
        verdict !== "" && paragraph(verdict, WIDTH, { color: INK }),
        row(
          [
            titled("Gate saturation, by cell", scatterPicture(shown)),
            bars.length > 0 && titled(`Best cells, by ${measure}`, barsPicture(380, bars)),
          ],
          36,
        ),
      ],
      12,
    ),
  );
}

const fill = (value: number, limit: number): string =>
  `rgb(${colorOf(REACH * Math.min(Math.max(value / limit, -1), 1), true).join(",")})`;

function textPicture({ tokens, values, limit }: CellTextState): StaticPicture {
  const data = values!.data as Float32Array;
  const lines = textLines(tokens, Math.floor(WIDTH / LETTER));
  const kept = lines.slice(0, LINES);
  const drawn = kept.flatMap(({ from, to, columns }, place) => {
    const top = place * LINE_HEIGHT;
    const rects: string[] = [];
    // Neighbors of one color are one rectangle.
    for (let at = from; at < to; ) {
      const color = fill(data[at]!, limit);
      let end = at + 1;
      while (end < to && fill(data[end]!, limit) === color) end++;
      const right = end < to ? columns[end - from]! : columns.at(-1)! + [...tokens[to - 1]!].length;
      const x = columns[at - from]! * LETTER;
      rects.push(tag("rect", { x, y: top, width: right * LETTER - x, height: LINE_HEIGHT - 1, fill: color }));
      at = end;
    }
    const isWord = tokens.some((token) => [...token].length > 1);
    const text = tokens
      .slice(from, to)
      .join(isWord ? " " : "")
      .replaceAll("\n", "")
      .replaceAll("\t", " ");
    const width = [...text].length * LETTER;
    const letters = {
      x: 0,
      y: top + 12.5,
      "font-size": 11.5,
      "font-family": "monospace",
      fill: INK,
      textLength: width,
      lengthAdjust: "spacingAndGlyphs",
      "xml:space": "preserve",
    };
    return [...rects, text.trim() === "" ? "" : tag("text", letters, escapeXml(text))];
  });
  const rest = lines.length - kept.length;
  return column(
    [
      drawing(WIDTH, kept.length * LINE_HEIGHT, ...drawn),
      rest > 0 && paragraph(`… and ${rest} more lines`, WIDTH, { size: 12 }),
    ],
    4,
  );
}

function scalePicture(limit: number): StaticPicture {
  const width = 240;
  const stops = 48;
  const rects = Array.from({ length: stops }, (_, at) =>
    tag("rect", {
      x: (at * width) / stops,
      y: 0,
      width: width / stops + 0.5,
      height: 10,
      fill: fill((2 * at) / (stops - 1) - 1, 1),
    }),
  );
  const end = formatFixed(limit, 1);
  return drawing(
    width,
    26,
    ...rects,
    write(0, 23, `−${end}`, { size: 11 }),
    write(width / 2, 23, "0", { size: 11, anchor: "middle" }),
    write(width, 23, `+${end}`, { size: 11, anchor: "end" }),
  );
}

function scatterPicture({ saturation, layers, layer, cell }: CellTextState): StaticPicture {
  const [gates = 0, cells = 0] = saturation?.shape ?? [];
  const names = layers.find(({ name }) => name === layer)?.gates ?? [];
  if (gates === 0) return paragraph("A simple recurrent layer has no gates.", 300);
  const data = saturation!.data as Float32Array;
  const left = 34;
  const x = (share: number) => left + share * SCATTER;
  const y = (share: number) => SCATTER + 6 - share * SCATTER;
  const points = Array.from({ length: gates * cells }, (_, at) => {
    const [gate, own] = [Math.floor(at / cells), at % cells];
    const isChosen = own === cell;
    return {
      isChosen,
      svg: tag("circle", {
        cx: x(data[2 * at]!),
        cy: y(data[2 * at + 1]!),
        r: isChosen ? 5 : 2.5,
        fill: colorOfSeries(gate),
        "fill-opacity": isChosen ? 1 : 0.55,
        stroke: isChosen ? INK : "none",
      }),
    };
  });
  return column(
    [
      drawing(
        left + SCATTER + 16,
        SCATTER + 40,
        tag("path", { d: `M${x(0)} ${y(1)}V${y(0)}H${x(1)}Z`, fill: "none", stroke: LINE }),
        ...points.filter(({ isChosen }) => !isChosen).map(({ svg }) => svg),
        ...points.filter(({ isChosen }) => isChosen).map(({ svg }) => svg),
        write(left - 4, y(1) + 8, "1", { size: 11, anchor: "end" }),
        write(left - 4, y(0), "0", { size: 11, anchor: "end" }),
        write(x(0), y(0) + 14, "0", { size: 11, anchor: "middle" }),
        write(x(1), y(0) + 14, "1", { size: 11, anchor: "middle" }),
        write(x(0.5), y(0) + 28, "share shut (below 0.1)", { size: 11, color: SOFT, anchor: "middle" }),
        tag(
          "text",
          { transform: `translate(12 ${y(0.5)}) rotate(-90)`, "font-size": 11, fill: SOFT, "text-anchor": "middle" },
          "share open (above 0.9)",
        ),
      ),
      row(
        names.map((name, gate) =>
          drawing(
            70,
            16,
            tag("circle", { cx: 6, cy: 9, r: 4, fill: colorOfSeries(gate) }),
            write(14, 13, name, { size: 11 }),
          ),
        ),
        2,
      ),
    ],
    4,
  );
}
