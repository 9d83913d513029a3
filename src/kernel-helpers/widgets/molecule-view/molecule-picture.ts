import { formatSigned, sentenceCase } from "../../../comms/format.js";
import { endWords } from "../../../comms/states/heatmap.js";
import { type MoleculeMark, moleculeDrawing, NUMBER_SIZE } from "../../../comms/states/molecule-drawing.js";
import {
  itemName,
  listedItems,
  type MoleculeContent,
  shownLimit,
  sumWords,
} from "../../../comms/states/molecule-view.js";
import { barsPicture, colorBarPicture, headingPicture } from "../../pictures/drawing/parts.js";
import {
  column,
  drawing,
  framed,
  paragraph,
  row,
  type StaticPicture,
  titled,
} from "../../pictures/drawing/static-picture.js";
import { AGAINST, FOR, INK, PAPER, SOFT, tag, writeAsIs } from "../../pictures/drawing/svg.js";

const WIDTH = 440;
const LIST = 230;
/** Rows that a file shows; the widget has all of them. */
const ROWS = 14;

/** A molecule as its file has it: heading, drawing and scale, and beside them the largest values. */
export function moleculePicture(content: MoleculeContent): StaticPicture {
  const { title, subtitle, error, ends, unit, quantity } = content;
  const listed = listedItems(content);
  const limit = shownLimit(content);
  const width = listed.length > 0 ? WIDTH + 24 + LIST : WIDTH;
  const failure = error !== "" && paragraph(`This could not be explained: ${error}`, width, { color: FOR });
  const { marks, height } = moleculeDrawing(content, WIDTH);
  const molecule = content.elements.length > 0 && drawing(WIDTH, height, ...marks.map(drawn));
  const bars = listed.slice(0, ROWS).map(({ item, value }) => ({
    name: itemName(content, item),
    share: limit > 0 ? Math.abs(value) / limit : 0,
    value: formatSigned(value),
    chosen: false,
    color: value < 0 ? AGAINST : FOR,
  }));
  const scale = listed.length > 0 && colorBarPicture(WIDTH, limit, true, endWords(true, ends));
  const list =
    listed.length > 0 && titled(sentenceCase(unit === "" ? quantity : `${quantity}, ${unit}`), barsPicture(LIST, bars));
  return framed(
    column(
      [
        headingPicture(width, title, subtitle, sumWords(content)),
        row([column([molecule, scale], 8), list], 24),
        failure,
      ],
      10,
    ),
  );
}

function drawn(mark: MoleculeMark): string {
  if (mark.kind === "line") {
    const [[x1, y1], [x2, y2]] = [mark.from, mark.to];
    const line = (stroke: string, width: number) =>
      tag("line", {
        ...{ x1, y1, x2, y2, stroke, "stroke-width": width, "stroke-linecap": "round" },
        "stroke-dasharray": mark.dashed ? "2 7" : undefined,
      });
    return mark.color === null ? line(SOFT, mark.width) : line(SOFT, mark.width + 1.6) + line(mark.color, mark.width);
  }
  const { x, y } = mark;
  if (mark.kind === "circle") {
    return tag("circle", {
      cx: x,
      cy: y,
      r: mark.radius,
      fill: mark.color ?? PAPER,
      stroke: SOFT,
      "stroke-width": 1.2,
    });
  }
  if (mark.kind === "symbol") {
    const color = mark.dark === false ? "#ffffff" : INK;
    return writeAsIs(x, y + 0.36 * mark.size, mark.words, { size: mark.size, weight: 600, color, anchor: "middle" });
  }
  const base = y + 0.36 * NUMBER_SIZE;
  const halo = { fill: PAPER, stroke: PAPER, "stroke-width": 4, "stroke-linejoin": "round" };
  return (
    tag("text", { x, y: base, "font-size": NUMBER_SIZE, "text-anchor": "middle", ...halo }, mark.words) +
    writeAsIs(x, base, mark.words, { size: NUMBER_SIZE, color: INK, anchor: "middle" })
  );
}
