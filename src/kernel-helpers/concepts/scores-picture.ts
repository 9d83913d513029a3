import { formatPercent, formatShort } from "../../comms/format.js";
import {
  type ConceptBarsState,
  type ConceptCell,
  conceptWords,
  isSignificant,
  neutralOf,
  pWords,
  scaleOf,
  shownValue,
  testWords,
} from "../../comms/states/concept-bars.js";
import { headingPicture } from "../pictures/drawing/parts.js";
import { column, drawing, framed, paragraph, type StaticPicture, titled } from "../pictures/drawing/static-picture.js";
import { ACCENT, BAR, cut, INK, LINE, PAPER, SOFT, tag, widthOf, write } from "../pictures/drawing/svg.js";
import type { ScoresContent } from "./scores-content.js";

const WIDTH = 760;
const ROW = 22;
const SMALL = { size: 12 };
const NUMBERS = 250;

type Shown = ScoresContent & Pick<ConceptBarsState, "statistic">;

/** Concept scores as a figure: layer by layer how far each concept moves the class, with intervals. */
export function scoresPicture(shown: Shown): StaticPicture {
  const { title, subtitle, layers, cells, warnings } = shown;
  return framed(
    column(
      [
        headingPicture(WIDTH, title, subtitle, ""),
        paragraph(conceptWords(shown), WIDTH, { color: INK }),
        ...layers.map((layer) =>
          titled(
            layer,
            bars(
              cells.filter((cell) => cell.layer === layer),
              shown,
            ),
          ),
        ),
        paragraph(testWords(shown), WIDTH, SMALL),
        ...warnings.map((warning) => paragraph(warning, WIDTH, SMALL)),
      ],
      14,
    ),
  );
}

function bars(cells: readonly ConceptCell[], { statistic, significance }: Shown): StaticPicture {
  const names = Math.min(200, Math.max(40, ...cells.map(({ concept }) => widthOf(concept, SMALL))) + 12);
  const room = WIDTH - names - NUMBERS;
  const [low, high] = scaleOf(cells, statistic);
  const at = (value: number) => names + 6 + ((room - 12) * (value - low)) / (high - low);
  const neutral = neutralOf(statistic);
  const height = cells.length * ROW;
  const rows = cells.flatMap((cell, place) => {
    const y = place * ROW + ROW / 2;
    const { value, interval } = shownValue(cell, statistic);
    const significant = isSignificant(cell, statistic, significance);
    const color = significant ? ACCENT : BAR;
    const words = `${formatShort(value, 2)} · ${pWords(cell, statistic)} · told apart ${formatPercent(cell.accuracy)}`;
    return [
      write(0, y + 4, cut(cell.concept, names - 8, SMALL), { ...SMALL, color: significant ? INK : SOFT }),
      tag("line", { x1: names, y1: y, x2: names + room, y2: y, stroke: LINE }),
      interval === null
        ? ""
        : tag("line", { x1: at(interval[0]), y1: y, x2: at(interval[1]), y2: y, stroke: color, "stroke-width": 2 }),
      tag("circle", {
        ...{ cx: at(value), cy: y, r: 4.5, fill: significant ? color : PAPER },
        ...{ stroke: color, "stroke-width": 1.5 },
      }),
      write(WIDTH, y + 4, words, { ...SMALL, anchor: "end", color: significant ? INK : SOFT }),
    ];
  });
  const level = { x1: at(neutral), y1: 0, x2: at(neutral), y2: height, stroke: SOFT, "stroke-dasharray": "3 3" };
  const ends = [low, neutral, high].map((value, place) =>
    write(at(value), height + 13, formatShort(value, 2), {
      size: 11,
      anchor: place === 0 ? "start" : place === 2 ? "end" : "middle",
    }),
  );
  return drawing(WIDTH, height + 16, tag("line", level), ...rows, ...ends);
}
