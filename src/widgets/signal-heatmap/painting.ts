import { colorize, colorTable } from "../../comms/states/colors.js";
import { roundSteps } from "../../comms/states/plot.js";
import { TRACE_REACH } from "../../comms/states/signal-heatmap.js";
import {
  axisWords,
  type RowRange,
  type SignalTimes,
  strongest,
  timeOf,
  traceLines,
} from "../../comms/states/signal-rows.js";

/** What is to be drawn. */
export interface RowsContent extends SignalTimes {
  readonly event: string;
  readonly channels: readonly string[];
  /** `[channels, samples]`. */
  readonly signal: Float32Array;
  readonly relevance: Float32Array | null;
  readonly limit: number;
  readonly signed: boolean;
  /** Channels from top to bottom. */
  readonly order: readonly number[];
  readonly ranges: readonly RowRange[];
  readonly sight: readonly [from: number, to: number];
  /** Empty without any. */
  readonly brush: readonly number[];
  /** Sums of relevance by channel, over what is brushed or all. */
  readonly sums: Float64Array | null;
  /** Sums of relevance over channels, by sample; null where there is one channel. */
  readonly course: Float32Array | null;
  readonly channel: number;
  readonly cursor: number;
}

/** Where the parts of the canvas are, in CSS pixels. */
export interface RowsPlaces {
  readonly names: number;
  readonly width: number;
  /** Of the column of sums at the right; 0 without. */
  readonly bars: number;
  readonly row: number;
  /** Of all rows. */
  readonly rows: number;
  /** Where the course of the sum begins, and how high it is; 0 without. */
  readonly courseTop: number;
  readonly course: number;
  /** Where the axis is. */
  readonly axis: number;
  readonly height: number;
}

/** Colors of the page, and its letters. */
export interface RowsLook {
  readonly family: string;
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly accent: string;
  readonly positive: string;
  readonly negative: string;
}

const [COURSE, AXIS] = [38, 36];

/** Lays the parts out in a canvas of that width. */
export function placesOf(content: RowsContent, names: number, whole: number): RowsPlaces {
  const count = content.channels.length;
  const bars = content.relevance === null || whole < 300 ? 0 : whole < 520 ? 40 : 64;
  const row = Math.min(Math.max(Math.floor(340 / count), 18), count === 1 ? 150 : 68);
  const rows = row * count;
  const course = content.course === null ? 0 : COURSE;
  const courseTop = rows + (course > 0 ? 6 : 0);
  const axis = courseTop + course;
  return { names, width: whole - names - bars, bars, row, rows, courseTop, course, axis, height: axis + AXIS };
}

/** From a sample to where its left edge is. */
const edgeOf = ({ names, width }: RowsPlaces, [from, to]: readonly [number, number], sample: number): number =>
  names + ((sample - from) / (to - from)) * width;

/** Tables of colors by the sign of what they are of. */
const tables = new Map<boolean, Uint32Array>();

/** The colors of all rows, a pixel a sample or column, as they are stretched over the rows. */
export function colorsOf(content: RowsContent, width: number): HTMLCanvasElement | null {
  const { relevance, channels, sight, signed, limit } = content;
  if (relevance === null) return null;
  const columns = Math.max(1, Math.min(sight[1] - sight[0], Math.round(width)));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [columns, channels.length];
  const context = canvas.getContext("2d")!;
  const data = context.createImageData(columns, channels.length);
  const table = tables.get(signed) ?? colorTable(signed, false, TRACE_REACH);
  tables.set(signed, table);
  colorize(
    strongest(relevance, channels.length, sight, columns),
    limit,
    signed,
    table,
    new Uint32Array(data.data.buffer),
  );
  context.putImageData(data, 0, 0);
  return canvas;
}

/** Draws everything. */
export function paintRows(
  context: CanvasRenderingContext2D,
  content: RowsContent,
  places: RowsPlaces,
  colors: HTMLCanvasElement | null,
  look: RowsLook,
): void {
  const { names, width, rows, height, bars } = places;
  context.clearRect(0, 0, names + width + bars, height);
  // Colors and traces are the same in every theme, as the scale is.
  context.fillStyle = "#fdfdfd";
  context.fillRect(names, 0, width, rows);
  for (const [place, channel] of content.order.entries()) {
    paintRow(context, content, places, colors, look, channel, place);
  }
  context.strokeStyle = look.line;
  context.lineWidth = 1;
  context.strokeRect(names + 0.5, 0.5, width - 1, rows - 1);
  paintCourse(context, content, places, look);
  paintAxis(context, content, places, look);
  paintMarks(context, content, places, look);
  if (bars > 0) {
    context.font = `11px ${look.family}`;
    context.fillStyle = look.soft;
    context.textAlign = "center";
    context.fillText("sum", names + width + bars / 2 + 2, places.rows + 14);
  }
}

function paintRow(
  context: CanvasRenderingContext2D,
  content: RowsContent,
  { names, width, row, bars }: RowsPlaces,
  colors: HTMLCanvasElement | null,
  look: RowsLook,
  channel: number,
  place: number,
): void {
  const { signal, channels, sight, ranges, sums, signed } = content;
  const top = place * row;
  const samples = signal.length / channels.length;
  if (colors !== null) {
    context.imageSmoothingEnabled = false;
    context.drawImage(colors, 0, channel, colors.width, 1, names, top, width, row);
  }
  if (place > 0) {
    context.fillStyle = "rgb(0 0 0 / 12%)";
    context.fillRect(names, top, width, 1);
  }
  const { middle, half } = ranges[channel]!;
  context.save();
  context.beginPath();
  context.rect(names, top, width, row);
  context.clip();
  context.beginPath();
  const y = (value: number) => top + row / 2 - ((value - middle) / half) * (row / 2 - 2);
  for (const line of traceLines(signal, channel * samples, sight, Math.round(width))) {
    line.forEach(([x, value], at) => {
      if (at === 0) context.moveTo(names + x * width, y(value));
      else context.lineTo(names + x * width, y(value));
    });
    // A lone sample between gaps is a point.
    if (line.length === 1) context.rect(names + line[0]![0] * width - 0.5, y(line[0]![1]) - 0.5, 1, 1);
  }
  context.strokeStyle = signed || colors === null ? "#1a1a1a" : "#ffffff";
  context.lineWidth = row < 24 ? 1 : 1.3;
  context.lineJoin = "round";
  context.stroke();
  context.restore();

  const isPointed = channel === content.channel;
  context.font = `${isPointed ? "600 " : ""}12px ${look.family}`;
  context.fillStyle = isPointed ? look.ink : look.soft;
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.fillText(fitted(context, channels[channel] ?? "", names - 8), names - 6, top + row / 2 + 0.5);
  context.textBaseline = "alphabetic";
  if (sums === null || bars === 0) return;
  const most = sums.reduce((size, sum) => Math.max(size, Math.abs(sum)), 0) || 1;
  const room = bars - 8;
  const zero = names + width + 6 + (signed ? room / 2 : 0);
  const length = ((signed ? room / 2 : room) * sums[channel]!) / most;
  const thick = Math.min(12, row - 6);
  context.fillStyle = length < 0 ? look.negative : look.positive;
  context.fillRect(Math.min(zero, zero + length), top + (row - thick) / 2, Math.abs(length), thick);
  if (!signed) return;
  context.fillStyle = look.line;
  context.fillRect(zero - 0.5, top, 1, row);
}

/** Words that end in … where they are wider than that. */
function fitted(context: CanvasRenderingContext2D, words: string, width: number): string {
  if (context.measureText(words).width <= width) return words;
  const kept = [...words];
  while (kept.length > 1 && context.measureText(`${kept.join("")}…`).width > width) kept.pop();
  return `${kept.join("").trimEnd()}…`;
}

/** The sum over channels in time: an area above and below zero. */
function paintCourse(
  context: CanvasRenderingContext2D,
  content: RowsContent,
  places: RowsPlaces,
  look: RowsLook,
): void {
  const { names, width, course, courseTop } = places;
  if (content.course === null || course === 0) return;
  const [from, to] = content.sight;
  const columns = Math.max(1, Math.min(to - from, Math.round(width)));
  const values = strongest(content.course, 1, content.sight, columns);
  const most = content.course.reduce((size, value) => Math.max(size, Math.abs(value)), 0) || 1;
  const zero = content.signed ? courseTop + course / 2 : courseTop + course - 1;
  const reach = content.signed ? course / 2 - 1 : course - 3;
  values.forEach((value, column) => {
    const length = (reach * value) / most;
    context.fillStyle = value < 0 ? look.negative : look.positive;
    const left = names + (column * width) / columns;
    const thick = Math.max(1, width / columns - (width / columns > 4 ? 1 : 0));
    context.fillRect(left, Math.min(zero, zero - length), thick, Math.abs(length));
  });
  context.fillStyle = look.line;
  context.fillRect(names, zero - 0.5, width, 1);
  context.font = `11px ${look.family}`;
  context.fillStyle = look.soft;
  context.textAlign = "right";
  const label = context.measureText("sum of all").width > names - 8 ? "Σ" : "sum of all";
  context.fillText(label, names - 6, courseTop + course / 2 + 4);
}

function paintAxis(context: CanvasRenderingContext2D, content: RowsContent, places: RowsPlaces, look: RowsLook): void {
  const { names, width, axis } = places;
  const [from, to] = content.sight;
  context.font = `11px ${look.family}`;
  context.fillStyle = look.soft;
  context.textAlign = "center";
  const [begin, last] = [timeOf(content, from), timeOf(content, to - 1)];
  const ticks = to - from > 1 ? roundSteps(begin, last, Math.max(2, Math.min(8, Math.floor(width / 70)))) : [];
  for (const { at, words } of ticks) {
    const x = edgeOf(places, content.sight, from + ((at - begin) / (last - begin)) * (to - 1 - from) + 0.5);
    // Without room at the edges a number would stand over the names or be cut.
    if (x < names + 4 || x > names + width - 4) continue;
    context.fillStyle = look.line;
    context.fillRect(x - 0.5, axis, 1, 4);
    context.fillStyle = look.soft;
    context.fillText(words, x, axis + 15);
  }
  context.font = `12px ${look.family}`;
  context.fillText(fitted(context, axisWords(content), width), names + width / 2, axis + 31);
}

/** What is brushed and what is pointed at. */
function paintMarks(context: CanvasRenderingContext2D, content: RowsContent, places: RowsPlaces, look: RowsLook): void {
  const { names, width, rows, row, axis } = places;
  const { brush, sight, cursor, channel, order } = content;
  const held = (x: number) => Math.min(Math.max(x, names), names + width);
  const [from, to] = brush;
  if (from !== undefined && to !== undefined) {
    const [left, right] = [held(edgeOf(places, sight, from)), held(edgeOf(places, sight, to))];
    context.fillStyle = "rgb(253 253 253 / 55%)";
    context.fillRect(names, 0, left - names, rows);
    context.fillRect(right, 0, names + width - right, rows);
    context.strokeStyle = look.accent;
    context.lineWidth = 2;
    if (right > left) context.strokeRect(left, 1, right - left, axis - 2);
  }
  if (cursor < sight[0] || cursor >= sight[1]) return;
  const [left, right] = [edgeOf(places, sight, cursor), edgeOf(places, sight, cursor + 1)];
  const middle = (left + right) / 2;
  for (const [color, thick] of [
    ["#ffffff", 3],
    ["#1a1a1a", 1],
  ] as const) {
    context.fillStyle = color;
    context.fillRect(middle - thick / 2, 0, thick, rows);
  }
  const place = order.indexOf(channel);
  if (place < 0) return;
  const wide = Math.max(5, right - left);
  for (const [color, thick] of [
    ["#ffffff", 4],
    ["#1a1a1a", 1.5],
  ] as const) {
    context.strokeStyle = color;
    context.lineWidth = thick;
    context.strokeRect(middle - wide / 2, place * row + 1, wide, row - 2);
  }
}
