/**
 * Lets a program grow by a cell where that needs no other files.
 *
 * The compiler makes a program anew, and with it a type checker that knows nothing yet, for every text that changes. A cell is a module that
 * nothing before it refers to, so what the checker has found out stays true; it only has to find the new file. How it looks for
 * one is the compiler's own affair, and holds for the version that `package.json` names; where one of these parts is missing, the
 * program is made anew.
 */
import ts from "#typescript";

type Resolutions = ts.ModeAwareCache<ts.ResolvedModuleWithFailedLookupLocations>;

/** Fields of a program that the compiler keeps to itself. */
interface OpenProgram extends ts.Program {
  getFilesByNameMap?(): Map<ts.Path, ts.SourceFile>;
  readonly resolvedModules?: Map<ts.Path, Resolutions>;
}

/** Fields of a source file that the compiler keeps to itself. */
interface OpenFile extends ts.SourceFile {
  readonly path: ts.Path;
  readonly moduleAugmentations?: readonly ts.Node[];
  readonly ambientModuleNames?: readonly string[];
}

/** Finds the names that a file declares. */
export const { bindSourceFile } = ts as unknown as {
  bindSourceFile(file: ts.SourceFile, options: ts.CompilerOptions): void;
};

export type Growth = ReturnType<typeof growth>;

/** What a cell is read with. */
interface Reader {
  /** The files of the notebook's folder and the modules that a text there names. */
  readonly host: Omit<ts.CompilerHost, "getSourceFile" | "writeFile">;
  /** The cell itself. */
  read(name: string, options: ts.ScriptTarget | ts.CreateSourceFileOptions): ts.SourceFile | undefined;
  /** Whether the notebook's own modules are as the program has them. */
  isCurrent(program: ts.Program): boolean;
}

/** Takes a program that was just made; what is put into it can be taken out again. */
export function growth(program: ts.Program, { host, read, isCurrent }: Reader) {
  const open = program as OpenProgram;
  const options = program.getCompilerOptions();
  const files = program.getSourceFiles() as ts.SourceFile[];
  const made = [...files];
  const byName = open.getFilesByNameMap?.();
  const { resolvedModules } = open;

  /** The cell as a program reads it: with the modules that it imports found, but not read. */
  function alone(name: string): { file: OpenFile; resolved: Resolutions | undefined } | undefined {
    const single = ts.createProgram({
      rootNames: [name],
      options: { ...options, noLib: true, types: [], noResolve: true },
      host: {
        ...host,
        writeFile: () => {},
        getSourceFile: (file, settings) => (file === name ? read(name, settings) : undefined),
      },
    }) as OpenProgram;
    const file = single.getSourceFile(name) as OpenFile | undefined;
    return file && { file, resolved: single.resolvedModules?.get(file.path) };
  }

  function isThere({ resolvedModule }: ts.ResolvedModuleWithFailedLookupLocations): boolean {
    if (resolvedModule === undefined) return true;
    const { resolvedFileName, isExternalLibraryImport, extension } = resolvedModule;
    const file = program.getSourceFile(resolvedFileName);
    // JavaScript of a package without types is no part of any program.
    if (file === undefined) return isExternalLibraryImport === true && /^\.[cm]?jsx?$/.test(extension);
    return isExternalLibraryImport === true || isCurrent(program);
  }

  /** Whether the checker need not be told of anything but the file itself. */
  function fits(file: OpenFile, resolved: Resolutions | undefined): boolean {
    const { referencedFiles, typeReferenceDirectives, libReferenceDirectives } = file;
    const others = [referencedFiles, typeReferenceDirectives, libReferenceDirectives];
    if (others.some(({ length }) => length > 0) || !ts.isExternalModule(file)) return false;
    if ((file.moduleAugmentations?.length ?? 0) > 0 || (file.ambientModuleNames?.length ?? 0) > 0) return false;
    let there = true;
    resolved?.forEach((one) => {
      there &&= isThere(one);
    });
    return there;
  }

  function take(path: ts.Path): void {
    const at = files.findLastIndex((file) => (file as OpenFile).path === path);
    if (at >= 0) files.splice(at, 1);
    byName?.delete(path);
    resolvedModules?.delete(path);
  }

  return {
    /** Puts the cell `name` into the program, in place of one with that name; undefined where the program must be made anew. */
    add(name: string): ts.SourceFile | undefined {
      if (byName === undefined || bindSourceFile === undefined) return undefined;
      const { file, resolved } = alone(name) ?? {};
      if (file === undefined || !fits(file, resolved) || (resolved && !resolvedModules)) return undefined;
      take(file.path);
      bindSourceFile(file, options);
      files.push(file);
      byName.set(file.path, file);
      if (resolved) resolvedModules?.set(file.path, resolved);
      return file;
    },
    remove(name: string): void {
      const file = program.getSourceFile(name) as OpenFile | undefined;
      if (file) take(file.path);
    },
    /** Makes the program what it was: another is made of it. */
    undo(): void {
      for (const file of files) byName?.delete((file as OpenFile).path);
      files.splice(0, files.length, ...made);
      for (const file of made) byName?.set((file as OpenFile).path, file);
    },
  };
}
