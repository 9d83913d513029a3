/** The numbers of a figure as a CSV file. */
import type { WidgetModel } from "@jupyter-widgets/base";

interface Grid {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** Counters, sizes and colors: nothing that a figure shows. */
const ASIDE =
  /^_|^(request|answered|layout|style|progress|milliseconds|height|form|methods|msg_id|opacity|percentile|limit|mode)$/;

const isGrid = (value: unknown): value is Grid =>
  typeof value === "object" &&
  value !== null &&
  "shape" in value &&
  "values" in value &&
  ArrayBuffer.isView((value as Grid).values);

const isModel = (value: unknown): value is WidgetModel =>
  typeof value === "object" && value !== null && "model_id" in value && "attributes" in value;

/** A number of 32 bits in the fewest digits that are its own: 0.4, not 0.4000000059604645. */
function short(value: number): number {
  const digits = [6, 7, 8, 9].find((count) => Math.fround(Number(value.toPrecision(count))) === value);
  return digits === undefined ? value : Number(value.toPrecision(digits));
}

/** A field of a CSV file (RFC 4180). */
const field = (value: string | number): string =>
  typeof value === "string" && /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : String(value);

const lines = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map((row) => `${row.map(field).join(",")}\r\n`).join("");

/**
 * The numbers that a widget shows. A map alone is a table of its rows; all else is a list of names and numbers, among them those of the
 * widgets within.
 */
export function csvOf(model: WidgetModel): string | null {
  const relevance = model.get("relevance") as Grid | null | undefined;
  if (isGrid(relevance) && relevance.shape.length === 2) {
    const [rows = 0, columns = 0] = relevance.shape;
    const cells = Array.from({ length: rows }, (_, row) =>
      Array.from({ length: columns }, (_, column) => short(relevance.values[row * columns + column]!)),
    );
    return lines(cells);
  }
  const found: [string, string | number][] = [];
  collect("", model, found, new Set());
  return found.length === 0 ? null : lines([["quantity", "value"], ...found]);
}

function collect(name: string, value: unknown, found: [string, string | number][], seen: Set<unknown>): void {
  if (typeof value === "number") found.push([name, value]);
  else if (isModel(value)) {
    if (seen.has(value)) return;
    seen.add(value);
    for (const [trait, held] of Object.entries(value.attributes)) {
      if (ASIDE.test(trait)) continue;
      collect(name === "" ? trait : `${name}.${trait}`, held, found, seen);
    }
  } else if (isGrid(value)) {
    // Bytes are pictures, which are seen and not read.
    if (!(value.values instanceof Float32Array)) return;
    const { shape, values } = value;
    for (let at = 0; at < values.length; at++) {
      let rest = at;
      const places = shape.toReversed().map((size) => {
        const place = rest % size;
        rest = Math.floor(rest / size);
        return place;
      });
      found.push([
        `${name}${places
          .toReversed()
          .map((place) => `[${place}]`)
          .join("")}`,
        short(values[at]!),
      ]);
    }
  } else if (Array.isArray(value)) {
    // What has a name of its own is called by it.
    const names = value.map((item: { name?: unknown; label?: unknown } | null) =>
      isModel(item) ? "" : (item?.name ?? item?.label),
    );
    value.forEach((item, at) => {
      const called = names[at];
      const isOwn = typeof called === "string" && called !== "" && names.indexOf(called) === names.lastIndexOf(called);
      collect(`${name}[${isOwn ? called : at}]`, item, found, seen);
    });
  } else if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value)) {
    for (const [key, held] of Object.entries(value)) collect(`${name}.${key}`, held, found, seen);
  }
}
