import ts from "#typescript";
import { boxesIn, type CompiledCell } from "../../cell.js";
import { InterruptError } from "../../interpreter.js";
import { bindings } from "./bindings.js";
import { functionHead } from "./cell-code.js";
import type { CellFile, Cells } from "./cells.js";
import { checkLevel, isOfTypes } from "./check.js";
import { CompileError, type Complaint, describeCompileError } from "./compile-error.js";
import { complaints, unassignedLater } from "./diagnostics.js";
import { elementTransformer } from "./elements.js";
import { magics, refusals } from "./refusals.js";
import { type CellShape, cellTransformer, isHoisted } from "./transform.js";

/**
 * Checks the cell `text` against all that earlier cells declared and compiles it.
 *
 * The cell joins the scope of later ones. Throws CompileError with every complaint; the cell is then out of scope.
 */
export function compileCell(cells: Cells, text: string, isStopped: () => boolean = () => false): CompiledCell {
  const fileName = cells.add(text + importsOfAugmented(text));
  cells.stopWhen(isStopped);
  try {
    const stop: ts.CancellationToken = {
      isCancellationRequested: isStopped,
      throwIfCancellationRequested() {
        if (isStopped()) throw new ts.OperationCanceledException();
      },
    };
    if (cells.isPartial() && !isPlain(cells.program(), fileName, stop)) cells.complete();
    const program = cells.program();
    const file = program.getSourceFile(fileName) as CellFile;
    const found = wrongWith(program, file, text.length, cells, stop);
    const warns = checkLevel(cells, text) === "warn" && found.every(isOfTypes);
    if (found.length > 0 && !warns) throw new CompileError(found);
    const emitted = emit(program, file, cells);
    const later = textForLater(file, () => true);
    if (later !== text) cells.write(fileName, later);
    return {
      ...emitted,
      ...(found.length > 0 && {
        warning: (label) => describeCompileError(new CompileError(found), label).traceback.join("\n"),
      }),
      withdraw: () => cells.remove(fileName),
      keepCompleted: (isCompleted) => cells.write(fileName, textForLater(file, isCompleted)),
    };
  } catch (error) {
    cells.remove(fileName);
    if (!(error instanceof CompileError)) cells.outdate();
    if (error instanceof ts.OperationCanceledException) throw new InterruptError();
    if (!(error instanceof RangeError)) throw error;
    // The compiler goes into a tree by recursion.
    const message =
      "The cell nests too deep for the compiler: take long sums and chains of calls apart, or build them in a loop";
    throw new CompileError([{ message, line: 1, column: 1, length: 1, text: text.split("\n", 1)[0]!.slice(0, 200) }]);
  } finally {
    cells.stopWhen(() => false);
  }
}

/** Whether a cell is right by the language alone: it imports nothing, and names and uses nothing that it does not know. */
function isPlain(program: ts.Program, fileName: string, stop: ts.CancellationToken): boolean {
  const file = program.getSourceFile(fileName) as CellFile & { imports?: readonly unknown[] };
  return (
    (file.imports?.length ?? 0) === 0 &&
    program.getSyntacticDiagnostics(file).length === 0 &&
    program.getSemanticDiagnostics(file, stop).length === 0
  );
}

/** What is wrong with the cell that reaches to `end`, and with the modules of its author's that it imports. */
function wrongWith(
  program: ts.Program,
  file: CellFile,
  end: number,
  cells: Cells,
  stop: ts.CancellationToken,
): Complaint[] {
  const syntactic = program.getSyntacticDiagnostics(file);
  if (syntactic.length > 0) {
    const known = magics(file, syntactic);
    return known.length > 0 ? known : complaints(syntactic, file.fileName);
  }
  // Modules that lie beside the notebook are checked with the cell that imports them; installed ones are not.
  const own = localModules(program, file, cells).flatMap((source) => [
    ...program.getSyntacticDiagnostics(source),
    ...program.getSemanticDiagnostics(source, stop),
  ]);
  const isUnassigned = unassignedLater(program.getTypeChecker(), file, cells.isCell);
  const semantic = program
    .getSemanticDiagnostics(file, stop)
    .filter((one) => !isUnassigned(one) && (one.start ?? 0) <= end);
  // `!ls` is an expression, of a name that nothing declares.
  const known = magics(
    file,
    semantic.filter(({ code }) => code === 2304),
  );
  if (known.length > 0) return known;
  return [...complaints([...cells.projectComplaints(), ...semantic, ...own], file.fileName), ...refusals(file)];
}

/** What lets a cell add to a module (`declare module "limpid" { … }`) that nothing has imported yet: the compiler reads no other. */
function importsOfAugmented(text: string): string {
  const names = [...text.matchAll(/^[ \t]*declare\s+module\s+(["'])([^"'\n*]+)\1/gm)].map(([, , name]) => name!);
  return [...new Set(names)].map((name) => `\nimport type {} from ${JSON.stringify(name)};`).join("");
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
    {
      before: [cellTransformer(bound, shape)],
      ...(program.getCompilerOptions().jsx !== undefined && {
        after: [elementTransformer(bound, shape, program.getCompilerOptions())],
      }),
    },
  );
  // What the compiler adds at the end of a module: the sign that it is one, and the name of its source map.
  const body = code.replace(/^#!/, "//").replace(/(?:export \{\};\s*)?\/\/# sourceMappingURL=\S*\s*$/, "");
  const boxes = new Set([...bound.names(), ...boxesIn(body)]);
  return { code: `${functionHead(shape.asynchronous, boxes)}\n${body}\n})`, map };
}

/**
 * The text of a cell as later ones see it: without the statements that were not completed, and with variables that have no value yet
 * as the notebook knows them, which may have got one from any cell.
 */
function textForLater(file: ts.SourceFile, isCompleted: (statement: number) => boolean): string {
  const parts: string[] = [];
  let at = 0;
  const replace = (start: number, end: number, text: string): void => {
    parts.push(file.text.slice(at, start), text);
    at = end;
  };
  file.statements.forEach((statement, index) => {
    if (!isHoisted(statement) && !isCompleted(index)) {
      // Keeps lines where they are.
      replace(statement.getStart(), statement.end, statement.getText().replace(/[^\n]/g, " "));
    } else if (ts.isVariableStatement(statement) && !isAmbient(statement)) {
      for (const { name, type, initializer } of statement.declarationList.declarations) {
        if (!ts.isIdentifier(name) || !(initializer === undefined || (type === undefined && isNothing(initializer))))
          continue;
        replace(name.end, name.end, type === undefined ? ": any" : "!");
      }
    }
  });
  return parts.join("") + file.text.slice(at);
}

const isAmbient = (statement: ts.VariableStatement): boolean =>
  statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword) ?? false;

/** `null` and `undefined`, of which alone a type is seen to grow within one cell only. */
const isNothing = (value: ts.Expression): boolean =>
  value.kind === ts.SyntaxKind.NullKeyword || (ts.isIdentifier(value) && value.text === "undefined");
