import { formatShort } from "../../../comms/format.js";
import { colorOfSeries, type PlotSeries, type PlotState, roundSteps } from "../../../comms/states/plot.js";
import { drawing, svgFile } from "../../pictures/drawing/static-picture.js";
import { INK, type Letters, LINE, widthOf, writeAsIs } from "../../pictures/drawing/svg.js";

const WIDTH = 680;
const TICKS = 6;

const SMALL: Letters = { size: 12 };

const write = (x: number, y: number, words: string, letters?: Letters) =>
  writeAsIs(x, y, words, { ...SMALL, ...letters });

/** An axis: the values at its ends, and where a value stands. */
interface Axis {
  ticks: { at: number; words: string }[];
  place(value: number): number;
}

/** The plot for readers whose front end shows no widgets, in the colors of the light theme. */
export function plotSvg({ title, xLabel, yLabel, logX, logY, series, height }: PlotState): string {
  const isNamed = series.some(({ name }) => name !== "");
  const top = 16 + (title === "" ? 0 : 24) + (isNamed ? 22 : 0);
  const area = { left: 64, right: WIDTH - 16, top, bottom: height - (xLabel === "" ? 28 : 46) };
  const hasBars = series.some(({ kind }) => kind === "bars");
  const labels = series.find((one) => one.labels.length > 0)?.labels ?? [];
  const half = hasBars || labels.length > 0 ? 0.5 : 0;
  const xs = series.flatMap(({ x }) => Array.from(x.data as Float32Array));
  const ys = series.flatMap(({ y }) => Array.from(y.data as Float32Array));
  const across = axis([...xs.map((x) => x - half), ...xs.map((x) => x + half)], logX, area.left, area.right, 0);
  const up = axis(hasBars && !logY ? [0, ...ys] : ys, logY, area.bottom, area.top, 0.05);
  if (labels.length > 0) across.ticks = labels.map((words, at) => ({ at, words }));
  const parts: string[] = [];
  if (title !== "") parts.push(write(area.left, 24, title, { size: 15, weight: 600, color: INK }));
  let left = area.left;
  series.forEach(({ name }, index) => {
    if (!isNamed) return;
    parts.push(`<rect x="${left}" y="${top - 18}" width="14" height="4" rx="2" fill="${colorOfSeries(index)}"/>`);
    parts.push(write(left + 20, top - 12, name));
    left += 34 + widthOf(name, SMALL);
  });
  for (const { at, words } of up.ticks) {
    const y = up.place(at).toFixed(1);
    parts.push(
      `<path d="M${area.left} ${y}H${area.right}" stroke="${LINE}"/>`,
      write(area.left - 6, Number(y) + 4, words, { anchor: "end", size: 11 }),
    );
  }
  for (const { at, words } of across.ticks)
    parts.push(write(across.place(at), area.bottom + 16, words, { anchor: "middle", size: 11 }));
  series.forEach((one, index) => {
    parts.push(drawn(one, index, series.length, across, up, area.bottom));
  });
  parts.push(
    `<rect x="${area.left}" y="${area.top}" width="${area.right - area.left}" height="${area.bottom - area.top}" fill="none" stroke="${LINE}"/>`,
  );
  if (xLabel !== "") parts.push(write((area.left + area.right) / 2, height - 10, xLabel, { anchor: "middle" }));
  if (yLabel !== "") {
    const middle = (area.top + area.bottom) / 2;
    parts.push(`<g transform="rotate(-90 16 ${middle})">${write(16, middle + 4, yLabel, { anchor: "middle" })}</g>`);
  }
  const words = [title, ...series.map(({ name }) => name)].filter((word) => word !== "").join(", ");
  return svgFile(drawing(WIDTH, height, ...parts), words || "plot");
}

function drawn(
  { x, y, kind }: PlotSeries,
  index: number,
  count: number,
  across: Axis,
  up: Axis,
  bottom: number,
): string {
  const [xs, ys] = [x.data as Float32Array, y.data as Float32Array];
  const color = colorOfSeries(index);
  const points = Array.from(xs, (value, i) => [across.place(value), up.place(ys[i]!)] as const);
  const isSeen = ([left, top]: readonly [number, number]) => Number.isFinite(left) && Number.isFinite(top);
  if (kind === "points") {
    return points
      .filter(isSeen)
      .map(([left, top]) => `<circle cx="${left.toFixed(1)}" cy="${top.toFixed(1)}" r="3" fill="${color}"/>`)
      .join("");
  }
  if (kind === "bars") {
    const width = Math.max(1, (0.8 * (across.place(1) - across.place(0))) / count);
    const zero = Number.isFinite(up.place(0)) ? up.place(0) : bottom;
    return points
      .filter(isSeen)
      .map(([left, top]) => {
        const start = left + (index - count / 2) * width;
        return `<rect x="${start.toFixed(1)}" y="${Math.min(top, zero).toFixed(1)}" width="${width.toFixed(1)}" height="${Math.abs(zero - top).toFixed(1)}" fill="${color}"/>`;
      })
      .join("");
  }
  let path = "";
  let isDrawing = false;
  for (const point of points) {
    const seen = isSeen(point);
    if (seen) path += `${isDrawing ? "L" : "M"}${point[0].toFixed(1)} ${point[1].toFixed(1)}`;
    isDrawing = seen;
  }
  return `<path d="${path}" fill="none" stroke="${color}" stroke-width="1.8" stroke-linejoin="round"/>`;
}

function axis(values: readonly number[], isLogarithmic: boolean, from: number, to: number, air: number): Axis {
  const scale = (value: number) => (isLogarithmic ? (value > 0 ? Math.log10(value) : Number.NaN) : value);
  const finite = values.map(scale).filter(Number.isFinite);
  let low = finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  let high = finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (!(high > low)) [low, high] = Number.isFinite(low) ? [low - 1, low + 1] : [0, 1];
  [low, high] = [low - air * (high - low), high + air * (high - low)];
  const place = (value: number) => from + ((scale(value) - low) / (high - low)) * (to - from);
  return { ticks: isLogarithmic ? decades(low, high) : roundSteps(low, high, TICKS), place };
}

function decades(low: number, high: number): Axis["ticks"] {
  const step = Math.max(1, Math.ceil((high - low) / TICKS));
  const found: Axis["ticks"] = [];
  for (let at = Math.ceil(low); at <= high; at += step) found.push({ at: 10 ** at, words: formatShort(10 ** at, 3) });
  return found;
}
