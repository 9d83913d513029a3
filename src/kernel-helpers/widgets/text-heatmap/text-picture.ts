import { endWords } from "../../../comms/states/heatmap.js";
import {
  readingWords,
  type TextHeatmapState,
  type TextUnit,
  textColor,
  textLimits,
  textUnits,
  unitNumber,
  unitRelevance,
} from "../../../comms/states/text-heatmap.js";
import { colorBarPicture, headingPicture } from "../../pictures/drawing/parts.js";
import { column, drawing, framed, paragraph, type StaticPicture } from "../../pictures/drawing/static-picture.js";
import { FOR, INK, SOFT, tag, widthOf, writeAsIs } from "../../pictures/drawing/svg.js";

const WIDTH = 720;
const LETTERS = { size: 14, color: INK };
const LINE = 24;
const NUMBER = 11;
/** Lines that a file shows of each reading; the widget has all of them. */
const LINES = 24;

/** The widget as its file has it: every reading with its numbers, and the scale. */
export function textPicture(shown: TextHeatmapState): StaticPicture {
  const { title, subtitle, readings, signed, error, scale } = shown;
  const units = textUnits(shown);
  const relevance = readings.map((_, at) => unitRelevance(units, shown.relevance!.data as Float32Array, at));
  const limits = textLimits(relevance, shown);
  const single = readings.length === 1;
  const isOneScale = single || scale === "shared" || shown.limit !== null;
  return framed(
    column(
      [
        headingPicture(WIDTH, title, subtitle, single ? readingWords(readings[0]!, signed) : ""),
        error !== "" && paragraph(error, WIDTH, { color: FOR }),
        ...readings.map((reading, at) =>
          column(
            [
              !single && headingPicture(WIDTH, reading.label, "", readingWords(reading, signed)),
              linesPicture(shown, units, relevance[at]!, limits[at]!),
            ],
            2,
          ),
        ),
        isOneScale
          ? colorBarPicture(360, limits[0]!, signed, endWords(signed), textColor)
          : paragraph("Each text has a color scale of its own.", WIDTH, { size: 12 }),
      ],
      12,
    ),
  );
}

function linesPicture(
  { text, signed, numbers, deleted }: TextHeatmapState,
  units: readonly TextUnit[],
  values: Float32Array,
  limit: number,
): StaticPicture {
  const gone = new Set(deleted);
  const line = LINE + (numbers ? NUMBER : 0);
  const space = widthOf(" ", LETTERS);
  const drawn: string[] = [];
  let [x, row, last] = [0, 0, 0];
  const place = (width: number) => {
    if (x > 0 && x + width > WIDTH) [x, row] = [0, row + 1];
    const at = x;
    x += width;
    return at;
  };
  /** Words one by one, so that lines can break between them. */
  const words = (between: string, draw: (word: string, x: number, width: number) => void) => {
    for (const part of between.split(/(\s+)/)) {
      if (part === "") continue;
      if (part.trim() === "") x += x > 0 ? space : 0;
      else {
        const width = widthOf(part, LETTERS);
        draw(part, place(width), width);
      }
    }
  };
  const write = (word: string, at: number, color = INK) =>
    drawn.push(writeAsIs(at, row * line + 16, word, { ...LETTERS, color }));
  units.forEach(({ start, end, tokens }, index) => {
    words(text.slice(last, start), (word, at) => write(word, at, SOFT));
    const fill = `rgb(${textColor(limit > 0 ? values[index]! / limit : 0, signed).join(",")})`;
    const isGone = tokens.every((token) => gone.has(token));
    let isFirst = true;
    words(text.slice(start, end), (word, at, width) => {
      const y = row * line;
      drawn.push(tag("rect", { x: at - 1, y: y + 1, width: width + 2, height: 20, fill }));
      write(word, at);
      if (isGone) drawn.push(tag("path", { d: `M${at} ${y + 11.5}h${width}`, stroke: INK, "stroke-width": 1.5 }));
      if (numbers && isFirst) {
        const words = unitNumber(values[index]!, limit, signed);
        drawn.push(writeAsIs(at, y + LINE + 6, words, { size: 9, color: SOFT }));
        // The next word begins behind the number.
        x = Math.max(x, at + widthOf(words, { size: 9 }) + 2);
      }
      isFirst = false;
    });
    last = end;
  });
  words(text.slice(last), (word, at) => write(word, at, SOFT));
  const rows = row + 1;
  const kept = Math.min(rows, LINES);
  const svg = drawn.join("");
  const clipped =
    kept === rows
      ? svg
      : `<svg width="${WIDTH}" height="${kept * line}" viewBox="0 0 ${WIDTH} ${kept * line}">${svg}</svg>`;
  return column(
    [
      drawing(WIDTH, kept * line, clipped),
      kept < rows && paragraph(`… and ${rows - kept} more lines`, WIDTH, { size: 12 }),
    ],
    4,
  );
}
