import { inspect } from "node:util";
import { currentHost, type MimeBundle } from "../comms/host.js";
import { newId } from "../comms/manager.js";
import type { JsonObject } from "../comms/message.js";

const DISPLAY = Symbol.for("Jupyter.display");

/** A displayed output that can be replaced. */
export interface DisplayHandle {
  readonly displayId: string;
  /** Shows `value` in the place of what was displayed. */
  update(value: unknown): void;
}

/**
 * Shows a value below the running cell: widgets live, other values that know how to show themselves as they do,
 * the rest as text. Outside a kernel its text goes to standard output.
 *
 * @example
 * const status = display("loading …");
 * status.update("ready");
 */
export function display(value: unknown, options: { metadata?: JsonObject } = {}): DisplayHandle {
  const displayId = newId();
  show(value, { ...options, displayId });
  return { displayId, update: (next) => show(next, { ...options, displayId, update: true }) };
}

/** Removes what is displayed below the cell; with `wait`, when there is something new to show in its place. */
export function clearOutput({ wait = false } = {}): void {
  currentHost()?.clearOutput(wait);
}

/** The forms of a value by MIME type, as a notebook shows it. */
export function mimeBundle(value: unknown): MimeBundle {
  const toBundle = (value as { [DISPLAY]?: () => MimeBundle } | null | undefined)?.[DISPLAY];
  if (typeof toBundle === "function") return toBundle.call(value);
  return { "text/plain": typeof value === "string" ? value : inspect(value) };
}

function show(value: unknown, options: { metadata?: JsonObject; displayId: string; update?: boolean }): void {
  const bundle = mimeBundle(value);
  const host = currentHost();
  if (host === undefined) console.log(bundle["text/plain"] ?? inspect(bundle));
  else host.display(bundle, options);
}
