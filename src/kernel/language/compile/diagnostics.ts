import ts from "#typescript";
import { sinceNode } from "../../own-modules/node-libraries.js";
import type { CellFile } from "./cells.js";
import type { Complaint } from "./compile-error.js";

/**
 * What does not apply to a notebook: 1543, JSON without `with { type: "json" }`, which the kernel adds; 2695, a comma whose left side does nothing; 7051, a parameter's name where its type could
 * stand; and any that is implicit, which annotations would avoid.
 */
const isIgnored = ({ code, messageText }: ts.Diagnostic): boolean =>
  code === 1543 ||
  code === 2695 ||
  code === 7051 ||
  (code >= 7000 && code < 7100 && /implicit.*'any/.test(ts.flattenDiagnosticMessageText(messageText, " ")));

/**
 * Tells which complaints of a use before assignment (2454) do not hold in a notebook: its variables may be assigned by any cell
 * before the code runs that uses them, and a `var` always has a value. What holds is a use in the very cell that declares it, outside of
 * functions.
 */
export function unassignedLater(
  checker: ts.TypeChecker,
  file: CellFile,
  isCell: (fileName: string) => boolean,
): (diagnostic: ts.Diagnostic) => boolean {
  return ({ code, file: source, start = 0 }) => {
    if (code !== 2454 || source !== file) return false;
    const node = nodeAt(file, start);
    const declaration = node && checker.getSymbolAtLocation(node)?.declarations?.[0];
    const isVariable = declaration && (ts.isVariableDeclaration(declaration) || ts.isBindingElement(declaration));
    if (!node || !isVariable) return false;
    const declaring: CellFile = declaration.getSourceFile();
    const isTop = ts.isIdentifier(declaration.name) && declaring.locals?.has(declaration.name.escapedText);
    if (!isTop || !isCell(declaring.fileName)) return false;
    const isVar = (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.BlockScoped) === 0;
    return isVar || declaring !== file || inFunction(node);
  };
}

const inFunction = (node: ts.Node): boolean => {
  // The cell before is the parent of a source file.
  for (let at = node; !ts.isSourceFile(at); at = at.parent) if (ts.isFunctionLike(at)) return true;
  return false;
};

/** The innermost node that begins at `start`. */
function nodeAt(file: ts.SourceFile, start: number): ts.Node | undefined {
  const look = (node: ts.Node): ts.Node | undefined =>
    ts.forEachChild(node, (child) => (child.pos <= start && start < child.end ? (look(child) ?? child) : undefined));
  return look(file);
}

export function complaints(diagnostics: readonly ts.Diagnostic[], cellFile: string): Complaint[] {
  return diagnostics
    .filter((diagnostic) => diagnostic.category === ts.DiagnosticCategory.Error && !isIgnored(diagnostic))
    .map((diagnostic) => complaint(diagnostic, cellFile))
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

function complaint({ code, messageText, file, start = 0, length = 0 }: ts.Diagnostic, cellFile: string): Complaint {
  const message = inWords(code, ts.flattenDiagnosticMessageText(messageText, "\n"));
  if (!file) return { code, message, line: 1, column: 1, length: 0, text: "" };
  const { line, character } = file.getLineAndCharacterOfPosition(start);
  const text = file.text.split(/\r?\n/)[line] ?? "";
  return {
    code,
    message,
    ...(file.fileName !== cellFile && { file: file.fileName }),
    line: line + 1,
    column: character + 1,
    length: Math.max(1, Math.min(length, text.length - character)),
    text,
  };
}

/** The compiler's words, and what to do where they leave that open. */
function inWords(code: number, message: string): string {
  if (code === 17004) {
    return `${message} A file tsconfig.json beside the notebook says what elements become: { "compilerOptions": { "jsx": "react-jsx" } }`;
  }
  const since = isOfLibrary(code, message) ? sinceNode(/'([^']*)'/.exec(message)?.[1] ?? "") : undefined;
  if (since !== undefined) {
    const [what] = message.split(" Do you need to change your target library?");
    return `${what} The kernel runs in Node.js ${process.versions.node}, which does not have it yet; Node.js ${since} has it`;
  }
  const missing = code === 2307 && /'([^'.][^']*)'/.exec(message)?.[1];
  return missing ? `${message} ${missingInWords(missing)}` : message;
}

/** What to do about a module that was not found: one of a package, or an address as other programs take it. */
function missingInWords(specifier: string): string {
  const [, scheme, address = ""] = /^([a-z]+):(.*)$/.exec(specifier) ?? [];
  if (scheme === "http" || scheme === "https") {
    return 'Cells import files and what is installed, not what lies on the web. In a cell: import { install } from "limpid"; await install("NAME") brings a package';
  }
  if (scheme === "node") return `Node.js ${process.versions.node} has no module of that name`;
  if (scheme === "jsr") {
    return `Its packages are installed in a terminal, in the notebook's folder: npx jsr add ${packageOf(address)}; then import from "${packageOf(address)}"`;
  }
  const name = packageOf(scheme === "npm" ? address : specifier);
  const install = `In a cell: import { install } from "limpid"; await install("${name}") (in a terminal, in the notebook's folder: npm install ${name})`;
  return scheme === "npm"
    ? `Cells name a package without npm: in front: "${name}". ${install}`
    : `Is it installed? ${install}`;
}

/** The package of a specifier, without a version that other programs write behind it. */
const packageOf = (specifier: string): string => /^(@[^/]+\/)?[^/@]+/.exec(specifier)?.[0] ?? specifier;

/** Whether a complaint may be of something that newer libraries have: the compiler asks for another one, or it is of an iterator. */
const isOfLibrary = (code: number, message: string): boolean =>
  code === 2550 ||
  code === 2583 ||
  (code === 2339 && /on type '(\w*Iterator(Object)?|Generator)<|on type '(Math|Atomics)'/.test(message)) ||
  (code === 2693 && message.startsWith("'Iterator'"));
