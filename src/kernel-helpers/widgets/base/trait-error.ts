import { isBinary } from "../../../comms/buffers.js";
import { isRecord } from "../../../comms/states/traits.js";

/** A trait got a value that it cannot hold. */
export class TraitError extends Error {
  override name = "TraitError";
  /** Class name of the widget. */
  readonly widget: string;
  readonly trait: string;
  readonly value: unknown;

  constructor(widget: string, trait: string, value: unknown, expected: string) {
    super(`${widget}.${trait} must be ${expected}, not ${describe(value)}`);
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
