import { colorOfSeries } from "../../../comms/states/plot.js";
import { type SanityCheckState, similaritiesOf, similarityWords } from "../../../comms/states/sanity-check.js";
import { headingPicture } from "../../pictures/drawing/parts.js";
import {
  column,
  drawing,
  framed,
  paragraph,
  row,
  type StaticPicture,
  titled,
} from "../../pictures/drawing/static-picture.js";
import { ACCENT, INK, LINE, tag, write } from "../../pictures/drawing/svg.js";
import type { Heatmap } from "../heatmap/heatmap.js";
import { mapPicture } from "../heatmap/heatmap-picture.js";

type Shown = Pick<
  SanityCheckState,
  "title" | "subtitle" | "method" | "steps" | "step" | "similarity" | "absolute" | "curves" | "words"
>;

const MAP = 280;
const CHART = { left: 34, width: 530, height: 130 };

/** The check as its file has it: the two maps of the step that is shown, and the curves of all methods. */
export function sanityPicture(shown: Shown, maps: { original: Heatmap; randomized: Heatmap }): StaticPicture | null {
  const [first, now] = [mapPicture(maps.original, MAP), mapPicture(maps.randomized, MAP)];
  if (first === null || now === null) return null;
  const { similarity, absolute } = shown;
  const body = row([titled(`Original model, ${shown.method}`, first), titled(maps.randomized.subtitle, now)], 24);
  const measured = `${similarityWords[similarity]}${absolute ? " of sizes without signs" : ""}`;
  return framed(
    column(
      [
        headingPicture(body.width, shown.title, shown.subtitle, ""),
        body,
        paragraph(shown.words, body.width, { color: INK }),
        titled(`How alike to the original: ${measured}`, chart(shown)),
      ],
      12,
    ),
  );
}

function chart(shown: Shown): StaticPicture {
  const { left, width, height } = CHART;
  const { steps, step, curves } = shown;
  const all = curves.flatMap((curve) => similaritiesOf(curve, shown)).filter((value) => value !== null);
  const low = Math.min(0, ...all);
  const x = (at: number) => left + (width * at) / Math.max(1, steps.length - 1);
  const y = (value: number) => 8 + ((1 - value) / (1 - low)) * (height - 16);
  const lines = curves.map((curve, index) => {
    let path = "";
    similaritiesOf(curve, shown).forEach((value, at) => {
      if (value !== null) path += `${path === "" ? "M" : "L"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    });
    return tag("path", { d: path, fill: "none", stroke: colorOfSeries(index), "stroke-width": 2 });
  });
  let at = left;
  const legend = curves.map(({ method }, index) => {
    const made =
      tag("rect", { x: at, y: 4, width: 14, height: 3, fill: colorOfSeries(index) }) +
      write(at + 19, 10, method, { size: 11 });
    at += 34 + 6.4 * method.length;
    return made;
  });
  const level = (value: number) =>
    tag("rect", { x: left, y: y(value), width, height: 1, fill: LINE }) +
    write(left - 6, y(value) + 4, String(value), { size: 10, anchor: "end" });
  return column(
    [
      drawing(
        left + width,
        height,
        level(1),
        level(0),
        tag("rect", { x: x(step) - 0.75, y: 4, width: 1.5, height: height - 8, fill: ACCENT }),
        ...lines,
      ),
      drawing(left + width, 16, ...legend),
    ],
    2,
  );
}
