import { readableNames } from "../../kernel/cell.js";
import { inspect } from "../../kernel-helpers/platform/inspect.js";
import type { CellError } from "../protocol.js";

/** An error as a cell shows it. Anything can be thrown, also what throws when it is looked at. */
export function describeError(error: unknown): CellError {
  try {
    if (error instanceof Error) {
      const ename = String(error.name || "Error");
      const evalue = readableNames(String(error.message));
      const cause = error.cause === undefined ? [] : [`[cause]: ${inspect(error.cause)}`];
      return { ename, evalue, traceback: [evalue === "" ? ename : `${ename}: ${evalue}`, ...cause] };
    }
    const evalue = typeof error === "string" ? error : inspect(error);
    return { ename: "Thrown", evalue, traceback: [`Thrown: ${evalue}`] };
  } catch {
    return { ename: "Error", evalue: "(what was thrown cannot be shown)", traceback: [] };
  }
}
