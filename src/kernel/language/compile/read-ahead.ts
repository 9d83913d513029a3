/** Reads files before a program needs them, a few at a time, so that whoever asks meanwhile does not wait for all. */
import ts from "#typescript";
import { bindSourceFile } from "./growth.js";

/** How long one part may take, in milliseconds; a large file may take longer. */
const PART = 200;
/** What a part reads at least, as a share of what is there: each begins by walking over that, which on a busy machine would take longer than the reading. */
const LEAST = 0.2;

class Pause extends Error {}

interface Files {
  readonly registry: ts.DocumentRegistry;
  readonly host: Omit<ts.CompilerHost, "getSourceFile" | "writeFile">;
  readonly snapshot: (name: string) => ts.IScriptSnapshot | undefined;
  readonly version: (name: string) => string;
}

/**
 * Gives a function that reads a part of the files that a program of `rootNames` has, and is true when it has read the last. They are in
 * the registry then, where the language service finds them.
 */
export function readAhead(
  rootNames: readonly string[],
  options: ts.CompilerOptions,
  { registry, host, snapshot, version }: Files,
): () => boolean {
  const read = new Map<string, ts.SourceFile | undefined>();

  function fileOf(name: string, settings: ts.ScriptTarget | ts.CreateSourceFileOptions): ts.SourceFile | undefined {
    const text = snapshot(name);
    const file = text && registry.acquireDocument(name, options, text, version(name), undefined, settings);
    if (file) bindSourceFile(file, options);
    return file;
  }

  return () => {
    let until: number | undefined;
    const enough = (1 + LEAST) * read.size;
    try {
      ts.createProgram({
        rootNames,
        options,
        host: {
          ...host,
          writeFile: () => {},
          getSourceFile(name, settings) {
            if (read.has(name)) return read.get(name);
            until ??= performance.now() + PART;
            if (performance.now() > until && read.size > enough) throw new Pause();
            const file = fileOf(name, settings);
            read.set(name, file);
            return file;
          },
        },
      });
      return true;
    } catch (error) {
      if (!(error instanceof Pause)) throw error;
      return false;
    }
  };
}
