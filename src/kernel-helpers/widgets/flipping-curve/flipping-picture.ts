import { formatNumber, formatPercent } from "../../../comms/format.js";
import {
  comparedReader,
  type FlippingCurveState,
  ranksOf,
  SUMMARY_WORDS,
  summariesOf,
  summaryOf,
} from "../../../comms/states/flipping-curve.js";
import { colorOfSeries } from "../../../comms/states/plot.js";
import { headingPicture } from "../../pictures/drawing/parts.js";
import {
  column,
  drawing,
  framed,
  paragraph,
  photo,
  row,
  type StaticPicture,
} from "../../pictures/drawing/static-picture.js";
import { cut, INK, LINE, SOFT, tag, write } from "../../pictures/drawing/svg.js";

type Shown = Omit<FlippingCurveState, "cells">;

const WIDTH = 760;
const CHART = { width: 480, height: 250, left: 56, bottom: 38 };
const CHANCE = "#9e9e9e";
const DASHES = [undefined, "7 4", "2 3"];

/** The widget as its file has it: curves, the picture at the step that is looked at, what each curve comes to. */
export function flippingPicture(shown: Shown): StaticPicture | null {
  const { title, subtitle, runs, drawn, tab, reader, image, frame, error } = shown;
  const run = tab === "methods" ? runs[drawn] : undefined;
  const own = tab === "reader" ? reader : comparedReader(reader, run);
  if (run === undefined && (own === null || own.values.length < 2)) {
    return error === "" ? null : framed(paragraph(`This could not be measured: ${error}`, WIDTH));
  }
  const seen = frame ?? image;
  return framed(
    column(
      [
        headingPicture(WIDTH, title, subtitle, ""),
        row([chart(shown, run, own), seen && photo(pixelsOf(seen), 220)], 40),
        run && lines(shown, run),
        error !== "" && paragraph(error, WIDTH),
      ],
      14,
    ),
  );
}

/** RGB pixels of a picture of one, three or four channels. */
function pixelsOf({ shape, data }: NonNullable<Shown["image"]>) {
  const [height = 1, width = 1, channels = 1] = shape;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const pixels = new Uint8Array(3 * height * width);
  for (let at = 0; at < height * width; at++) {
    for (let color = 0; color < 3; color++)
      pixels[3 * at + color] = bytes[channels * at + (channels === 1 ? 0 : color)]!;
  }
  return { pixels, width, height };
}

function chart(shown: Shown, run: Shown["runs"][number] | undefined, reader: Shown["reader"]): StaticPicture {
  const { shares, range, target } = shown;
  const { width, height, left, bottom } = CHART;
  const regions = shown.rows * shown.columns;
  const followed = run?.followed ?? reader?.followed ?? shown.followed;
  const all = [
    ...(run?.curves ?? []).flatMap((curve) => curve ?? []),
    ...(run?.random?.mean ?? []),
    ...(reader?.values ?? []),
  ];
  const low = followed === "probability" ? 0 : Math.min(...all);
  const high = Math.max(...all);
  const most = run === undefined ? Math.min(1, Math.max(0.1, (1.25 * (reader!.values.length - 1)) / regions)) : 1;
  const x = (share: number) => left + (share / most) * (width - left);
  const y = (value: number) => 6 + (height - bottom - 12) * (1 - (value - low) / (high - low || 1));
  const path = (points: readonly (readonly [number, number])[]) =>
    `M${points.map(([share, value]) => `${x(share).toFixed(1)} ${y(value).toFixed(1)}`).join("L")}`;
  const stepped = (curve: readonly number[]) => path(curve.map((value, step) => [shares[step]!, value]));
  const line = (d: string, stroke: string, dash?: string) =>
    tag("path", { d, fill: "none", stroke, "stroke-width": 1.7, "stroke-linejoin": "round", "stroke-dasharray": dash });
  const parts = [
    tag("rect", { x: left, y: 0.5, width: width - left - 0.5, height: height - bottom, fill: "none", stroke: LINE }),
  ];
  if (run !== undefined && range !== null) {
    const [from, to] = [x(shares[range[0]!]!), x(shares[range[1]!]!)];
    parts.push(tag("rect", { x: from, y: 1, width: to - from, height: height - bottom - 1, fill: "#e3f2fd" }));
  }
  if (run?.random) parts.push(line(stepped(run.random.mean), CHANCE, "6 4"));
  run?.curves.forEach((curve, index) => {
    if (curve !== null) parts.push(line(stepped(curve), colorOfSeries(index), DASHES[Math.floor(index / 6) % 3]));
  });
  if (reader) parts.push(line(path(reader.values.map((value, picked) => [picked / regions, value])), INK));
  parts.push(
    write(left - 6, 14, formatNumber(high, 2), { anchor: "end", size: 11 }),
    write(left - 6, height - bottom, formatNumber(low, 2), { anchor: "end", size: 11 }),
    write(left, height - bottom + 16, "0", { size: 11 }),
    write(width, height - bottom + 16, formatPercent(most), { anchor: "end", size: 11 }),
    write((left + width) / 2, height - 6, "share of the picture flipped", { anchor: "middle", size: 12 }),
    tag(
      "g",
      { transform: `translate(12 ${(height - bottom) / 2}) rotate(-90)` },
      write(0, 0, cut(`${followed} of ${target}`, height - bottom, { size: 12 }), { anchor: "middle", size: 12 }),
    ),
  );
  return drawing(width, height, ...parts);
}

/** What each curve comes to, by rank. */
function lines({ methods, shares, summary, range }: Shown, run: Shown["runs"][number]): StaticPicture {
  const whole = (range ?? [0, shares.length - 1]) as [number, number];
  const summaries = summariesOf(run, shares, summary, whole);
  const ranks = ranksOf(summaries, summary, run.order);
  const places = methods.map((_, index) => index);
  places.sort((a, b) => (ranks[a] ?? 1e9) - (ranks[b] ?? 1e9));
  const over =
    range === null ? "" : `, ${formatPercent(shares[whole[0]]!)} to ${formatPercent(shares[whole[1]]!)} flipped`;
  const key = (top: number, color: string, dash?: string) =>
    tag("path", { d: `M0 ${top - 4}h22`, stroke: color, "stroke-width": 3, "stroke-dasharray": dash });
  const entries = places.map((index, place) => {
    const top = 40 + 22 * place;
    const number = summaries[index] ?? null;
    return [
      key(top, colorOfSeries(index), DASHES[Math.floor(index / 6) % 3]),
      write(30, top, cut(methods[index]!.label, 330), { color: INK }),
      write(470, top, number === null ? "–" : formatNumber(number), { color: INK, anchor: "end" }),
      write(520, top, number === null ? "" : String(ranks[index]), { color: INK, anchor: "end" }),
      ...(number === null ? [write(540, top, cut(run.errors[index] ?? "", 220))] : []),
    ].join("");
  });
  let height = 40 + 22 * entries.length;
  if (run.random) {
    const number = summaryOf(run.random.mean, shares, summary, whole);
    entries.push(
      key(height, CHANCE, "6 4"),
      write(30, height, "random order"),
      write(470, height, formatNumber(number), { anchor: "end" }),
    );
    height += 22;
  }
  return drawing(
    WIDTH,
    height - 8,
    write(470, 14, `${SUMMARY_WORDS[summary]}${over}`, { size: 12, anchor: "end", color: SOFT }),
    write(520, 14, "rank", { size: 12, anchor: "end", color: SOFT }),
    ...entries,
  );
}
