import { basename, join } from "node:path";
import ts from "typescript";
import { typeResolution } from "./resolution.js";

/**
 * How cells are compiled: modules as Node.js itself loads them, strict where that finds wrong programs, lenient where
 * it would only ask for annotations that nobody writes in a notebook.
 */
const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts"],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  types: ["node"],
  // With implicit any told apart: only then do types of `let best = null` and `const losses = []` grow with their use.
  strict: true,
  noImplicitThis: false,
  strictPropertyInitialization: false,
  useUnknownInCatchVariables: false,
  allowUnreachableCode: true,
  allowUnusedLabels: true,
  allowImportingTsExtensions: true,
  rewriteRelativeImportExtensions: true,
  allowJs: true,
  resolveJsonModule: true,
  esModuleInterop: true,
  preserveConstEnums: true,
  skipLibCheck: true,
  sourceMap: true,
  newLine: ts.NewLineKind.LineFeed,
  outDir: "/limpid-cells",
};

/** A cell of the session, as the compiler sees it: a module whose enclosing scope is the cell before it. */
interface Cell {
  text: string;
  version: number;
}

/** Fields of a source file that the compiler keeps to itself, but that give cells their scope. */
export interface CellFile extends ts.SourceFile {
  locals?: Map<ts.__String, ts.Symbol>;
}

export type Cells = ReturnType<typeof cells>;

/** Declarations that every cell sees without an import. */
const AMBIENT = `
/** Asks the reader of the notebook for a line of text; \`password\` hides what is typed. */
declare function input(prompt?: string, options?: { password?: boolean }): Promise<string>;
`;

/**
 * The TypeScript language service over all cells of a session.
 *
 * Every cell is a module of its own, and names that it does not declare are looked up in the cell before, then in the
 * one before that: each source file's `parent` is the previous cell. A later declaration thereby hides an earlier one
 * of the same name, types and values alike, and what earlier cells inferred stays as it was.
 */
export function cells(folder: string) {
  const rootName = join(folder, "__limpid_session.d.ts");
  const draftName = join(folder, "__limpid_draft.mts");
  const files = new Map<string, Cell>();
  const snapshots = new Map<string, { version: string; snapshot: ts.IScriptSnapshot }>();
  const order: string[] = [];
  const resolution = typeResolution(folder, compilerOptions);
  let revision = 0;
  let count = 0;

  /** One file that refers to all cells: while the list of roots stays, the compiler keeps what it resolved for the rest. */
  function rootText(): string {
    return order.map((name) => `/// <reference path="./${basename(name)}" />\n`).join("") + AMBIENT;
  }

  function readable(name: string): string | undefined {
    if (name === rootName) return rootText();
    return files.get(name)?.text ?? ts.sys.readFile(name);
  }

  function versionOf(name: string): string {
    const cell = files.get(name);
    if (cell) return String(cell.version);
    if (name === rootName) return order.join();
    // What is installed stays; the notebook's own modules are edited.
    if (name.includes("/node_modules/")) return "1";
    return String(ts.sys.getModifiedTime?.(name)?.getTime() ?? 0);
  }

  /** The compiler asks for every file again for every cell; most are libraries that never change. */
  function snapshotOf(name: string): ts.IScriptSnapshot | undefined {
    const version = versionOf(name);
    const known = snapshots.get(name);
    if (known?.version === version) return known.snapshot;
    const text = readable(name);
    if (text === undefined) return undefined;
    const snapshot = wholeSnapshot(text);
    snapshots.set(name, { version, snapshot });
    return snapshot;
  }

  const host: ts.LanguageServiceHost & Pick<ts.CompilerHost, "getModuleResolutionCache"> = {
    getCompilationSettings: () => compilerOptions,
    getModuleResolutionCache: resolution.cache,
    getProjectVersion: () => String(revision),
    getScriptFileNames: () => [rootName],
    getScriptVersion: versionOf,
    getScriptSnapshot: snapshotOf,
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => files.has(name) || ts.sys.fileExists(name),
    readFile: readable,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
    ...(ts.sys.realpath && { realpath: ts.sys.realpath }),
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    resolveModuleNameLiterals: (literals, containing, redirected, options, file) =>
      literals.map((literal) => resolution.resolveModule(literal, containing, redirected, options, file)),
    resolveTypeReferenceDirectiveReferences: (references, containing, redirected, options) =>
      references.map((reference) => resolution.resolveTypes(reference, containing, redirected, options)),
  };
  const service = ts.createLanguageService(host);

  /** The program of the present texts, its cells nested into each other. */
  function program(): ts.Program {
    const present = service.getProgram();
    if (!present) throw new Error("The TypeScript language service gave no program");
    let previous: ts.SourceFile | undefined;
    for (const name of order) {
      const file = present.getSourceFile(name);
      if (file && previous) (file as { parent: ts.Node }).parent = previous;
      previous = file ?? previous;
    }
    return present;
  }

  function write(name: string, text: string): void {
    revision += 1;
    if (!files.has(name)) order.push(name);
    files.set(name, { text, version: revision });
  }

  return {
    service,
    program,
    write,
    /** Adds a cell after all others; returns its file name. */
    add(text: string): string {
      count += 1;
      const name = join(folder, `__limpid_cell_${count}.mts`);
      resolution.forgetFailures();
      write(name, text);
      return name;
    },
    remove(name: string): void {
      revision += 1;
      files.delete(name);
      order.splice(order.indexOf(name), 1);
    },
    /** Lets the language service look at a text that is being typed, as if it were the next cell. */
    withDraft<T>(text: string, work: (fileName: string) => T): T {
      write(draftName, text);
      try {
        program();
        return work(draftName);
      } finally {
        revision += 1;
        files.delete(draftName);
        order.splice(order.indexOf(draftName), 1);
      }
    },
    isCell: (name: string): boolean => files.has(name),
  };
}

/** A snapshot that never claims to be a small change of another: a cell is parsed afresh. */
function wholeSnapshot(text: string): ts.IScriptSnapshot {
  return {
    getText: (start, end) => text.slice(start, end),
    getLength: () => text.length,
    getChangeRange: () => undefined,
  };
}
