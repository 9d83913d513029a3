import { isBinary } from "../../../comms/buffers.js";
import { isRecord } from "../../../comms/states/traits.js";
import { didYouMean, LISTED, nearest } from "../../../explainers/suggestions.js";

/** A trait got a value that it cannot hold. */
export class TraitError extends Error {
  override name = "TraitError";
  /** Class name of the widget. */
  readonly widget: string;
  readonly trait: string;
  readonly value: unknown;
  /** Known names that may have been meant. */
  readonly candidates: readonly string[];

  /** @param known The names that it takes, where it takes names. */
  constructor(widget: string, trait: string, value: unknown, expected: string, known: readonly string[] = []) {
    const candidates = typeof value === "string" ? nearest(value, known) : [];
    const isLong = known.length > LISTED && candidates.length > 0;
    const wanted = isLong ? `one of ${known.length} known names` : expected;
    const hint = didYouMean(candidates);
    super(`${widget}.${trait} must be ${wanted}, not ${describe(value)}${hint && `.${hint}`}`);
    this.candidates = candidates;
    this.widget = widget;
    this.trait = trait;
    this.value = value;
  }
}

function describe(value: unknown): string {
  if (typeof value === "function") return `the function ${value.name || "without name"}`;
  if (value === null || typeof value !== "object")
    return typeof value === "string" ? JSON.stringify(value) : String(value);
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name} of ${value.byteLength} bytes`;
  const kind = Array.isArray(value) ? "the list" : (value.constructor?.name ?? "object");
  if (!Array.isArray(value) && !isRecord(value)) return `a ${kind}`;
  const shown = JSON.stringify(value, (_, item: unknown) => (isBinary(item) ? "(binary)" : item)) ?? "";
  return shown.length > 60 ? `${shown.slice(0, 60)}…` : shown;
}
