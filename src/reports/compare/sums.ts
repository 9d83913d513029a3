/** Sums whose terms may cancel: what is left of them can be as small as their rounding, so it is compared by the size of the terms. */
import type { TreeRecord, ValueRecord } from "../ledger/records.js";
import { RELEVANCE_SUMS } from "../ledger/sums.js";

/** Whether an object is a balance of relevance, so that its sums are what their names say. */
const isBalance = ({ parts }: TreeRecord): boolean =>
  Object.hasOwn(parts, "relevanceSum") || (Object.hasOwn(parts, "passedOn") && Object.hasOwn(parts, "sum"));

/** Of an object's sums of relevance, the largest and that of the relevance itself without its signs; 0 where it is no balance. */
export function termsOf(tree: TreeRecord): number {
  if (!isBalance(tree)) return 0;
  const sizes = Object.entries(tree.parts).map(([name, part]) => {
    if (name === "relevance" && part.kind === "array") return part.statistics?.absolute ?? 0;
    return RELEVANCE_SUMS.has(name) ? sizeOf(part) : 0;
  });
  return Math.max(0, ...sizes.filter(Number.isFinite));
}

const sizeOf = (part: ValueRecord): number => (part.kind === "number" ? Math.abs(Number(part.value)) : 0);

/** Whether a part of an object is such a sum. */
export const isSum = (tree: TreeRecord, name: string): boolean => isBalance(tree) && RELEVANCE_SUMS.has(name);
