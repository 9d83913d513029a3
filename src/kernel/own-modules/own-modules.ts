/** The modules beside a notebook, as its cells load them. */
import { existsSync, readFileSync } from "node:fs";
import { register, SourceMap } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "#typescript";
import { compiled } from "./compiled.js";
import { graphOf, isOwnPath, isTypeScript, ownPath, ownUrl, versionOf } from "./places.js";
import { type Project, readProject } from "./project.js";

export type OwnModules = ReturnType<typeof ownModules>;

/** A module's text and where its compiled lines come from. */
export interface OwnSource {
  readonly label: string;
  readonly source: string;
  readonly map: SourceMap;
}

export function ownModules(folder: string) {
  const notebook = join(folder, "notebook.mjs");
  const sources = new Map<string, OwnSource | undefined>();
  /** Files that were required, each with the state of its graph then. */
  const required = new Map<string, string>();
  let project = readProject(folder);
  let hooked = false;

  const current = (): Project => {
    if (!project.isCurrent()) project = readProject(folder);
    return project;
  };

  return {
    /** The own file that a cell means by `specifier`; undefined where it is a package. */
    pathOf: (specifier: string): string | undefined => {
      const path = ownPath(specifier, notebook, current());
      return path !== undefined && isOwnPath(path) ? path : undefined;
    },

    /** URL to import an own file by. A file that is not there keeps its plain one, so that it is reported as missing. */
    urlOf(path: string): string {
      if (!existsSync(path)) return pathToFileURL(path).href;
      if (!hooked) register("./hooks.js", import.meta.url, { data: { folder } });
      hooked = true;
      return ownUrl(path, current());
    },

    /** `require` of an own file, again where it or an own one that it requires has changed. */
    require(path: string, require: NodeJS.Require): unknown {
      // The one table that CommonJS has for other languages.
      const { extensions } = require as { extensions: Record<string, (module: Compiling, file: string) => void> };
      for (const ending of [".ts", ".tsx", ".cts", ".mts", ".jsx"]) {
        extensions[ending] ??= (module, file) =>
          module._compile(compiled(file, current(), ts.ModuleKind.CommonJS), file);
      }
      const version = versionOf(path, current());
      if (required.get(path) !== version)
        for (const file of graphOf(path, current()).keys()) delete require.cache[file];
      required.set(path, version);
      return require(path);
    },

    /** The source of an own TypeScript module that a stack trace names by URL or path; undefined where it has changed since, or is none. */
    sourceOf(file: string): OwnSource | undefined {
      if (sources.has(file)) return sources.get(file);
      const found = read(file);
      sources.set(file, found);
      return found;
    },
  };

  function read(file: string): OwnSource | undefined {
    const isUrl = file.startsWith("file:");
    const path = isUrl ? fileURLToPath(file) : file;
    if (!isTypeScript(path) || !isOwnPath(path) || !existsSync(path)) return undefined;
    if (isUrl && ownUrl(path, current()) !== file) return undefined;
    const code = compiled(path, current(), isUrl ? ts.ModuleKind.ESNext : ts.ModuleKind.CommonJS);
    const encoded = /\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/.exec(code)?.[1];
    if (encoded === undefined) return undefined;
    const map = new SourceMap(JSON.parse(Buffer.from(encoded, "base64").toString()));
    return { label: basename(path), source: readFileSync(path, "utf8"), map };
  }
}

/** A CommonJS module while it is loaded. */
interface Compiling extends NodeJS.Module {
  _compile(code: string, file: string): void;
}
