import {
  ACCENT,
  escapeXml,
  FONT,
  INK,
  LINE,
  PAPER,
  SOFT,
  tag,
  widthOf,
  write,
} from "../../../src/kernel-helpers/pictures/drawing/svg.js";

/** One method: the mean over samples, and its interval. */
export interface ChartRow {
  readonly name: string;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const WIDTH = 640;
const ROW = 26;
const TOP = 34;
const BOTTOM = 44;

/** Means with their intervals, a row a method, over one axis; as an SVG file. */
export function intervalChart(title: string, axis: string, rows: readonly ChartRow[]): string {
  const left = Math.max(...rows.map(({ name }) => widthOf(name))) + 20;
  const right = WIDTH - 56;
  const height = TOP + rows.length * ROW + BOTTOM;
  const ticks = ticksOver([0, ...rows.flatMap(({ low, high, mean }) => [low, high, mean])].filter(Number.isFinite));
  const [from, to] = [ticks[0]!, ticks.at(-1)!];
  const at = (value: number) => left + ((value - from) / (to - from)) * (right - left);
  const bottom = TOP + rows.length * ROW;
  const parts = [
    tag("rect", { width: WIDTH, height, fill: PAPER }),
    write(16, 20, title, { size: 14, weight: 600, color: INK }),
    ...ticks.flatMap((tick) => [
      tag("line", { x1: at(tick), x2: at(tick), y1: TOP, y2: bottom, stroke: tick === 0 ? SOFT : LINE }),
      write(at(tick), bottom + 16, String(tick).replace("-", "−"), { size: 11, anchor: "middle" }),
    ]),
    write((left + right) / 2, bottom + 34, axis, { size: 12, anchor: "middle" }),
    ...rows.flatMap(({ name, mean, low, high }, place) => {
      const y = TOP + (place + 0.5) * ROW;
      return [
        write(left - 10, y + 4, name, { anchor: "end", color: INK }),
        tag("line", { x1: at(low), x2: at(high), y1: y, y2: y, stroke: ACCENT, "stroke-width": 2 }),
        ...[low, high].map((end) => tag("line", { x1: at(end), x2: at(end), y1: y - 4, y2: y + 4, stroke: ACCENT })),
        tag("circle", { cx: at(mean), cy: y, r: 4, fill: ACCENT }),
        write(right + 10, y + 4, label(mean), { size: 12, color: INK }),
      ];
    }),
  ];
  const words = `${title}: ${rows.map(({ name, mean }) => `${name} ${label(mean)}`).join(", ")}`;
  const frame = `viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="${escapeXml(FONT)}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${frame} role="img" aria-label="${escapeXml(words)}">${parts.join("")}</svg>\n`;
}

/** Round numbers around all values, five or so. */
function ticksOver(values: readonly number[]): number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const rough = (high - low || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough)!;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, place) => Number(((first + place) * step).toPrecision(12)));
}

/** Three digits, a true minus sign. */
export const label = (value: number): string => {
  const size = Math.abs(value);
  const digits = size === 0 || size >= 100 ? 0 : Math.min(6, 2 - Math.floor(Math.log10(size)));
  return value.toFixed(digits).replace("-", "−");
};
