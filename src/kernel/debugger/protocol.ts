/** The words of the Debug Adapter Protocol (https://microsoft.github.io/debug-adapter-protocol) that this kernel speaks. */
import type { JsonObject } from "../../comms/message.js";

/** Content of Jupyter's `debug_request`. */
export interface DebugRequest {
  readonly seq: number;
  readonly command: string;
  readonly args: JsonObject;
}

/** Content of Jupyter's `debug_event`. */
export type SendEvent = (event: string, body: JsonObject) => void;

/** What a debugger's request cannot be answered with; its message is for the reader. */
export class DebugError extends Error {
  override name = "DebugError";
}

/** There is one thread that runs cells. */
export const THREAD = 1;

/** The request in a message's content; throws where it is none. */
export function debugRequest(content: JsonObject): DebugRequest {
  const { seq, command, arguments: args } = content;
  if (typeof command !== "string") throw new DebugError("A debug_request needs a command, such as debugInfo");
  const given = typeof args === "object" && args !== null && !Array.isArray(args) ? args : {};
  return { seq: typeof seq === "number" ? seq : 0, command, args: given };
}

/** A whole number of a request. */
export function numberOf(args: JsonObject, name: string): number {
  const value = args[name];
  if (!Number.isSafeInteger(value))
    throw new DebugError(`${name} must be a whole number; it is ${JSON.stringify(value)}`);
  return value as number;
}

/** A text of a request. */
export function textOf(args: JsonObject, name: string): string {
  const value = args[name];
  if (typeof value !== "string") throw new DebugError(`${name} must be a text; it is ${JSON.stringify(value)}`);
  return value;
}

/** The path of a request's `source`. */
export function pathOf(args: JsonObject): string {
  const { source } = args;
  const path = typeof source === "object" && source !== null && !Array.isArray(source) ? source["path"] : undefined;
  if (typeof path !== "string") throw new DebugError("source.path must name a cell, as dumpCell gives it, or a file");
  return path;
}
