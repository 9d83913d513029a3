/**
 * States of widgets that were computed when a report was made, for its page to choose among. Written in Node.js, read in a page:
 * nothing here needs either.
 */

/** A setting that has stored values. */
export interface TableAxis {
  /** The model that has it, and its name there: a trait, or `parameters.NAME`. */
  readonly model: string;
  readonly setting: string;
  /** What a reader calls it. */
  readonly label: string;
  readonly values: readonly unknown[];
  /** Whether between two of its values there are others: then the nearest is taken. Of classes and channels none is near another. */
  readonly ordered: boolean;
  /** What it is in the state that the report shows, which is no stored one. */
  readonly shown: unknown;
  /** Axes of one group are stored in every combination; other groups are then as shown. */
  readonly group: number;
}

/** An array of a state: bytes of the table's blob. */
export interface TableArray {
  readonly shape: readonly number[];
  /** `int8` maps are rounded to 255 levels: the value is `scale` times the byte. */
  readonly dtype: "float32" | "uint8" | "int8";
  readonly scale?: number;
  readonly at: number;
  readonly bytes: number;
}

/** A trait that is another one in this state. */
export type TableChange = { readonly model: string; readonly trait: string } & (
  | { readonly value: unknown }
  | { readonly array: TableArray }
);

export interface TableState {
  /** `keyOf` its settings. */
  readonly key: string;
  readonly changes: readonly TableChange[];
}

export interface PrecomputedTable {
  readonly axes: readonly TableAxis[];
  /** Without the shown one, which the report's models have. */
  readonly states: readonly TableState[];
}

/** Settings as canonical JSON: names in order, without those that are as shown. */
export function keyOf(axes: readonly TableAxis[], values: readonly unknown[]): string {
  const entries = axes.flatMap((axis, at) =>
    same(values[at], axis.shown) ? [] : [[`${axis.model}.${axis.setting}`, values[at]] as const],
  );
  return canonical(Object.fromEntries(entries));
}

/** JSON with the names of objects in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : part,
  );
}

export const same = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);

/** The stored state nearest to what is asked for. */
export interface Nearest {
  /** The value of every axis. */
  readonly values: readonly unknown[];
  /** Whether the asked value is stored itself, or is nearest to the one that is, or to the one that was left for its neighbor. */
  readonly how: "stored" | "nearest" | "next";
}

/**
 * Where a reader comes who moves one axis: to the stored value nearest to what is asked for, never between two. Axes of its group stay
 * where they are, those of others go back to what is shown. Null where the value is no number and is not stored.
 *
 * @param now the value of every axis
 */
export function nearestState(
  table: PrecomputedTable,
  now: readonly unknown[],
  axis: number,
  asked: unknown,
): Nearest | null {
  const { values: stored, shown, group, ordered } = table.axes[axis]!;
  const all = [shown, ...stored];
  let value = all.find((one) => same(one, asked));
  let how: Nearest["how"] = "stored";
  if (ordered && typeof asked === "number" && value === undefined) {
    const numbers = all.filter((one): one is number => typeof one === "number");
    const here = now[axis];
    const nearest = nearestOf(numbers, asked);
    // An arrow key is not caught: a step away from a stored value goes on to the next.
    const beyond =
      nearest === here
        ? numbers.filter((one) => (asked > (here as number) ? one > (here as number) : one < (here as number)))
        : [];
    [value, how] = beyond.length > 0 ? [nearestOf(beyond, asked), "next"] : [nearest, "nearest"];
  }
  if (value === undefined) return null;
  const values = table.axes.map((other, at) => (at === axis ? value : other.group === group ? now[at] : other.shown));
  return { values, how };
}

const nearestOf = (numbers: readonly number[], asked: number): number | undefined =>
  numbers.reduce<number | undefined>(
    (best, one) => (best === undefined || Math.abs(one - asked) < Math.abs(best - asked) ? one : best),
    undefined,
  );

/**
 * Tables that are of the same models as one each: what moves one of their settings takes those of the others back to what is shown, because
 * no state was computed with both.
 *
 * @returns of each joined table the places of its parts
 */
export function joined(tables: readonly PrecomputedTable[]): { table: PrecomputedTable; parts: readonly number[] }[] {
  const groups: { models: Set<string>; parts: number[] }[] = [];
  for (const [at, table] of tables.entries()) {
    const models = modelsOf(table);
    const shared = groups.filter((group) => [...models].some((model) => group.models.has(model)));
    const first = shared[0] ?? { models: new Set<string>(), parts: [] };
    if (shared.length === 0) groups.push(first);
    for (const other of shared.slice(1)) {
      for (const model of other.models) first.models.add(model);
      first.parts.push(...other.parts);
      groups.splice(groups.indexOf(other), 1);
    }
    for (const model of models) first.models.add(model);
    first.parts.push(at);
  }
  return groups.map(({ parts }) => ({ parts, table: joinedOf(parts.map((part) => tables[part]!)) }));
}

function joinedOf(parts: readonly PrecomputedTable[]): PrecomputedTable {
  const axes: TableAxis[] = [];
  for (const part of parts) {
    const from = 1 + Math.max(-1, ...axes.map(({ group }) => group));
    axes.push(...part.axes.map((axis) => ({ ...axis, group: from + axis.group })));
  }
  return { axes, states: parts.flatMap(({ states }) => states) };
}

/** The models that a table reads or changes. */
export const modelsOf = ({ axes, states }: PrecomputedTable): Set<string> =>
  new Set([...axes, ...states.flatMap(({ changes }) => changes)].map(({ model }) => model));

/** Whether two axes are of one setting, which two tables have values of. */
export const isSame = (a: TableAxis, b: TableAxis): boolean => a.model === b.model && a.setting === b.setting;

/** What the setting of an axis is now: of several axes of it, one alone can be elsewhere than shown. */
export function valueNow({ axes }: PrecomputedTable, now: readonly unknown[], axis: number): unknown {
  const own = axes[axis]!;
  const moved = axes.findIndex((one, at) => isSame(one, own) && !same(now[at], one.shown));
  return moved < 0 ? own.shown : now[moved];
}

/**
 * Where a reader comes who moves a setting of which several axes have values: to the state of that axis that comes nearest to what is
 * asked for; of equals, to one that leaves other settings where they are.
 *
 * @param axis any axis of the setting
 */
export function reached(
  table: PrecomputedTable,
  now: readonly unknown[],
  axis: number,
  asked: unknown,
): (Nearest & { readonly axis: number }) | null {
  const own = table.axes[axis]!;
  const here = valueNow(table, now, axis);
  const ways = table.axes.flatMap((one, at) => {
    if (!isSame(one, own)) return [];
    const from = now.map((value, other) => (other === at ? here : value));
    const found = nearestState(table, from, at, asked);
    if (found === null) return [];
    const away = Math.abs(Number(found.values[at]) - Number(asked)) || 0;
    const lost = table.axes.filter((other, place) => !isSame(other, own) && !same(found.values[place], now[place]));
    // A neighbor is for those who would otherwise stay where they are.
    const rank = [found.how === "next" ? 1 : 0, found.how === "stored" ? 0 : away, lost.length] as const;
    return [{ ...found, axis: at, rank }];
  });
  ways.sort((a, b) => a.rank.map((value, at) => value - b.rank[at]!).find((difference) => difference !== 0) ?? 0);
  const [best] = ways;
  return best === undefined ? null : { values: best.values, how: best.how, axis: best.axis };
}

/** A state's array as its numbers. */
export function numbersOf(blob: Uint8Array, { dtype, scale = 1, at, bytes }: TableArray): Float32Array | Uint8Array {
  // A copy of its own: floats begin at multiples of four bytes.
  const own = new Uint8Array(blob.subarray(at, at + bytes));
  if (dtype === "uint8") return own;
  if (dtype === "float32") return new Float32Array(own.buffer);
  return Float32Array.from(new Int8Array(own.buffer), (level) => level * scale);
}

/** A map in 255 levels about 0. */
export function rounded(values: Float32Array): { levels: Int8Array; scale: number } {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  const scale = most === 0 ? 1 : most / 127;
  return { levels: Int8Array.from(values, (value) => Math.round(value / scale)), scale };
}
