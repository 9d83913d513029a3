import { basename, dirname, join } from "node:path";
import ts from "typescript";
import { readProject } from "../../own-modules/project.js";
import { files as system, typeResolution } from "./resolution.js";

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
declare module "*.wasm";
`;

/** What Node.js has of WebAssembly, which TypeScript declares for browsers only. */
function webAssembly(): string {
  const page = ts.sys.readFile(join(dirname(ts.getDefaultLibFilePath({})), "lib.dom.d.ts")) ?? "";
  const from = page.indexOf("declare namespace WebAssembly {");
  const source = "type BufferSource = ArrayBufferView<ArrayBuffer> | ArrayBuffer;";
  return from < 0 ? "" : `${source}\n${page.slice(from, page.indexOf("\n}\n", from) + 3)}`;
}

/**
 * The TypeScript language service over all cells of a session.
 *
 * Every cell is a module of its own, and names that it does not declare are looked up in the cell before, then in the
 * one before that: each source file's `parent` is the previous cell. A later declaration thereby hides an earlier one
 * of the same name, types and values alike, and what earlier cells inferred stays as it was.
 */
export function cells(folder: string) {
  const rootName = join(folder, "__limpid_session.d.ts");
  const ambientName = join(folder, "__limpid_ambient.d.ts");
  const files = new Map<string, Cell>();
  const snapshots = new Map<string, { version: string; snapshot: ts.IScriptSnapshot }>();
  const order: string[] = [];
  let project = readProject(folder);
  let resolution = typeResolution(folder, project);
  /** Names that browsers have, where the notebook's own settings do not bring them. */
  const ambient = AMBIENT + webAssembly();
  let revision = 0;
  let count = 0;

  /** One file that refers to all cells: while the list of roots stays, the compiler keeps what it resolved for the rest. */
  function rootText(): string {
    return order.map((name) => `/// <reference path="./${basename(name)}" />\n`).join("");
  }

  function readable(name: string): string | undefined {
    if (name === rootName) return rootText();
    if (name === ambientName) return hasPage(project.options) ? AMBIENT : ambient;
    return files.get(name)?.text ?? system.readFile(name);
  }

  function versionOf(name: string): string {
    const cell = files.get(name);
    if (cell) return String(cell.version);
    if (name === rootName) return order.join();
    if (name === ambientName) return String(hasPage(project.options));
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
    getCompilationSettings: () => project.options,
    getModuleResolutionCache: () => resolution.cache(),
    getProjectVersion: () => String(revision),
    getScriptFileNames: () => [rootName, ambientName],
    getScriptVersion: versionOf,
    getScriptSnapshot: snapshotOf,
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => files.has(name) || system.fileExists(name),
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

  /** Reads the notebook's `tsconfig.json` again where it was changed. */
  function refresh(): void {
    if (project.isCurrent()) return;
    project = readProject(folder);
    resolution = typeResolution(folder, project);
    revision += 1;
  }

  const extensionOf = (text: string): string => (project.options.jsx !== undefined || hasElements(text) ? "tsx" : "ts");

  return {
    service,
    program,
    write,
    /** What is wrong with the notebook's `tsconfig.json`. */
    projectComplaints: (): readonly ts.Diagnostic[] => project.complaints,
    /** Adds a cell after all others; returns its file name. */
    add(text: string): string {
      count += 1;
      refresh();
      const name = join(folder, `__limpid_cell_${count}.${extensionOf(text)}`);
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
      refresh();
      const draftName = join(folder, `__limpid_draft.${extensionOf(text)}`);
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

const hasPage = ({ lib = [] }: ts.CompilerOptions): boolean => lib.includes("lib.dom.d.ts");

/** Whether a text is a program only if `<name>` in it begins an element, and no type. */
function hasElements(text: string): boolean {
  if (!/<[\p{L}_$>]/u.test(text)) return false;
  const isWrong = (extension: string) => {
    const file: ParsedFile = ts.createSourceFile(`cell.${extension}`, text, ts.ScriptTarget.Latest);
    return (file.parseDiagnostics?.length ?? 0) > 0;
  };
  return isWrong("ts") && !isWrong("tsx");
}

interface ParsedFile extends ts.SourceFile {
  readonly parseDiagnostics?: readonly ts.Diagnostic[];
}

/** A snapshot that never claims to be a small change of another: a cell is parsed afresh. */
function wholeSnapshot(text: string): ts.IScriptSnapshot {
  return {
    getText: (start, end) => text.slice(start, end),
    getLength: () => text.length,
    getChangeRange: () => undefined,
  };
}
