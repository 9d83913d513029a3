import { basename, dirname, join } from "node:path";
import ts from "#typescript";
import { readProject } from "../../own-modules/project.js";
import { packageRoot } from "../../package-root.js";
import { type Growth, growth } from "./growth.js";
import { readAhead } from "./read-ahead.js";
import { files as system, typeResolution } from "./resolution.js";
import { type CellFile, scopes } from "./scope.js";

/** A cell of the session, as the compiler sees it: a module whose enclosing scope is the cell before it. */
interface Cell {
  text: string;
  version: number;
}

interface Present {
  readonly program: ts.Program;
  readonly grown: Growth;
  readonly scope: ReturnType<typeof scopes>;
}

export type { CellFile };

export type Cells = ReturnType<typeof cells>;

/** Declarations that every cell sees without an import. */
const AMBIENT = `
/** Asks the reader of the notebook for a line of text; \`password\` hides what is typed. */
declare function input(prompt?: string, options?: { password?: boolean }): Promise<string>;
declare module "*.wasm";
declare module "data:*";
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
 * one before that: each source file's `parent` is the previous cell (`scope.ts`). A later declaration thereby hides an earlier one
 * of the same name, types and values alike, and what earlier cells inferred stays as it was.
 */
export function cells(folder: string) {
  const rootName = join(folder, "__limpid_session.d.ts");
  const ambientName = join(folder, "__limpid_ambient.d.ts");
  const ownName = join(folder, "__limpid_own.d.ts");
  const files = new Map<string, Cell>();
  const snapshots = new Map<string, { version: string; snapshot: ts.IScriptSnapshot }>();
  const order: string[] = [];
  let project = readProject(folder);
  let resolution = typeResolution(folder, project);
  /** Names that browsers have, where the notebook's own settings do not bring them. */
  const ambient = AMBIENT + webAssembly();
  /**
   * While it is set, the types of Node.js are not read, which are most of what there is: a cell that has nothing to complain of without
   * them means the same with them.
   */
  let isPartial = project.file === undefined;
  /** Whether what `limpid` exports is read though no cell imports it. */
  let readsOwn = false;
  let ahead: (() => boolean) | undefined;
  let isStopped = () => false;
  let revision = 0;
  let count = 0;
  /** The program of the present cells, but for those that wait to become part of it; undefined where another is to be made. */
  let present: Present | undefined;
  const waiting: string[] = [];

  /** One file that refers to all cells: while the list of roots stays, the compiler keeps what it resolved for the rest. */
  function rootText(): string {
    const references = order.map((name) => `/// <reference path="./${basename(name)}" />\n`);
    return `// ${revision}\n${references.join("")}`;
  }

  function readable(name: string): string | undefined {
    if (name === rootName) return rootText();
    if (name === ambientName) return hasPage(project.options) ? AMBIENT : ambient;
    if (name === ownName) return 'export type {} from "limpid";';
    return files.get(name)?.text ?? system.readFile(name);
  }

  function versionOf(name: string): string {
    const cell = files.get(name);
    if (cell) return String(cell.version);
    if (name === rootName) return String(revision);
    if (name === ownName) return "1";
    if (name === ambientName) return String(hasPage(project.options));
    // What is installed stays; the notebook's own modules are edited.
    if (isInstalled(name)) return "1";
    return String(ts.sys.getModifiedTime?.(name)?.getTime() ?? 0);
  }

  /** The compiler asks for every file again for every cell; most are libraries that never change. */
  function snapshotOf(name: string): ts.IScriptSnapshot | undefined {
    const version = versionOf(name);
    const known = snapshots.get(name);
    if (known?.version === version) return known.snapshot;
    if (isStopped()) throw new ts.OperationCanceledException();
    const text = readable(name);
    if (text === undefined) return undefined;
    const snapshot = wholeSnapshot(text);
    snapshots.set(name, { version, snapshot });
    return snapshot;
  }

  const host: ts.LanguageServiceHost & Pick<ts.CompilerHost, "getModuleResolutionCache"> = {
    getCompilationSettings: () => (isPartial ? { ...project.options, types: [] } : project.options),
    getModuleResolutionCache: () => resolution.cache(),
    getProjectVersion: () => String(revision),
    getScriptFileNames: () => [rootName, ambientName, ...(readsOwn ? [ownName] : [])],
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
  const registry = ts.createDocumentRegistry(ts.sys.useCaseSensitiveFileNames, folder);
  const service = ts.createLanguageService(host, registry);

  const reader: Parameters<typeof growth>[1] = {
    host: {
      getDefaultLibFileName: host.getDefaultLibFileName,
      getCurrentDirectory: () => folder,
      getCanonicalFileName: (name) => (ts.sys.useCaseSensitiveFileNames ? name : name.toLowerCase()),
      useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
      getNewLine: () => "\n",
      fileExists: host.fileExists,
      readFile: readable,
      getModuleResolutionCache: () => resolution.cache(),
      resolveModuleNameLiterals: (literals, containing, redirected, _, file) =>
        literals.map((literal) => resolution.resolveModule(literal, containing, redirected, project.options, file)),
      ...(host.resolveTypeReferenceDirectiveReferences && {
        resolveTypeReferenceDirectiveReferences: host.resolveTypeReferenceDirectiveReferences,
      }),
      ...(ts.sys.realpath && { realpath: ts.sys.realpath }),
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
    },
    read(name, options) {
      const snapshot = snapshotOf(name);
      return snapshot && ts.createLanguageServiceSourceFile(name, snapshot, options, versionOf(name), false);
    },
    isCurrent: (program) =>
      program
        .getSourceFiles()
        .every((file) => isInstalled(file.fileName) || (file as CellFile).version === versionOf(file.fileName)),
  };

  /** A program of all texts, with a checker that knows nothing yet. */
  function made(): Present {
    revision += 1;
    const program = service.getProgram();
    if (!program) throw new Error("The TypeScript language service gave no program");
    const scope = scopes(program);
    const all = order.map((name) => program.getSourceFile(name)!);
    all.forEach((_, index) => {
      scope.enter(index, (at) => all[at]!);
    });
    scope.infer(all.slice(0, -1));
    return { program, scope, grown: growth(program, reader) };
  }

  /** Another program has to be made, for a reason that no cell can give. */
  function outdate(): void {
    present?.grown.undo();
    present = undefined;
  }

  function grows(name: string): boolean {
    const { program, grown, scope } = present!;
    if (grown.add(name) === undefined) return false;
    scope.enter(order.indexOf(name), (index) => program.getSourceFile(order[index]!)!);
    return true;
  }

  /** The program of the present texts, its cells nested into each other. */
  function program(): ts.Program {
    const isWhole = present !== undefined && waiting.every(grows);
    waiting.length = 0;
    if (!isWhole) {
      // What a cell imports may need them.
      if (present) isPartial = false;
      outdate();
      present = made();
    }
    return present!.program;
  }

  function write(name: string, text: string): void {
    count += 1;
    const isLast = !files.has(name) || order.at(-1) === name;
    if (!files.has(name)) order.push(name);
    files.set(name, { text, version: count });
    // What stands behind a text has looked into it.
    if (isLast) waiting.push(name);
    else outdate();
  }

  function remove(name: string): void {
    const isLast = order.at(-1) === name;
    files.delete(name);
    snapshots.delete(name);
    order.splice(order.indexOf(name), 1);
    if (!isLast) outdate();
    else if (waiting.includes(name)) waiting.splice(waiting.indexOf(name), 1);
    else present?.grown.remove(name);
  }

  /** Reads the notebook's `tsconfig.json` again where it was changed. */
  function refresh(): void {
    if (project.isCurrent()) return;
    project = readProject(folder);
    resolution = typeResolution(folder, project);
    isPartial &&= project.file === undefined;
    outdate();
  }

  /** Reads what was left out. */
  function complete(): void {
    if (!isPartial) return;
    isPartial = false;
    outdate();
  }

  function add(name: string, text: string): string {
    refresh();
    const fileName = join(folder, `${name}_${count + 1}.${extensionOf(text)}`);
    resolution.forgetFailures();
    write(fileName, text);
    return fileName;
  }

  const extensionOf = (text: string): string => (project.options.jsx !== undefined || hasElements(text) ? "tsx" : "ts");

  return {
    service,
    program,
    write,
    /** What is wrong with the notebook's `tsconfig.json`. */
    projectComplaints: (): readonly ts.Diagnostic[] => project.complaints,
    /** Adds a cell after all others; returns its file name. */
    add: (text: string): string => add("__limpid_cell", text),
    remove,
    /** Makes the checker anew before it is next asked: it was stopped in the middle of something. */
    outdate,
    isPartial: () => isPartial,
    complete,
    /** Reads a part of what is likely to be needed and not read yet; false when there is nothing more. */
    readAhead(): boolean {
      if (readsOwn) return false;
      ahead ??= readAhead([ambientName, ownName], project.options, {
        registry,
        host: reader.host,
        snapshot: snapshotOf,
        version: versionOf,
      });
      if (!ahead()) return true;
      readsOwn = true;
      isPartial = false;
      outdate();
      program().getTypeChecker();
      return false;
    },
    /** Lets whoever stops the cell that is being read have it stopped there, too. */
    stopWhen(test: () => boolean): void {
      isStopped = test;
    },
    /** Lets the language service look at a text that is being typed, as if it were the next cell. */
    withDraft<T>(text: string, work: (fileName: string) => T): T {
      complete();
      const draftName = add("__limpid_draft", text);
      try {
        program();
        return work(draftName);
      } catch (error) {
        outdate();
        throw error;
      } finally {
        remove(draftName);
      }
    },
    isCell: (name: string): boolean => files.has(name),
  };
}

/** What does not change while the kernel runs. */
const isInstalled = (name: string): boolean => name.includes("/node_modules/") || name.startsWith(OWN);

/** Where this package's own declarations are. */
const OWN = join(packageRoot, "build").replaceAll("\\", "/");

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
