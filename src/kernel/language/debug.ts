/** What a debugger asks the compiler. */
import ts from "#typescript";
import type { DebugSupport } from "../debug-support.js";

/** An expression or statements as JavaScript; types are not checked. */
export function javascript(code: string): string {
  const options = { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };
  // A reader who types `{ a: 1 }` means an object.
  const meant = /^\s*\{/.test(code) ? `(${code})` : code;
  const { outputText, diagnostics = [] } = ts.transpileModule(meant, {
    compilerOptions: options,
    reportDiagnostics: true,
  });
  return diagnostics.length > 0 && meant !== code ? javascript(`void 0; ${code}`) : outputText;
}

/** The `try` blocks with a `catch` in a script's JavaScript. */
export function caught(code: string): ReturnType<DebugSupport["caught"]> {
  const file = ts.createSourceFile("script.js", code, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS);
  const found: ReturnType<DebugSupport["caught"]> = [];
  const search = (node: ts.Node): void => {
    if (ts.isTryStatement(node) && node.catchClause) {
      const from = file.getLineAndCharacterOfPosition(node.tryBlock.getStart(file));
      const to = file.getLineAndCharacterOfPosition(node.tryBlock.end);
      found.push([from.line, from.character, to.line, to.character]);
    }
    ts.forEachChild(node, search);
  };
  search(file);
  return found;
}
