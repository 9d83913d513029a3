import { clipLimit, colorize, colorTable, reaching } from "../../../comms/states/colors.js";
import { endWords } from "../../../comms/states/heatmap.js";
import { roundSteps } from "../../../comms/states/plot.js";
import { type SignalHeatmapState, TRACE_REACH } from "../../../comms/states/signal-heatmap.js";
import {
  axisWords,
  brushWords,
  channelSums,
  rowOrder,
  rowRanges,
  strongest,
  timeOf,
  traceLines,
} from "../../../comms/states/signal-rows.js";
import { colorBarPicture, headingPicture } from "../../pictures/drawing/parts.js";
import { column, drawing, framed, paragraph, type StaticPicture } from "../../pictures/drawing/static-picture.js";
import { AGAINST, cut, FOR, INK, LINE, tag, widthOf, write, writeAsIs } from "../../pictures/drawing/svg.js";
import { encodePng } from "../../pictures/png.js";
import { booksOf } from "../heatmap/heatmap-picture.js";

const WIDTH = 760;
const BARS = 64;

/** The widget as its file has it: heading, traces over their relevance, scale; null while there is nothing to see. */
export function signalPicture(shown: SignalHeatmapState): StaticPicture | null {
  const { title, subtitle, error, signed, brush } = shown;
  const failure = error !== "" && paragraph(`This could not be explained: ${error}`, WIDTH, { color: FOR });
  if (shown.signal === null) return failure || null;
  const relevance = (shown.relevance?.data as Float32Array | undefined) ?? null;
  const limit = relevance === null ? 0 : (shown.limit ?? clipLimit(relevance, shown.percentile));
  const books = booksOf({ ...shown, image: null, relevance: null, mode: "map", opacity: 1 });
  return framed(
    column(
      [
        headingPicture(WIDTH, title, subtitle, books),
        rowsPicture(shown, relevance, limit),
        brush.length > 0 && paragraph(escapeAsterisks(brushWords(shown, relevance, brush)), WIDTH, { size: 12 }),
        relevance !== null && colorBarPicture(448, limit, signed, endWords(signed), reaching(TRACE_REACH)),
        failure,
      ],
      10,
    ),
  );
}

/** Names of channels are nobody's emphasis. */
const escapeAsterisks = (words: string) => words.replaceAll("*", "∗");

function rowsPicture(shown: SignalHeatmapState, relevance: Float32Array | null, limit: number): StaticPicture {
  const { channels, units, signed } = shown;
  const signal = shown.signal!.data as Float32Array;
  const [count, samples] = shown.signal!.shape as [number, number];
  const [from = 0, to = samples] = shown.sight;
  const sight = [from, to] as const;
  const names = Math.min(150, Math.max(...channels.map((name) => widthOf(name, { size: 12 }))) + 10);
  const right = relevance === null ? 0 : BARS;
  const width = WIDTH - names - right;
  const row = Math.min(Math.max(Math.floor(320 / count), 18), count === 1 ? 140 : 64);
  const height = row * count;
  const order = rowOrder(shown.order, count, relevance);
  const ranges = rowRanges(signal, count, units, shown.gain);
  const drawn: string[] = [tag("rect", { x: names, y: 0, width, height, fill: "#fdfdfd" })];
  const [first = 0, end = samples] = shown.brush;
  const sums = relevance && channelSums(relevance, count, first, end);
  const most = sums === null ? 1 : Math.max(...sums.map(Math.abs)) || 1;
  order.forEach((channel, place) => {
    const top = place * row;
    if (relevance !== null)
      drawn.push(stripe(relevance, count, channel, sight, [names, top, width, row], limit, signed));
    const { middle, half } = ranges[channel]!;
    for (const line of traceLines(signal, channel * samples, sight, width)) {
      const d = line.map(([x, value]) => {
        const y = top + row / 2 - ((value - middle) / half) * (row / 2 - 2);
        return `${(names + x * width).toFixed(1)} ${y.toFixed(1)}`;
      });
      const stroke = signed || relevance === null ? "#1a1a1a" : "#ffffff";
      drawn.push(tag("path", { d: `M${d.join("L")}`, fill: "none", stroke, "stroke-width": 1.1 }));
    }
    if (place > 0) drawn.push(tag("path", { d: `M${names} ${top}h${width}`, stroke: LINE, "stroke-width": 0.5 }));
    const name = cut(channels[channel] ?? "", names - 8, { size: 12 });
    drawn.push(writeAsIs(names - 6, top + row / 2 + 4, name, { size: 12, color: INK, anchor: "end" }));
    if (sums !== null) {
      const length = ((BARS - 8) / (signed ? 2 : 1)) * (sums[channel]! / most);
      const zero = names + width + 6 + (signed ? (BARS - 8) / 2 : 0);
      const bar = { y: top + row / 2 - Math.min(6, row / 3), height: 2 * Math.min(6, row / 3) };
      const fill = length < 0 ? AGAINST : FOR;
      drawn.push(tag("rect", { ...bar, x: Math.min(zero, zero + length), width: Math.abs(length), fill }));
    }
  });
  const place = (sample: number) => names + ((sample - from) / (to - from)) * width;
  if (shown.brush.length > 0) {
    const [left, right] = [Math.max(names, place(first)), Math.min(names + width, place(end))];
    const box = { x: left, y: 0.75, width: right - left, height: height - 1.5 };
    if (right > left) drawn.push(tag("rect", { ...box, fill: "none", stroke: INK, "stroke-width": 1.5 }));
  }
  drawn.push(tag("rect", { x: names + 0.5, y: 0.5, width: width - 1, height: height - 1, fill: "none", stroke: LINE }));
  const [begin, last] = [timeOf(shown, from), timeOf(shown, to - 1)];
  for (const { at, words } of to - from > 1 ? roundSteps(begin, last, 6) : []) {
    const x = place(from + ((at - begin) / (last - begin)) * (to - 1 - from) + 0.5);
    drawn.push(tag("path", { d: `M${x} ${height}v4`, stroke: LINE }));
    drawn.push(write(x, height + 16, words, { size: 11, anchor: "middle" }));
  }
  drawn.push(
    writeAsIs(names + width / 2, height + 31, cut(axisWords(shown), width, { size: 12 }), {
      size: 12,
      anchor: "middle",
    }),
  );
  if (right > 0)
    drawn.push(write(names + width + 6 + (BARS - 8) / 2, height + 16, "sum", { size: 11, anchor: "middle" }));
  return { ...drawing(WIDTH, height + 36, ...drawn), pixels: relevance !== null };
}

/** The relevance of one channel as pixels, one a sample, stretched over its row. */
function stripe(
  relevance: Float32Array,
  channels: number,
  channel: number,
  sight: readonly [number, number],
  [x, y, width, height]: readonly [number, number, number, number],
  limit: number,
  signed: boolean,
): string {
  const samples = relevance.length / channels;
  const columns = Math.min(sight[1] - sight[0], 2 * Math.round(width));
  const own = relevance.subarray(channel * samples, (channel + 1) * samples);
  const words = new Uint32Array(columns);
  colorize(strongest(own, 1, sight, columns), limit, signed, colorTable(signed, false, TRACE_REACH), words);
  const rgba = new Uint8Array(words.buffer);
  const rgb = Uint8Array.from({ length: 3 * columns }, (_, at) => rgba[4 * Math.floor(at / 3) + (at % 3)]!);
  const href = `data:image/png;base64,${encodePng(rgb, columns, 1).toString("base64")}`;
  return tag("image", { x, y, width, height, href, preserveAspectRatio: "none", "image-rendering": "optimizeSpeed" });
}
