import { formatFixed, formatShort } from "../../../comms/format.js";
import {
  correlationRows,
  curveRows,
  FAR_LAG,
  NEAR_LAG,
  type ShatteredGradientsState,
} from "../../../comms/states/shattered-gradients.js";

import { drawing, framed, type StaticPicture } from "../../pictures/drawing/static-picture.js";
import { AGAINST, FOR, INK, LINE, wrap, write } from "../../pictures/drawing/svg.js";

type Shown = Pick<
  ShatteredGradientsState,
  "title" | "subtitle" | "net" | "drawn" | "curves" | "correlations" | "words" | "logarithmic"
>;

const WIDTH = 820;
const LEFT = 64;
const PANEL = { width: WIDTH - LEFT - 24, height: 84, gap: 38 };
const TOP = 84;

const COLORS: Record<string, string> = {
  output: INK,
  gradient: FOR,
  sensitivity: FOR,
  relevance: AGAINST,
  brown: "#8c6d5a",
  white: "#9e9e9e",
};
const PANELS = [
  ["output", "The function f", "The function f"],
  ["gradient", "Its gradient ∂f/∂x", "Its derivative along the line"],
  ["sensitivity", "Sensitivity (∂f/∂x)²", "Sensitivity ‖∇f‖²"],
  ["relevance", "LRP: what of f is given to x", "LRP: what of f is given to the input"],
] as const;
const CURVES = {
  output: "function",
  gradient: "gradient",
  relevance: "LRP-γ",
  brown: "brown noise",
  white: "white noise",
};

/** The widget as a picture for readers whose front end shows no widgets: the panels and the autocorrelations. */
export function shatteringPicture(shown: Shown): StaticPicture {
  const rows = rowsOf(shown.curves);
  const correlations = rowsOf(shown.correlations);
  const x = rows[0]!;
  const parts = [
    write(24, 32, shown.title, { size: 17, weight: 600, color: INK }),
    write(24, 52, `${shown.subtitle} · ${shown.net}`),
  ];
  let top = TOP;
  for (const [row, ofNumber, ofInput] of PANELS) {
    const title = shown.drawn === "trained" ? ofInput : ofNumber;
    const values = rows[curveRows.indexOf(row)]!;
    const heights = shown.logarithmic ? values.map((value) => Math.log10(Math.abs(value))) : values;
    parts.push(write(LEFT, top - 6, shown.logarithmic ? `|${title}|, logarithmic` : title, { weight: 600 }));
    const power = shown.logarithmic ? (value: number) => `1e${value.toFixed(1)}` : short;
    parts.push(panel(x, [{ values: heights, color: COLORS[row]! }], { top, label: power }));
    top += PANEL.height + PANEL.gap;
  }
  parts.push(write(LEFT, top - 6, "Autocorrelation against distance, 0 to 15 points", { weight: 600 }));
  const names = correlationRows.map((row, i) => ({ values: correlations[i]!, color: COLORS[row]! }));
  const lags = Float32Array.from(correlations[0]!, (_, lag) => lag);
  parts.push(panel(lags, names, { top, label: (value) => value.toFixed(1), low: -0.2, high: 1, width: 380 }));
  correlationRows.forEach((row, i) => {
    const [left, y] = [LEFT + 410, top + 14 + 17 * i];
    const [near, far] = [NEAR_LAG, FAR_LAG].map((lag) => correlations[i]![lag]!);
    parts.push(`<path d="M${left} ${y - 4}h18" stroke="${COLORS[row]}" stroke-width="2"/>`);
    parts.push(write(left + 26, y, `${CURVES[row]}: ${two(near!)}, ${FAR_LAG} points apart ${two(far!)}`));
  });
  top += PANEL.height + 30;
  for (const line of wrap(shown.words, WIDTH - 48)) {
    parts.push(write(24, top, line, { color: INK }));
    top += 18;
  }
  return framed(drawing(WIDTH, top, ...parts), 0);
}

function rowsOf(array: ShatteredGradientsState["curves"]): Float32Array[] {
  const [count, columns] = array!.shape as [number, number];
  const values = array!.data as Float32Array;
  return Array.from({ length: count }, (_, row) => values.subarray(row * columns, (row + 1) * columns));
}

interface Line {
  values: ArrayLike<number>;
  color: string;
}

function panel(
  x: ArrayLike<number>,
  lines: Line[],
  {
    top,
    label,
    width = PANEL.width,
    ...range
  }: { top: number; label: (value: number) => string; width?: number; low?: number; high?: number },
): string {
  // Next to the other end of its scale a tiny number is zero.
  const atEnd = (value: number) => label(Math.abs(value) < 1e-3 * (high - low) ? 0 : value);
  const finite = lines.flatMap(({ values }) => Array.from(values).filter(Number.isFinite));
  const low = range.low ?? Math.min(...finite);
  const high = range.high ?? Math.max(...finite);
  const span = high - low || 1;
  const [first, last] = [x[0]!, x[x.length - 1]!];
  const place = (i: number, value: number) =>
    `${(LEFT + ((x[i]! - first) / (last - first)) * width).toFixed(1)} ${(top + PANEL.height * (1 - (value - low) / span)).toFixed(1)}`;
  const paths = lines.map(({ values, color }) => {
    let path = "";
    let drawn = false;
    for (let i = 0; i < values.length; i++) {
      const visible = Number.isFinite(values[i]!);
      if (visible) path += `${drawn ? "L" : "M"}${place(i, values[i]!)}`;
      drawn = visible;
    }
    return `<path d="${path}" fill="none" stroke="${color}" stroke-width="1.2" stroke-linejoin="round"/>`;
  });
  const bottom = top + PANEL.height;
  return [
    `<rect x="${LEFT}" y="${top}" width="${width}" height="${PANEL.height}" fill="none" stroke="${LINE}"/>`,
    ...paths,
    ...(finite.length > 0
      ? [
          write(LEFT - 6, top + 9, atEnd(high), { anchor: "end", size: 10 }),
          write(LEFT - 6, bottom, atEnd(low), { anchor: "end", size: 10 }),
        ]
      : []),
    write(LEFT, bottom + 13, short(first), { size: 10 }),
    write(LEFT + width, bottom + 13, short(last), { anchor: "end", size: 10 }),
  ].join("");
}

const short = (value: number) => formatShort(value, 2);

const two = (value: number) => (Number.isNaN(value) ? "–" : formatFixed(value, 2));
