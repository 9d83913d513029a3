import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { basename, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { DebugScript } from "../debug-support.js";
import { packageRoot } from "../package-root.js";
import type { Engine } from "./engine.js";
import { murmur2 } from "./murmur.js";
import { DebugError } from "./protocol.js";

/** A place in a script that the engine runs; line and column count from 0. */
export interface Location {
  scriptId: string;
  lineNumber: number;
  columnNumber?: number;
}

/** A place in what the author wrote; line and column count from 1. */
export interface Place {
  line: number;
  column: number;
}

/** A place where the engine can stop. */
export interface Stop extends Place {
  location: Location;
}

export interface Script {
  readonly id: string;
  readonly url: string;
  /** How front ends name it. */
  readonly path: string;
  readonly label: string;
  readonly isCell: boolean;
  /** Undefined where the engine runs what the author wrote. */
  readonly map: SourceMap | undefined;
  stops?: Promise<Stop[]>;
}

interface Parsed {
  scriptId: string;
  url: string;
  sourceMapURL?: string;
}

/** The kernel's own code. */
const KERNEL = new URL("../", import.meta.url).href;
const PACKAGE = `${pathToFileURL(packageRoot).href}/build/`;
const isLibrary = (url: string): boolean => url.includes("/node_modules/") || url.startsWith(PACKAGE);

/** Code that steps do not enter, where only the author's own counts: Node.js', the kernel's, and of libraries. */
export const LIBRARIES = ["^node:", "^$", `^${escaped(PACKAGE)}`, "/node_modules/"];
export const INTERNALS = ["^node:", "^$", `^${escaped(KERNEL)}`];

export const HASH = { method: "Murmur2", seed: 0xc70f6907 };

export type Scripts = ReturnType<typeof scripts>;

/**
 * The scripts of the main thread as the engine names them, and as front ends do: files by their path, cells by a hash of their text under
 * `prefix`.
 */
export function scripts(engine: () => Engine, folder: string, prefix: string) {
  const parsed = new Map<string, Parsed>();
  const known = new Map<string, Promise<Script | undefined>>();
  /** The texts of cells by path, also of those that have not run. */
  const cells = new Map<string, string>();

  const cellPath = (text: string): string => `${prefix}${murmur2(text, HASH.seed)}.ts`;

  function keep(text: string): string {
    const path = cellPath(text);
    cells.set(path, text);
    return path;
  }

  async function read({ scriptId: id, url, sourceMapURL = "" }: Parsed): Promise<Script | undefined> {
    if (url === "" || isHidden(url)) return undefined;
    const written = isFile(url) ? mapIn(sourceMapURL) : undefined;
    const made = written ? undefined : ((await engine().support("script", url)) as DebugScript | undefined);
    if (made?.isCell) {
      return {
        id,
        url,
        path: keep(made.source),
        label: made.label,
        isCell: true,
        map: new SourceMap(JSON.parse(made.map)),
      };
    }
    if (!isFile(url)) return undefined;
    const path = url.startsWith("file:") ? fileURLToPath(url) : url;
    const map = written ?? (made && new SourceMap(JSON.parse(made.map)));
    return { id, url, path, label: basename(path), isCell: false, map };
  }

  /** Whether nobody wants to see a script: Node.js' own, and the kernel. */
  const isHidden = (url: string): boolean => url.startsWith("node:") || url.startsWith(KERNEL);

  function of(scriptId: string): Promise<Script | undefined> {
    const found = parsed.get(scriptId);
    if (!found) return Promise.resolve(undefined);
    let script = known.get(scriptId);
    if (!script) {
      script = read(found);
      known.set(scriptId, script);
    }
    return script;
  }

  /** Where the author wrote what stands at a place of a script; undefined for code that nobody wrote. */
  async function placeOf({ scriptId, lineNumber, columnNumber = 0 }: Location): Promise<Place | undefined> {
    const script = await of(scriptId);
    return script && original(script, lineNumber, columnNumber);
  }

  /** The same, of code that nobody wrote what stands before it. */
  function near({ map }: Script, { lineNumber, columnNumber = 0 }: Location): Place {
    if (!map) return { line: lineNumber + 1, column: columnNumber + 1 };
    const entry = map.findEntry(lineNumber, columnNumber);
    return "originalLine" in entry
      ? { line: entry.originalLine + 1, column: entry.originalColumn + 1 }
      : { line: 1, column: 1 };
  }

  /** Where the engine can stop in a script, or in a part of it. */
  async function locationsIn(scriptId: string, from = 0, to?: number): Promise<(Location & { type?: string })[]> {
    const { locations } = await engine().ask<{ locations: (Location & { type?: string })[] }>(
      "Debugger.getPossibleBreakpoints",
      { start: { scriptId, lineNumber: from }, ...(to !== undefined && { end: { scriptId, lineNumber: to } }) },
    );
    return locations;
  }

  async function stopsIn(script: Script): Promise<Stop[]> {
    return (await locationsIn(script.id)).flatMap(({ type: _, ...location }) => {
      const place = original(script, location.lineNumber, location.columnNumber ?? 0);
      return place ? [{ ...place, location }] : [];
    });
  }

  /** Whether it is the notebook's author who wrote a script, and not that of a library. */
  const isAuthors = ({ isCell, url }: Script): boolean => isCell || !isLibrary(url);

  return {
    add: (script: Parsed) => void parsed.set(script.scriptId, script),
    forget(): void {
      parsed.clear();
      known.clear();
    },
    of,
    placeOf,
    near,
    keep,
    isAuthors,
    isKernels: (scriptId: string): boolean => parsed.get(scriptId)?.url.startsWith(KERNEL) ?? false,
    /** All scripts made of what a front end names so. */
    async at(path: string): Promise<Script[]> {
      const all = await Promise.all(
        [...parsed.values()].map(({ scriptId }) => mayBe(path, parsed.get(scriptId)!) && of(scriptId)),
      );
      return all.filter((script) => script && script.path === path) as Script[];
    },
    /** Where the engine stops for a line: its first statement, or that of the next line that has one. */
    async stopAt(script: Script, line: number, column?: number): Promise<Stop | undefined> {
      script.stops ??= stopsIn(script);
      const stops = await script.stops;
      const at = Math.min(...stops.map((stop) => stop.line).filter((one) => one >= line));
      const there = stops.filter((stop) => stop.line === at);
      const after = there.filter((stop) => at === line && column !== undefined && stop.column >= column);
      return (after.length > 0 ? after : there).reduce<Stop | undefined>(
        (first, stop) => (first && first.column <= stop.column ? first : stop),
        undefined,
      );
    },
    /** Whether it is a statement `debugger` that stands there. */
    async isDebuggerStatement({ scriptId, lineNumber, columnNumber }: Location): Promise<boolean> {
      const there = await locationsIn(scriptId, lineNumber, lineNumber + 1);
      return there.some((one) => one.type === "debuggerStatement" && one.columnNumber === columnNumber);
    },
    /** The text that a front end shows for a path. */
    sourceOf(path: string): string {
      const cell = cells.get(path);
      if (cell !== undefined) return cell;
      const isKnown = [...parsed.values()].some(({ url }) => isFile(url) && pathOfUrl(url) === path);
      if (!isKnown) throw new DebugError(`${path} is neither a cell that has run nor a module that is loaded`);
      return readFileSync(path, "utf8");
    },
    /** The files that are loaded, the author's own first; those of libraries only where they are asked for. */
    modules(libraries: boolean): { id: number; name: string; path: string }[] {
      const files = [...parsed.values()].filter(
        ({ url }) => isFile(url) && !isHidden(url) && existsSync(pathOfUrl(url)),
      );
      const paths = (some: Parsed[]) => [...new Set(some.map(({ url }) => pathOfUrl(url)))].sort();
      const own = paths(files.filter(({ url }) => !isLibrary(url))).map((path) => ({
        name: relative(folder, path),
        path,
      }));
      const others = libraries ? paths(files.filter(({ url }) => isLibrary(url))) : [];
      return [...own, ...others.map((path) => ({ name: named(path), path }))].map((one, id) => ({ id, ...one }));
    },
  };

  /** A look at a URL, so that only few scripts need be read. */
  function mayBe(path: string, { url }: Parsed): boolean {
    return isFile(url) ? pathOfUrl(url) === path : path.startsWith(prefix) && url !== "" && !isHidden(url);
  }
}

const isFile = (url: string): boolean => url.startsWith("file:") || url.startsWith("/") || /^[A-Za-z]:\\/.test(url);

const pathOfUrl = (url: string): string => (url.startsWith("file:") ? fileURLToPath(url) : url);

/** A library's file from its package on. */
function named(path: string): string {
  const parts = path.split(`${sep}node_modules${sep}`);
  return parts.length > 1 ? (parts.at(-1) as string) : path;
}

/** The source map that a script carries in itself. */
function mapIn(url: string): SourceMap | undefined {
  const encoded = /^data:application\/json[^,]*;base64,(.+)$/.exec(url)?.[1];
  if (encoded === undefined) return undefined;
  try {
    return new SourceMap(JSON.parse(Buffer.from(encoded, "base64").toString()));
  } catch {
    return undefined;
  }
}

/** What the author wrote; undefined for a line of a compiled script before which nothing on that line was written. */
function original({ map }: Script, line: number, column: number): Place | undefined {
  if (!map) return { line: line + 1, column: column + 1 };
  const entry = map.findEntry(line, column);
  if (!("originalLine" in entry) || entry.generatedLine !== line) return undefined;
  return { line: entry.originalLine + 1, column: entry.originalColumn + 1 };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
