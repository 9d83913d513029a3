import { SourceMap } from "node:module";
import { dirname, join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { readableNames } from "../cell.js";
import type { DebugScript } from "../debug-support.js";
import { packageRoot } from "../package-root.js";

interface Script {
  /** What the user calls the cell: `Cell In[3]`. */
  label: string;
  source: string;
  readonly map: SourceMap;
}

/** A place in a cell; line and column count from 1. */
export interface CellPosition {
  label: string;
  source: string;
  line: number;
  column: number;
}

const scripts = new Map<string, Script>();
const innermost = new WeakMap<object, CellPosition>();
const kernelFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const hidden = [
  kernelFolder,
  pathToFileURL(kernelFolder).href,
  "node:internal/",
  "node:vm",
  "node:inspector",
  "node:limpid",
];

/** Makes stack traces speak of `label` and of the lines the user wrote wherever the script `name` runs. */
export function registerScript(name: string, label: string, source: string, map: string): void {
  let read: SourceMap | undefined;
  scripts.set(name, {
    label,
    source,
    // Few cells ever need theirs.
    get map() {
      read ??= new SourceMap(JSON.parse(map));
      return read;
    },
  });
}

let ownSource: (file: string) => Script | undefined = () => undefined;

/** Makes stack traces speak of the lines of modules beside the notebook, as `sourceOf` knows them by URL or path. */
export function followOwnModules(sourceOf: (file: string) => Script | undefined): void {
  ownSource = sourceOf;
}

/** A script that was compiled, by the engine's URL: its text and its source map. */
export function scriptOf(url: string): DebugScript | undefined {
  const cell = scripts.get(url);
  const { label, source, map } = cell ?? known(url) ?? {};
  return map && { label: label!, source: source!, map: JSON.stringify(map.payload), isCell: cell !== undefined };
}

/** Where in a cell an error arose, or the innermost cell line that led to it. */
export function cellPosition(error: unknown): CellPosition | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  // The position becomes known when the engine formats the stack.
  void (error as Error).stack;
  return innermost.get(error);
}

/**
 * Gives an error that carries no line of a cell, such as one of Node.js' module loader, the line where `call` was made.
 */
export function adoptPosition(error: unknown, call: Error): void {
  const place = cellPosition(call);
  if (place && typeof error === "object" && error !== null && !cellPosition(error)) innermost.set(error, place);
}

/** What a notebook's author did not write: this package's code, and the packages that came with it. */
const own = [dirname(kernelFolder), join(packageRoot, "node_modules")].flatMap((folder) => [
  `${folder}${sep}`,
  `${pathToFileURL(folder).href}/`,
]);

/** Whether a line of a stack trace is a call inside this package. */
export const isOwnFrame = (line: string): boolean => own.some((prefix) => line.includes(prefix));

/** Formats every stack trace of this thread: cells by name and line, without the kernel's own frames. */
export function installStackTraces(): void {
  Error.stackTraceLimit = 30;
  Error.prepareStackTrace = (error, frames) => {
    const lines = frames.flatMap((frame) => {
      const file = frame.getScriptNameOrSourceURL() ?? "";
      if (hidden.some((prefix) => file.startsWith(prefix))) return [];
      const script = scripts.get(file) ?? known(file);
      if (!script) return [`    at ${frame}`];
      const place = position(script, frame.getLineNumber() ?? 1, frame.getColumnNumber() ?? 1);
      if (!innermost.has(error)) innermost.set(error, place);
      const named = `${place.label}, line ${place.line}:${place.column}`;
      // What the engine calls the place: a cell's number, or a module's URL with its version.
      const called = readableNames(String(frame)).replace(
        /(limpid-cell:\d+|(file:\/\/|\/)[^()]*?)(:\d+){0,2}(?=\)?$)/,
        named,
      );
      return [`    at ${called}`];
    });
    return [readableNames(headline(error)), ...lines].join("\n");
  };
}

/** The script of an own module; a stack trace is made in the middle of anything, and must not fail. */
function known(file: string): Script | undefined {
  try {
    return ownSource(file);
  } catch {
    return undefined;
  }
}

function headline(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}

function position({ label, source, map }: Script, line: number, column: number): CellPosition {
  const entry = map.findEntry(line - 1, column - 1);
  if (!("originalLine" in entry)) return { label, source, line, column };
  return { label, source, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
}
