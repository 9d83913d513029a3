import { formatShort } from "../../comms/format.js";
import type { Evaluation, MeanRow } from "../../explainers/index.js";
import { pictureFile } from "../pictures/drawing/rasterize.js";
import { column, drawing, framed, paragraph, type StaticPicture, svgFile } from "../pictures/drawing/static-picture.js";
import { ACCENT, BAR, cut, INK, LINE, SOFT, tag, widthOf, write } from "../pictures/drawing/svg.js";
import { noteNodePart, PNG_PAINTER } from "../resources/recorder.js";
import { captionOf, headingOf } from "./in-words.js";

const WIDTH = 760;
const ROW = 22;
const SMALL = { size: 12 };
/** Room of the methods' names at most, and of the numbers at the right. */
const NAMES = 260;
const NUMBERS = 70;

/** An evaluation as a figure: measure by measure the means of all methods with their intervals, the best in color. */
function evaluationPicture(evaluation: Evaluation): StaticPicture {
  return framed(
    column(
      [
        paragraph(evaluation.verdict.text, WIDTH, { size: 15, weight: 600, color: INK }),
        ...evaluation.measures.map(({ label }) => panel(evaluation, label)),
        paragraph(`${captionOf(evaluation)}. In color: what is not worse than the best beyond chance.`, WIDTH, SMALL),
      ],
      16,
    ),
  );
}

/** The figure as a file. */
export const evaluationSvg = (evaluation: Evaluation): string =>
  svgFile(evaluationPicture(evaluation), `Evaluation of methods: ${evaluation.verdict.text}`);

export async function evaluationPng(evaluation: Evaluation): Promise<Uint8Array> {
  noteNodePart(PNG_PAINTER);
  const { data } = await pictureFile(evaluationPicture(evaluation), "Evaluation of methods");
  return Buffer.from(data["image/png"] as string, "base64");
}

function panel(evaluation: Evaluation, label: string): StaticPicture {
  const measure = evaluation.measures.find((one) => one.label === label)!;
  const verdict = evaluation.verdict.measures.find((one) => one.measure === label)!;
  const rows = evaluation.means.filter((row) => row.measure === label);
  const side = measure.better === "lower" ? 1 : -1;
  const sorted = rows.toSorted((a, b) => side * ((a.mean ?? side * Infinity) - (b.mean ?? side * Infinity)) || 0);
  return column(
    [
      paragraph(headingOf(measure), WIDTH, { weight: 600, color: SOFT }),
      evaluation.methods.length > 1 && paragraph(verdict.text, WIDTH, SMALL),
      intervals(sorted, new Set(verdict.tied)),
    ],
    4,
  );
}

function intervals(rows: readonly MeanRow[], best: ReadonlySet<string>): StaticPicture {
  const names = Math.min(NAMES, Math.max(...rows.map(({ method }) => widthOf(method, SMALL))) + 12);
  const known = rows.flatMap(({ mean, low, high }) => [mean, low, high].filter((value) => value !== null));
  const [from, to] = [Math.min(...known), Math.max(...known)];
  const room = WIDTH - names - NUMBERS;
  const at = (value: number) => names + (to > from ? ((value - from) / (to - from)) * (room - 16) + 8 : room / 2);
  const elements = rows.flatMap(({ method, mean, low, high }, place) => {
    const y = place * ROW + ROW / 2;
    const color = best.has(method) ? ACCENT : BAR;
    const guide = tag("line", { x1: names, y1: y, x2: names + room, y2: y, stroke: LINE });
    const name = write(0, y + 4, cut(method, names - 8, SMALL), { ...SMALL, color: best.has(method) ? INK : SOFT });
    if (mean === null) return [guide, name, write(WIDTH, y + 4, "no value", { ...SMALL, anchor: "end" })];
    const line =
      low === null || high === null
        ? ""
        : tag("line", {
            x1: at(low),
            y1: y,
            x2: at(high),
            y2: y,
            stroke: color,
            "stroke-width": 3,
            "stroke-linecap": "round",
          });
    const dot = tag("circle", { cx: at(mean), cy: y, r: 5, fill: color });
    return [guide, name, line, dot, write(WIDTH, y + 4, formatShort(mean), { ...SMALL, color: INK, anchor: "end" })];
  });
  const bottom = rows.length * ROW;
  const ends =
    to > from
      ? [
          write(at(from), bottom + 12, formatShort(from), { size: 11 }),
          write(at(to), bottom + 12, formatShort(to), { size: 11, anchor: "end" }),
        ]
      : [];
  return drawing(WIDTH, bottom + (ends.length > 0 ? 16 : 0), ...elements, ...ends);
}
