import type ts from "typescript";
import { boxesIn, type CompiledCell } from "../../cell.js";
import { bindings } from "./bindings.js";
import { functionHead } from "./cell-code.js";
import type { CellFile, Cells } from "./cells.js";
import { CompileError } from "./compile-error.js";
import { complaints } from "./diagnostics.js";
import { type CellShape, cellTransformer, isHoisted } from "./transform.js";

/**
 * Checks the cell `text` against all that earlier cells declared and compiles it.
 *
 * The cell joins the scope of later ones. Throws CompileError with every complaint; the cell is then out of scope.
 */
export function compileCell(cells: Cells, text: string): CompiledCell {
  const fileName = cells.add(text);
  try {
    const program = cells.program();
    const file = program.getSourceFile(fileName) as CellFile;
    const found = complaints(diagnosticsOf(program, file, cells), fileName);
    if (found.length > 0) throw new CompileError(found);
    return {
      ...emit(program, file, cells),
      withdraw: () => cells.remove(fileName),
      keepCompleted: (isCompleted) => cells.write(fileName, completedPart(file, isCompleted)),
    };
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
  const shape: CellShape = { asynchronous: false };
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
  const boxes = new Set([...bound.names(), ...boxesIn(body)]);
  return { code: `${functionHead(shape.asynchronous, boxes)}\n${body}\n})`, map };
}

/** The text of a cell without the statements that were not completed. */
function completedPart(file: ts.SourceFile, isCompleted: (statement: number) => boolean): string {
  const parts: string[] = [];
  let at = 0;
  file.statements.forEach((statement, index) => {
    if (isHoisted(statement) || isCompleted(index)) return;
    parts.push(file.text.slice(at, statement.getStart()));
    // Keeps lines where they are.
    parts.push(statement.getText().replace(/[^\n]/g, " "));
    at = statement.end;
  });
  return parts.join("") + file.text.slice(at);
}
