import type { Debugger } from "node:inspector";
import type { JsonObject } from "../../comms/message.js";
import type { Engine } from "./engine.js";
import type { Scripts } from "./scripts.js";

/** Which errors stop the code. Front ends show the labels. */
export const FILTERS: JsonObject[] = [
  {
    filter: "raised",
    label: "Raised Exceptions",
    description:
      "Stops where an error is thrown in a cell or a module beside the notebook, or comes there, also one that is caught",
    default: false,
  },
  {
    filter: "uncaught",
    label: "Uncaught Exceptions",
    description: "Stops where an error is thrown that no catch of the notebook or of a library takes",
    default: false,
  },
];

type Caught = [fromLine: number, fromColumn: number, toLine: number, toColumn: number][];
type Location = Debugger.Location;

/**
 * Which errors are worth a stop. For the engine all are caught, because the kernel takes what a cell throws; so it is looked for a `catch`
 * around the calls that the error passes on its way.
 */
export function exceptions(engine: () => Engine, scripts: Scripts) {
  const filters = new Set<string>();
  const known = new Map<string, Promise<Caught>>();

  async function read(scriptId: string): Promise<Caught> {
    const { scriptSource } = await engine().ask<{ scriptSource: string }>("Debugger.getScriptSource", { scriptId });
    return (await engine().support("caught", scriptSource)) as Caught;
  }

  async function catches({ scriptId, lineNumber, columnNumber = 0 }: Location): Promise<boolean> {
    let caught = known.get(scriptId);
    if (!caught) {
      caught = read(scriptId);
      known.set(scriptId, caught);
    }
    return (await caught).some(([fromLine, fromColumn, toLine, toColumn]) => {
      const isAfter = lineNumber > fromLine || (lineNumber === fromLine && columnNumber >= fromColumn);
      return isAfter && (lineNumber < toLine || (lineNumber === toLine && columnNumber < toColumn));
    });
  }

  return {
    async set(names: readonly unknown[]): Promise<void> {
      filters.clear();
      for (const { filter } of FILTERS) if (names.includes(filter as string)) filters.add(filter as string);
      await engine().ask("Debugger.setPauseOnExceptions", { state: filters.size > 0 ? "all" : "none" });
      await engine().ask("Debugger.setAsyncCallStackDepth", { maxDepth: filters.has("uncaught") ? 32 : 0 });
    },
    forget(): void {
      filters.clear();
      known.clear();
    },
    /** Whether a stop at an error is one that its reader asked for. */
    async matter({ callFrames, asyncStackTrace }: Debugger.PausedEventDataType): Promise<boolean> {
      const waiting: Location[] = [];
      for (let trace = asyncStackTrace; trace; trace = trace.parent) waiting.push(...trace.callFrames);
      let isTheirs = false;
      for (const location of [...callFrames.map((call) => call.location), ...waiting]) {
        const script = await scripts.of(location.scriptId);
        if (script && scripts.isAuthors(script)) isTheirs = true;
        if (isTheirs && filters.has("raised")) return true;
        // Here it has left all that its reader wrote.
        if (isTheirs && scripts.isKernels(location.scriptId)) break;
        if (await catches(location)) return false;
      }
      return isTheirs && filters.has("uncaught");
    },
  };
}
