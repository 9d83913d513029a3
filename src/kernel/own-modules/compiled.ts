/** What becomes of the modules beside a notebook. */
import { readFileSync } from "node:fs";
import ts from "#typescript";
import { isModule } from "./places.js";
import type { Project } from "./project.js";

/** JavaScript of a TypeScript file, with the source map in it. */
export function compiled(path: string, project: Project, module: ts.ModuleKind): string {
  const {
    paths: _,
    pathsBasePath: __,
    baseUrl: ___,
    lib: ____,
    outDir: _____,
    sourceMap: ______,
    ...options
  } = project.options;
  const { outputText } = ts.transpileModule(readFileSync(path, "utf8"), {
    fileName: path,
    compilerOptions: {
      ...options,
      module,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      ...(module === ts.ModuleKind.CommonJS && {
        moduleResolution: ts.ModuleResolutionKind.Node10,
        ignoreDeprecations: "6.0",
      }),
      moduleDetection: ts.ModuleDetectionKind.Auto,
      rewriteRelativeImportExtensions: false,
      allowImportingTsExtensions: false,
      verbatimModuleSyntax: false,
      inlineSourceMap: true,
    },
  });
  return outputText;
}

/** An ES module of an own file's text, where Node.js would take it otherwise; undefined where it is right as it is. */
export function moduleOf(path: string, project: Project, type: string | undefined): string | undefined {
  if (/\.(mts|ts|tsx|jsx)$/.test(path)) return compiled(path, project, ts.ModuleKind.ESNext);
  // With `with { type: "json" }` it is Node.js' own, which refuses it without.
  if (path.endsWith(".json")) return type === "json" ? undefined : `export default ${readFileSync(path, "utf8")};`;
  if (path.endsWith(".wasm")) return webAssembly(path);
  if (!path.endsWith(".js")) return undefined;
  const text = readFileSync(path, "utf8");
  return isModule(path, text) ? text : undefined;
}

/** A module that exports what a WebAssembly file does, as the ES module integration of WebAssembly has it. */
function webAssembly(path: string): string {
  const bytes = readFileSync(path);
  const module = new WebAssembly.Module(bytes);
  const from = [...new Set(WebAssembly.Module.imports(module).map((one) => one.module))];
  const names = WebAssembly.Module.exports(module).map((one) => one.name);
  return [
    ...from.map((specifier, index) => `import * as m${index} from ${JSON.stringify(specifier)};`),
    `const bytes = Buffer.from(${JSON.stringify(bytes.toString("base64"))}, "base64");`,
    "const { instance } = await WebAssembly.instantiate(bytes, {",
    ...from.map((specifier, index) => `  ${JSON.stringify(specifier)}: m${index},`),
    "});",
    ...names.map((_, index) => `const e${index} = instance.exports[${JSON.stringify(names[index])}];`),
    `export { ${names.map((name, index) => `e${index} as ${JSON.stringify(name)}`).join(", ")} };`,
  ].join("\n");
}
