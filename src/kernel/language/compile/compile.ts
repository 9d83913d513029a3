import ts from "typescript";
import { bindings } from "./bindings.js";
import type { CellFile, Cells } from "./cells.js";
import { CompileError } from "./compile-error.js";
import { complaints } from "./diagnostics.js";
import { type CellShape, cellTransformer, functionHead } from "./transform.js";

export interface CompiledCell {
  fileName: string;
  /** JavaScript of one function expression; its first line is the wrapper's, the cell begins on the second. */
  code: string;
  /** Source map of the code from its second line on. */
  map: string;
  /** The cell as it stays in scope when only some of its statements were completed. */
  completedPart(isCompleted: (statement: number) => boolean): string;
}

/**
 * Checks the cell `text` against all that earlier cells declared and compiles it.
 *
 * The cell joins the session's scope; `cells.remove` takes it out again. Throws CompileError with every complaint.
 */
export function compileCell(cells: Cells, text: string): CompiledCell {
  const fileName = cells.add(text);
  try {
    const program = cells.program();
    const file = program.getSourceFile(fileName) as CellFile;
    const found = complaints(diagnosticsOf(program, file, cells), fileName);
    if (found.length > 0) throw new CompileError(found);
    return { fileName, ...emit(program, file, cells), completedPart: completedPartOf(file) };
  } catch (error) {
    cells.remove(fileName);
    throw error;
  }
}

function diagnosticsOf(program: ts.Program, file: ts.SourceFile, cells: Cells): ts.Diagnostic[] {
  const syntactic = program.getSyntacticDiagnostics(file);
  if (syntactic.length > 0) return [...syntactic];
  // Modules that lie beside the notebook are checked with the cell that imports them; installed ones are not.
  const own = localModules(program, file, cells);
  return [file, ...own].flatMap((source) => [
    ...program.getSyntacticDiagnostics(source),
    ...program.getSemanticDiagnostics(source),
  ]);
}

function localModules(program: ts.Program, file: ts.SourceFile, cells: Cells): ts.SourceFile[] {
  const { imports = [] } = file as { imports?: readonly ts.StringLiteralLike[] };
  if (!imports.some(({ text }) => text.startsWith("."))) return [];
  return program
    .getSourceFiles()
    .filter(({ fileName, isDeclarationFile }) => !isDeclarationFile && /\.[cm]?tsx?$/.test(fileName))
    .filter(({ fileName }) => !fileName.includes("/node_modules/") && !cells.isCell(fileName));
}

function emit(program: ts.Program, file: CellFile, cells: Cells): { code: string; map: string } {
  const bound = bindings(file, program.getTypeChecker(), cells.isCell);
  const shape: CellShape = { asynchronous: false, hoisted: new Set() };
  let code = "";
  let map = "";
  program.emit(
    file,
    (name, text) => {
      if (name.endsWith(".map")) map = text;
      else code = text;
    },
    undefined,
    false,
    { before: [cellTransformer(bound, shape)] },
  );
  // What the compiler adds at the end of a module: the sign that it is one, and the name of its source map.
  const body = code.replace(/(?:export \{\};\s*)?\/\/# sourceMappingURL=\S*\s*$/, "");
  const boxes = new Set([
    ...bound.names(),
    ...[...body.matchAll(/__v_([\p{L}\p{N}_$]+)\.v\b/gu)].map(([, name]) => name as string),
  ]);
  return { code: `${functionHead(shape.asynchronous, boxes)}\n${body}\n})`, map };
}

function completedPartOf(file: ts.SourceFile): CompiledCell["completedPart"] {
  return (isCompleted) => {
    const parts: string[] = [];
    let at = 0;
    file.statements.forEach((statement, index) => {
      const hoisted =
        ts.isFunctionDeclaration(statement) ||
        ts.isInterfaceDeclaration(statement) ||
        ts.isTypeAliasDeclaration(statement);
      if (hoisted || isCompleted(index)) return;
      parts.push(file.text.slice(at, statement.getStart()));
      // Keeps lines where they are.
      parts.push(statement.getText().replace(/[^\n]/g, " "));
      at = statement.end;
    });
    return parts.join("") + file.text.slice(at);
  };
}
