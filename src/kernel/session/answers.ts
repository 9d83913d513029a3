/** What the interpreter says of code that is being written, as the contents of Jupyter's replies. */
import type { JsonObject } from "../../comms/message.js";
import type { Interpreter } from "../interpreter.js";
import { toCodePoints, toUnits } from "./cursor.js";

export async function completeReply(interpreter: Interpreter, content: JsonObject): Promise<JsonObject> {
  const { code, cursor } = place(content);
  const found = (await interpreter.complete?.(code, cursor)) ?? { matches: [], start: cursor, end: cursor };
  const start = toCodePoints(code, found.start);
  const end = toCodePoints(code, found.end);
  return {
    status: "ok",
    matches: found.matches.map(({ text }) => text),
    cursor_start: start,
    cursor_end: end,
    metadata: {
      _jupyter_types_experimental: found.matches.map(({ text, kind }) => ({ start, end, text, type: kind })),
    },
  };
}

export async function inspectReply(interpreter: Interpreter, content: JsonObject): Promise<JsonObject> {
  const { code, cursor } = place(content);
  const data = await interpreter.inspect?.(code, cursor);
  return { status: "ok", found: data !== undefined, data: (data ?? {}) as JsonObject, metadata: {} };
}

export async function completenessReply(interpreter: Interpreter, content: JsonObject): Promise<JsonObject> {
  return (await interpreter.isComplete?.(String(content["code"] ?? ""))) ?? { status: "unknown" };
}

/** The code of a request and the cursor in it, by default at its end, as an index into the string. */
function place(content: JsonObject): { code: string; cursor: number } {
  const code = String(content["code"] ?? "");
  const position = content["cursor_pos"];
  return { code, cursor: typeof position === "number" ? toUnits(code, position) : code.length };
}
