import { formatNumber } from "../../../comms/format.js";
import { flowBars, type RelevanceFlowState, type Span } from "../../../comms/states/relevance-flow.js";
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
import { ACCENT, BAR, cut, INK, LINE, SOFT, tag, widthOf, write } from "../../pictures/drawing/svg.js";
import { booksOf, type Mapped, mapPicture } from "../heatmap/heatmap-picture.js";

type Shown = Mapped & Pick<RelevanceFlowState, "layers" | "layer" | "caption">;

const SIDE = 430;
const NAME = 130;
const NUMBER = 56;
const STEP = 17;

/** Colors of what the bars are made of, by part. */
const FILLS = { own: BAR, beside: "#cfd2d4", byBias: "#c9a227", byEmpty: "#e6dcc0", masked: "#e0e0e0" } as const;
const WORDS = {
  own: "in the layer",
  beside: "on skip connections",
  byBias: "kept by biases",
  byEmpty: "kept by empty parts",
  masked: "taken by the mask",
} as const;
type Part = keyof typeof FILLS;

/** The flow as its file has it: the map of the chosen layer, and the bars of all. */
export function flowPicture(shown: Shown): StaticPicture | null {
  const map = mapPicture(shown, 400);
  if (map === null && shown.layers.length === 0) return null;
  const body = row(
    [
      column([shown.caption !== "" && paragraph(shown.caption, 400, { size: 12 }), map], 6),
      shown.layers.length > 0 && titled("Output → input", barsPicture(shown)),
    ],
    24,
  );
  return framed(column([headingPicture(body.width, shown.title, shown.subtitle, booksOf(shown)), body], 14));
}

/** The bars of all layers, under their legend. */
export function barsPicture({ layers, layer, output }: Pick<Shown, "layers" | "layer" | "output">): StaticPicture {
  const { bars, zero, output: end } = flowBars(layers, output ?? 0);
  const length = SIDE - NAME - NUMBER;
  const kinds = (Object.keys(FILLS) as Part[]).filter((part) =>
    bars.some((bar) => (bar[part][1] - bar[part][0]) * length > 0.5),
  );
  const x = (share: number) => NAME + share * length;
  const stretch = ([from, to]: Span, top: number, fill: string) =>
    tag("rect", { x: x(from), y: top + 3, width: Math.max(0, (to - from) * length), height: STEP - 5, fill });
  const rows = layers.flatMap(({ name, sum }, index) => {
    const [top, chosen] = [index * STEP, index === layer];
    const letters = { size: 11, color: chosen ? ACCENT : INK, weight: chosen ? 600 : 400 };
    const drawn = kinds
      .toReversed()
      .map((part) => stretch(bars[index]![part], top, chosen && part === "own" ? ACCENT : FILLS[part]));
    return [
      write(0, top + 12, cut(name, NAME - 8, letters), letters),
      ...drawn,
      write(SIDE, top + 12, formatNumber(sum), { ...letters, anchor: "end" }),
    ];
  });
  const height = layers.length * STEP;
  const line = (share: number, fill: string) => tag("rect", { x: x(share) - 0.5, y: 0, width: 1, height, fill });
  const words = { size: 11, color: SOFT };
  let [left, below] = [0, 0];
  const legend = kinds.map((part) => {
    const room = 14 + widthOf(WORDS[part], words);
    if (left > 0 && left + room > SIDE) [left, below] = [0, below + 16];
    const made =
      tag("rect", { x: left, y: below + 2, width: 10, height: 10, fill: FILLS[part] }) +
      write(left + 14, below + 11, WORDS[part], words);
    left += room + 12;
    return made;
  });
  return column(
    [drawing(SIDE, below + 16, ...legend), drawing(SIDE, height, ...rows, line(zero, LINE), line(end, BAR))],
    6,
  );
}
