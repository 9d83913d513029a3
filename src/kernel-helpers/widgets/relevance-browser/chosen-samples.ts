import {
  conservationError,
  type RelevanceBrowserState,
  type SampleCard,
  type SampleClass,
} from "../../../comms/states/relevance-browser.js";
import type { SampleTable } from "../../relevance/sample-table.js";

/** What chooses samples and their order. */
export type SampleFilter = Pick<RelevanceBrowserState, "target" | "label" | "which" | "search" | "sort" | "descending">;

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** The first of a class's names. */
const named = (table: SampleTable, index: number): string =>
  (table.store.classNames[index] ?? String(index)).split(",")[0]!;

/** A sample as a card. */
export function cardOf(table: SampleTable, index: number): SampleCard {
  const { id, target, label, output, total, error } = table.row(index);
  const predicted = table.predicted[index]!;
  return {
    index,
    id,
    target: target < 0 ? "" : named(table, target),
    label: label < 0 ? "" : named(table, label),
    right: label < 0 || predicted < 0 ? null : predicted === label,
    output: finite(output),
    total: finite(total),
    error,
  };
}

/** The numbers of the samples that are there and pass, in their order; what has no value to sort by comes last. */
export function chosenSamples(table: SampleTable, filter: SampleFilter): Int32Array {
  const { target, label, which, sort, descending } = filter;
  const search = filter.search.trim().toLowerCase();
  const number = /^#\d+$/.test(search) ? Number(search.slice(1)) : null;
  const passing = new Int32Array(table.count);
  let passed = 0;
  for (let index = 0; index < table.store.count; index++) {
    if (!table.has(index)) continue;
    if (target >= 0 && table.target[index] !== target) continue;
    const own = table.label[index]!;
    if (label >= 0 && own !== label) continue;
    const predicted = table.predicted[index]!;
    if (which === "failed" && !table.errors.has(index)) continue;
    if (which === "right" && (own < 0 || predicted !== own)) continue;
    if (which === "wrong" && (own < 0 || predicted < 0 || predicted === own)) continue;
    if (number !== null ? index !== number : search !== "" && !table.ids[index]!.toLowerCase().includes(search))
      continue;
    passing[passed++] = index;
  }
  const found = passing.subarray(0, passed);
  if (sort === "number") return descending ? found.reverse() : found;
  const values = Float64Array.from(found, (index) => sortedBy(table, index, sort));
  const places = new Int32Array(passed).map((_, at) => at);
  const sign = descending ? -1 : 1;
  places.sort((a, b) => {
    const [first, second] = [values[a]!, values[b]!];
    if (Number.isNaN(first) || Number.isNaN(second))
      return Number(Number.isNaN(first)) - Number(Number.isNaN(second)) || a - b;
    return sign * (first - second) || a - b;
  });
  return places.map((place) => found[place]!);
}

function sortedBy(table: SampleTable, index: number, sort: Exclude<SampleFilter["sort"], "number">): number {
  const [output, total] = [table.output[index]!, table.total[index]!];
  if (sort === "output") return output;
  if (sort === "total") return total;
  return conservationError({ output: finite(output), total: finite(total) }) ?? Number.NaN;
}

/** Classes by how many samples have them, by name. */
export function classesOf(table: SampleTable, which: "target" | "label"): SampleClass[] {
  const counts = new Map<number, number>();
  for (let index = 0; index < table.store.count; index++) {
    const own = table[which][index]!;
    if (own >= 0) counts.set(own, (counts.get(own) ?? 0) + 1);
  }
  return [...counts]
    .map(([index, count]) => ({ index, count, name: named(table, index) }))
    .sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

/** `3 of 24 samples`, and how they are chosen. */
export function foundWords(
  found: number,
  { which, search }: SampleFilter,
  names: { readonly target: string; readonly label: string },
): string {
  const kind = { all: "", right: "predicted rightly", wrong: "predicted wrongly", failed: "failed" }[which];
  const filters = [
    kind,
    names.target === "" ? "" : `explained for “${names.target}”`,
    names.label === "" ? "" : `of class “${names.label}”`,
    search.trim() === "" ? "" : `matching “${search.trim()}”`,
  ].filter((words) => words !== "");
  const count = found === 0 ? "No samples" : found === 1 ? "1 sample" : `${found.toLocaleString("en")} samples`;
  return [count, filters.join(", ")].filter((words) => words !== "").join(" ");
}
