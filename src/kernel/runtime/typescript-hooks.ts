/** Hooks of Node.js' module loader, in its own thread: TypeScript modules beside a notebook are compiled when loaded. */
import { readFileSync } from "node:fs";
import type { LoadHook, ResolveHook } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";
import { sourceOf } from "./local-modules.js";

export const resolve: ResolveHook = (specifier, context, next) => {
  const relative = specifier.startsWith(".") && context.parentURL?.startsWith("file:");
  if (!relative || context.parentURL?.includes("/node_modules/")) return next(specifier, context);
  const path = fileURLToPath(new URL(specifier, context.parentURL));
  const source = sourceOf(path);
  return next(source === path ? specifier : pathToFileURL(source).href, context);
};

export const load: LoadHook = (url, context, next) => {
  const { protocol, pathname } = new URL(url);
  if (protocol !== "file:" || !/\.m?ts$/.test(pathname) || pathname.includes("/node_modules/"))
    return next(url, context);
  const fileName = fileURLToPath(url);
  const { outputText } = ts.transpileModule(readFileSync(fileName, "utf8"), {
    fileName,
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: false,
      inlineSourceMap: true,
    },
  });
  return { format: "module", source: outputText, shortCircuit: true };
};
