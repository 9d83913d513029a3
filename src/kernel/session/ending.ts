/** The main thread's side of an end that the worker thread gives to what runs outside of the parts that say that they may be ended. */
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { ASKED, BEGUN, ENDING, MAY, MAY_NOT, NONE } from "../server/interrupt-flag.js";
import { leaveAsyncScopes } from "./async-scopes.js";

/** The order follows within that, in milliseconds. */
const ARRIVAL = 1000;

const kernelFolder = `${dirname(dirname(fileURLToPath(import.meta.url)))}${sep}`;
/** What of the kernel cells call, and what runs the modules that they import. */
const CALLED = [join("runtime", "modules"), "own-modules"].map((path) => join(kernelFolder, path));

interface Frame {
  readonly file: string;
  readonly name: string;
}

/**
 * Lets the worker thread ask by `globalThis[Symbol.for("limpid.ending")]`, through the inspector and so in the midst of whatever runs.
 * `onEnd` is called before that is ended.
 */
export function offerEnding(memory: Int32Array, onEnd: () => void): void {
  const answer = (begun: number): void => {
    if (Atomics.load(memory, ENDING) !== ASKED) return;
    const may = Atomics.load(memory, BEGUN) === begun && mayEnd(callers(answer));
    if (Atomics.compareExchange(memory, ENDING, ASKED, may ? MAY : MAY_NOT) !== ASKED || !may) return;
    leaveAsyncScopes();
    onEnd();
    // While it stands still here nothing goes on, and the order meets just what was looked at.
    Atomics.wait(memory, ENDING, MAY, ARRIVAL);
    Atomics.store(memory, ENDING, NONE);
  };
  Object.defineProperty(globalThis, Symbol.for("limpid.ending"), { value: answer, configurable: true });
}

interface Awaiting extends NodeJS.CallSite {
  isAsync(): boolean;
}

/** What runs, the innermost first, without the question itself. */
function callers(above: (begun: number) => void): Frame[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = 100;
    // What waits for what runs is no part of it.
    Error.prepareStackTrace = (_, frames) =>
      frames
        .filter((frame) => !(frame as Awaiting).isAsync())
        .map((frame) => ({
          file: frame.getScriptNameOrSourceURL() || (frame.isEval() ? "eval" : ""),
          name: frame.getFunctionName() ?? "",
        }));
    const held: { stack?: unknown } = {};
    Error.captureStackTrace(held, above);
    return (held.stack as Frame[]).slice(1);
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/**
 * Whether what runs may be ended: it is no code of the kernel or its compiler, nor called by it, nor Node.js' own that loads it, and
 * Node.js is not just about to enter a scope of `node:async_hooks`, which it would be found in when its callback ends.
 */
function mayEnd(frames: readonly Frame[]): boolean {
  if (frames.length === 0 || frames.some(isOfKernel)) return false;
  // What the engine itself does for promises has no file.
  if (frames.every(({ file }) => file === "")) return true;
  // A package that is ended while it is loaded stays half a package.
  if (frames.some(({ file }) => file.startsWith("node:internal/modules/")) && !frames.some(isOfAuthor)) return false;
  const author = frames.findIndex(({ file }) => file !== "" && !file.startsWith("node:"));
  return author >= 0 && !frames.slice(0, author).some(entersScope);
}

const pathOf = ({ file }: Frame): string => (file.startsWith("file:") ? fileURLToPath(file) : file);

/** Whether a frame is of a cell or of a module beside it, and of no package. */
function isOfAuthor(frame: Frame): boolean {
  const path = pathOf(frame);
  const isInstalled = path.includes(`${sep}node_modules${sep}`) || path.startsWith(dirname(kernelFolder));
  return path !== "" && !path.startsWith("node:") && !isInstalled;
}

function isOfKernel(frame: Frame): boolean {
  const path = pathOf(frame);
  if (/[\\/]typescript[^\\/]*\.[cm]?js$/.test(path)) return true;
  return path.startsWith(kernelFolder) && !CALLED.some((called) => path.startsWith(called));
}

/** Functions of Node.js itself between whose beginning and the next place where code can be ended a scope may be entered. */
function entersScope({ file, name }: Frame): boolean {
  if (/^node:internal\/async_hooks$/.test(file)) return /before|push/i.test(name);
  if (file === "node:async_hooks") return name === "runInAsyncScope";
  if (file === "node:internal/process/task_queues") return name !== "nextTick" && name !== "queueMicrotask";
  return /^node:internal\/(timers|process\/promises)$/.test(file);
}
