import { formatNumber } from "../../../comms/format.js";
import { markSide, type RankMatrixState, rankedCount, rankShare } from "../../../comms/states/rank-matrix.js";
import { headingPicture } from "../../pictures/drawing/parts.js";
import { column, drawing, framed, paragraph, type StaticPicture } from "../../pictures/drawing/static-picture.js";
import { cut, FOR, INK, LINE, SOFT, tag, write } from "../../pictures/drawing/svg.js";

type Shown = Pick<RankMatrixState, "title" | "subtitle" | "methods" | "measures" | "cells" | "order" | "verdict">;

const NAME = 190;
const CELL = 96;
const ROW = 38;
const HEAD = 40;
const MARK = 26;

/** From nearly paper (last) to the accent color (first). */
const colorOfShare = (share: number): string => {
  const mix = (paper: number, accent: number) => Math.round(paper + (accent - paper) * (0.12 + 0.88 * share));
  return `rgb(${mix(255, 25)},${mix(255, 118)},${mix(255, 210)})`;
};

/** The matrix as its file has it. */
export function rankPicture({ title, subtitle, methods, measures, cells, order, verdict }: Shown): StaticPicture {
  const width = NAME + CELL * (measures.length + 1);
  const ranked = rankedCount(methods);
  const head = [...measures.map(({ label }) => label), "mean rank"].map((label, at) =>
    write(NAME + at * CELL + CELL / 2, HEAD - 12, cut(label, CELL - 6, { size: 11 }), {
      size: 11,
      color: INK,
      anchor: "middle",
    }),
  );
  const rows = order.flatMap((row, place) => {
    const top = HEAD + place * ROW;
    const { label, mean } = methods[row]!;
    const marks = measures.map((_, at) => {
      const { rank, stability, phase } = cells[row * measures.length + at]!;
      const x = NAME + at * CELL + CELL / 2;
      if (rank === null) {
        const words = phase === "failed" ? "failed" : phase === "waiting" ? "…" : "–";
        return write(x, top + 24, words, { size: 11, anchor: "middle", color: phase === "failed" ? FOR : SOFT });
      }
      const side = MARK * markSide(stability);
      const fill = colorOfShare(rankShare(rank, ranked));
      return (
        tag("rect", { x: x - 14 - side / 2, y: top + (ROW - side) / 2, width: side, height: side, rx: 2, fill }) +
        write(x + 8, top + 24, formatNumber(rank, 2).replace(/\.0$/, ""), { size: 12, color: INK })
      );
    });
    return [
      tag("rect", { x: 0, y: top, width, height: 1, fill: LINE }),
      write(0, top + 24, cut(label, NAME - 10), { color: INK }),
      ...marks,
      write(NAME + measures.length * CELL + CELL / 2, top + 24, mean === null ? "–" : formatNumber(mean), {
        color: INK,
        anchor: "middle",
      }),
    ];
  });
  const legend = "Color: rank, dark is best. Size: how often the method keeps its rank in the bootstrap over samples.";
  return framed(
    column(
      [
        headingPicture(width, title, subtitle, ""),
        paragraph(verdict, width, { color: INK }),
        drawing(width, HEAD + order.length * ROW, ...head, ...rows),
        paragraph(legend, width, { size: 12 }),
      ],
      10,
    ),
  );
}
