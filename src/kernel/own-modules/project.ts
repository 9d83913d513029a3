/** How cells and the modules beside the notebook are compiled: by what stands here, and by the notebook's own `tsconfig.json`. */
import { join } from "node:path";
import ts from "#typescript";
import { libraries } from "./node-libraries.js";

/**
 * Modules as Node.js itself loads them, strict where that finds wrong programs, lenient where it would only ask for
 * annotations that nobody writes in a notebook.
 */
const OWN: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
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

/**
 * What a notebook's `tsconfig.json` may say. The rest is the kernel's: how modules are loaded and where code goes. Nor does it say that
 * unused names are errors: what a cell declares is for later cells.
 */
const HONORED = [
  "paths",
  "baseUrl",
  "lib",
  "types",
  "typeRoots",
  "experimentalDecorators",
  "emitDecoratorMetadata",
  "useDefineForClassFields",
  "jsx",
  "jsxFactory",
  "jsxFragmentFactory",
  "jsxImportSource",
  "strict",
  "alwaysStrict",
  "strictNullChecks",
  "strictFunctionTypes",
  "strictBindCallApply",
  "strictBuiltinIteratorReturn",
  "strictPropertyInitialization",
  "noImplicitAny",
  "noImplicitThis",
  "useUnknownInCatchVariables",
  "noImplicitReturns",
  "noFallthroughCasesInSwitch",
  "noUncheckedIndexedAccess",
  "exactOptionalPropertyTypes",
  "noPropertyAccessFromIndexSignature",
  "noImplicitOverride",
  "allowUnreachableCode",
  "allowUnusedLabels",
  "checkJs",
  "esModuleInterop",
] as const;

/** Strictness that follows from `strict: false`, unless it is asked for by its own name. */
const UNSTRICT = { strictPropertyInitialization: undefined, noImplicitThis: undefined } as const;

/** A `tsconfig.json` as it stands on the disk. */
export interface Project {
  /** The file; undefined where the notebook has none. */
  readonly file: string | undefined;
  readonly options: ts.CompilerOptions;
  /** What is wrong with it. */
  readonly complaints: readonly ts.Diagnostic[];
  /** True while the files that it is made of are as they were read. */
  isCurrent(): boolean;
}

/** Reads the `tsconfig.json` that lies beside a notebook. (One further up is of a program there, and would hold notebooks to its rules.) */
export function readProject(folder: string): Project {
  const file = join(folder, "tsconfig.json");
  if (!ts.sys.fileExists(file)) {
    const isCurrent = () => !ts.sys.fileExists(file);
    return { file: undefined, options: { ...OWN, lib: libraries() }, complaints: [], isCurrent };
  }
  const read = new Set<string>();
  const host: ts.ParseConfigHost = {
    ...ts.sys,
    useCaseSensitiveFileNames: ts.sys.useCaseSensitiveFileNames,
    // Only its options are asked for: the files it lists are none of the notebook's.
    readDirectory: () => [],
    readFile(name) {
      read.add(name);
      return ts.sys.readFile(name);
    },
  };
  const source = ts.readJsonConfigFile(file, host.readFile);
  const { options: given, errors } = ts.parseJsonSourceFileConfigFileContent(source, host, folder, undefined, file);
  const honored = Object.fromEntries(HONORED.flatMap((name) => (name in given ? [[name, given[name]]] : [])));
  const lenient = given.strict === false ? UNSTRICT : {};
  const stamps = [...read].map((name) => [name, modified(name)] as const);
  return {
    file,
    options: {
      ...OWN,
      lib: libraries(),
      ...lenient,
      ...honored,
      ...(given["pathsBasePath"] ? { pathsBasePath: given["pathsBasePath"] } : {}),
    },
    // 18002, 18003: it lists no files; a notebook's need not.
    complaints: [...(source as ParsedJson).parseDiagnostics, ...errors].filter(
      ({ code }) => code !== 18002 && code !== 18003,
    ),
    isCurrent: () => stamps.every(([name, stamp]) => modified(name) === stamp),
  };
}

const modified = (name: string): number => ts.sys.getModifiedTime?.(name)?.getTime() ?? 0;

/** The compiler keeps to itself what it found wrong with a file's syntax. */
interface ParsedJson extends ts.TsConfigSourceFile {
  readonly parseDiagnostics: readonly ts.Diagnostic[];
}
