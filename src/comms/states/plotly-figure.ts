import { isBinary, type TypedArray } from "../buffers.js";
import { between, data, invalid, isRecord, list, type StateOf, type Trait } from "./traits.js";

/** The kinds of traces that the charts of these widgets can draw. */
const traceTypes = [
  ...["scatter", "bar", "box", "violin", "histogram", "histogram2d", "histogram2dcontour"],
  ...["heatmap", "contour", "image", "pie", "scatterternary"],
] as const;

/** A trace as plotly has it. Typed arrays, or `{ data, shape }` for tables of numbers, cross to the browser as they are in memory. */
export type PlotlyTrace = { type?: string; [attribute: string]: unknown };

/** Points of one trace that the reader has selected. */
export interface SelectedPoints {
  trace: number;
  points: number[];
}

const codes: Readonly<Record<string, string>> = {
  Int8Array: "i1",
  Uint8Array: "u1",
  Uint8ClampedArray: "u1c",
  Int16Array: "i2",
  Uint16Array: "u2",
  Int32Array: "i4",
  Uint32Array: "u4",
  Float32Array: "f4",
  Float64Array: "f8",
};

/** A copy in which typed arrays are as plotly reads them: `{ dtype, bdata, shape }`. */
export function plotlyWire(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) {
    const { byteOffset, byteLength, buffer } = value as TypedArray;
    return { dtype: codes[value.constructor.name], bdata: new Uint8Array(buffer, byteOffset, byteLength) };
  }
  if (Array.isArray(value)) return value.map(plotlyWire);
  if (!isRecord(value)) return value;
  const { data: numbers, shape } = value;
  if (ArrayBuffer.isView(numbers) && Array.isArray(shape)) {
    return { ...(plotlyWire(numbers) as object), ...(shape.length > 1 && { shape: shape.join(", ") }) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plotlyWire(item)]));
}

/** A copy of lists and objects; arrays of numbers are shared. */
const copied = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(copied);
  return isRecord(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copied(item)])) : value;
};

const plain = data<unknown>(null);
const holds = (value: unknown) => plain.check(value) !== invalid && !isBinary(value);

const traces: Trait<PlotlyTrace[]> = {
  expected: `a list of traces ({ type: "scatter", x, y, … }), of the types ${traceTypes.join(", ")}, with finite numbers or typed arrays`,
  initial: () => [],
  check(value) {
    if (!Array.isArray(value)) return invalid;
    const isTrace = (one: unknown) =>
      isRecord(one) && holds(one) && (one["type"] === undefined || traceTypes.includes(one["type"] as "bar"));
    return value.every(isTrace) ? (copied(value) as PlotlyTrace[]) : invalid;
  },
  toWire: plotlyWire,
  mutable: true,
};

const object: Trait<Record<string, unknown>> = {
  expected: "an object of plotly's attributes, with finite numbers or typed arrays",
  initial: () => ({}),
  check: (value) => (isRecord(value) && holds(value) ? (copied(value) as Record<string, unknown>) : invalid),
  toWire: plotlyWire,
  mutable: true,
};

const selection = data<SelectedPoints>({ trace: 0, points: [] });

export const plotlyFigureState = {
  data: traces,
  /** Titles, axes, legends, as plotly has them; what is not stated follows the page's theme. */
  plotLayout: object,
  /** CSS pixels. */
  height: between(80, 4000, 360),
  /** What the reader has selected by box or lasso; empty: nothing. */
  selected: list(selection),
};

export interface PlotlyFigureState extends StateOf<typeof plotlyFigureState> {}

/**
 * Sets what a path of plotly's names, `xaxis.range[0]`; null removes it.
 *
 * @throws RangeError for what names no attribute
 */
export function assignPath(target: object, path: string, value: unknown): void {
  const keys = path.split(/[.[\]]+/).filter((key) => key !== "");
  const last = keys.pop();
  if (last === undefined || [...keys, last].some((key) => key === "__proto__")) {
    throw new RangeError(`"${path}" names no attribute of a figure`);
  }
  let at = target as Record<string, unknown>;
  keys.forEach((key, place) => {
    const inner = at[key];
    if (inner === null || typeof inner !== "object" || isBinary(inner)) {
      at[key] = /^\d+$/.test(keys[place + 1] ?? last) ? [] : {};
    }
    at = at[key] as Record<string, unknown>;
  });
  if (value === null || value === undefined) delete at[last];
  else at[last] = value;
}
