import ts from "typescript";

/**
 * How cells are compiled: modules as Node.js itself loads them, strict where that finds wrong programs, lenient where
 * it would only ask for annotations that nobody writes in a notebook.
 */
export const compilerOptions: ts.CompilerOptions = {
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
