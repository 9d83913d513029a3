/** Two runs of a notebook, compared value by value. It needs no Node.js: a page compares what it computes itself. */
import type { Ledger, LedgerCell, Quantity, ValueRecord } from "../ledger/records.js";
import { defaultTolerance, type Tolerance } from "./tolerance.js";
import { compareValues, type Finding, inWords, isInMotion, type ValueDifference } from "./values.js";

/** What of a run is not as it was. */
export interface Difference extends Omit<ValueDifference, "part"> {
  /** The cell's id, and how messages name it. */
  readonly cell: string;
  readonly name: string;
  /** `variable loss`, `variable result.relevance`, `output 2`. */
  readonly quantity: string;
}

/** What was not compared, and why. */
export interface Untold {
  readonly cell: string;
  readonly name: string;
  readonly quantity: string;
  readonly why: string;
}

export interface Comparison {
  /** `nothing` where there was nothing to compare: that no value differs then says nothing. */
  readonly verdict: "reproduced" | "differs" | "nothing";
  readonly reproduced: boolean;
  /** Quantities that were compared, and cells that are gone or fail otherwise; and how many of them agree. */
  readonly compared: number;
  readonly agreed: number;
  readonly differences: readonly Difference[];
  /** How many more differences there are than those listed. */
  readonly more: number;
  readonly untold: readonly Untold[];
  /** The relative tolerance; 0 for bit by bit. */
  readonly tolerance: number;
}

export interface CompareOptions {
  /**
   * Relative; default 0 where both ran on WebAssembly or in plain JavaScript, 1e-4 where both ran on TensorFlow's C library, 1e-3 where
   * one did.
   */
  readonly tolerance?: number;
}

/** Most differences of one quantity that are listed. */
const LISTED = 5;

export function compareLedgers(was: Ledger, is: Ledger, options: CompareOptions = {}): Comparison {
  const { tolerance: relative = defaultTolerance(was.backend, is.backend) } = options;
  const tolerance: Tolerance = { relative, stated: statedIn(was) };
  const differences: Difference[] = [];
  const untold: Untold[] = [];
  let [compared, agreed, more] = [0, 0, 0];
  const [before, after] = [valuesOf(was), valuesOf(is)];
  for (const { cell, now } of pairs(was, is)) {
    const at = { cell: (cell ?? now)!.id, name: (cell ?? now)!.name };
    const whole = (quantity: string, was: string, is: string) => {
      compared++;
      differences.push({ ...at, quantity, was, is, tolerance: "exact", distance: "" });
    };
    if (cell === undefined || now === undefined) {
      whole("the cell", cell ? "there" : "not there", now ? "there" : "not there");
      continue;
    }
    if (cell.failed !== now.failed) whole("the cell", cell.failed ? "failed" : "ran", now.failed ? "fails" : "runs");
    if (cell.volatile) {
      untold.push({ ...at, quantity: "the cell", why: "its author says that it gives other values each time" });
      continue;
    }
    for (const quantity of quantitiesIn(cell, now)) {
      const key = keyOf(quantity);
      const called = quantity.place === "variable" ? `variable ${quantity.name}` : quantity.name;
      const [old, young] = [before.at(cell, key), after.at(now, key)];
      if (!old || !young) {
        whole(called, old ? inWords(old) : "nothing", young ? inWords(young) : "nothing");
        continue;
      }
      const found: Finding = { differences: [], untold: new Set() };
      compareValues(old, young, tolerance, found);
      if (!isInMotion(old) && !isInMotion(young)) {
        compared++;
        if (found.differences.length === 0) agreed++;
      }
      for (const { part, ...rest } of found.differences.slice(0, LISTED)) {
        differences.push({ ...at, quantity: `${called}${part}`, ...rest });
      }
      more += Math.max(0, found.differences.length - LISTED);
      for (const why of found.untold) untold.push({ ...at, quantity: called, why });
    }
  }
  const verdict = differences.length > 0 ? "differs" : compared > 0 ? "reproduced" : "nothing";
  const reproduced = verdict === "reproduced";
  return { verdict, reproduced, compared, agreed, differences, more, untold, tolerance: relative };
}

/** The cells of both, by their ids, which for notebooks without any are their places. */
function pairs(was: Ledger, is: Ledger): { cell?: LedgerCell; now?: LedgerCell }[] {
  const left = new Map(is.cells.map((cell) => [cell.id, cell]));
  const found = was.cells.map((cell) => {
    const now = left.get(cell.id);
    left.delete(cell.id);
    return { cell, ...(now && { now }) };
  });
  return [...found, ...[...left.values()].map((now) => ({ now }))];
}

const keyOf = ({ place, name }: Quantity): string => `${place} ${name}`;

/** What either run recorded of a cell, each once. */
function quantitiesIn(was: LedgerCell, is: LedgerCell): Quantity[] {
  const all = new Map<string, Quantity>();
  for (const quantity of [...was.quantities, ...is.quantities]) {
    if (!all.has(keyOf(quantity))) all.set(keyOf(quantity), quantity);
  }
  return [...all.values()];
}

/** The values of a run; a variable that a cell leaves as it was has the record of the last cell that changed it. */
function valuesOf({ cells }: Ledger) {
  const byCell = new Map<LedgerCell, Map<string, ValueRecord>>();
  let variables = new Map<string, ValueRecord>();
  for (const cell of cells) {
    const own = cell.quantities.map((quantity) => [keyOf(quantity), quantity.value] as const);
    variables = new Map([...variables, ...own.filter((_, index) => cell.quantities[index]!.place === "variable")]);
    byCell.set(cell, new Map([...variables, ...own]));
  }
  return { at: (cell: LedgerCell, key: string): ValueRecord | undefined => byCell.get(cell)!.get(key) };
}

/** The tolerances that cells state, of values that are not so plain that others have them by chance. */
function statedIn({ cells }: Ledger): Tolerance["stated"] {
  return cells.flatMap(({ quantities }) =>
    quantities.flatMap(({ value }) => {
      if (value.kind !== "expectation") return [];
      const [is, expected, most] = [value.value, value.expected, value.tolerance].map((part) => Number(part.value));
      // What may be apart from what is expected on either side may be apart from another run by both.
      return Number.isInteger(is) ? [] : [{ value: is!, absolute: most! + Math.abs(is! - expected!) }];
    }),
  );
}
