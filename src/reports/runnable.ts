import ts from "#typescript";
import { dependents } from "./variables.js";

/** What a page's kernel has for cells to import; `page/worker/modules` gives it. */
export const PAGE_MODULES: readonly string[] = [
  ...["limpid", "limpid/comms", "limpid/explainers", "limpid/network", "limpid/widgets-kit"],
  ...["@tensorflow/tfjs", "@tensorflow/tfjs-converter", "@tensorflow/tfjs-core", "@tensorflow/tfjs-layers"],
];

/** What cells may find around them in Node.js and not in a page. */
const GLOBALS: ReadonlyMap<string, string> = new Map([
  ...["process", "require", "module", "global", "__filename", "__dirname"].map(
    (name) => [name, `it uses Node.js' ${name}`] as const,
  ),
  ["fetch", "it uses fetch, and a report's page asks the network for nothing"],
  ["input", "it asks for input"],
]);

/** A cell as it was run. */
export interface RanCell {
  /** How messages name it. */
  readonly name: string;
  /** Its compiled code; empty or absent where it did not compile. */
  readonly code?: string;
  readonly failed: boolean;
  /** A part of this package that it used and pages do not have. */
  readonly needs?: string;
}

/**
 * Whether cells can run in a page: for each undefined, or why it cannot, as the end of a sentence that begins with the cell. A cell that
 * mentions what another that cannot run may have changed cannot either.
 */
export function reasonsAgainstPage(cells: readonly RanCell[]): (string | undefined)[] {
  const own = cells.map(({ code, failed, needs }) => {
    if (failed) return "it failed when the report was made";
    if (!code) return "it does not compile";
    return reasonIn(code) ?? (needs && `it needs ${needs}, which a page does not have`);
  });
  const missing = new Set(own.flatMap((reason, at) => (reason === undefined ? [] : [at])));
  const left = dependents(
    cells.map(({ code }) => code),
    missing,
  );
  return own.map((reason, at) => {
    const needs = left.get(at);
    if (reason !== undefined || needs === undefined) return reason;
    let first = needs.cell;
    while (own[first] === undefined) first = left.get(first)!.cell;
    const [other, origin] = [cells[needs.cell]!.name, cells[first]!.name];
    const whence = first === needs.cell ? "" : `goes back to ${origin}, which `;
    return `it uses ${needs.variable}, which ${other} makes or may change, and ${other} ${whence}cannot run in a page: ${own[first]}`;
  });
}

/** The first reason that stands in a cell's own code. */
function reasonIn(code: string): string | undefined {
  const file = ts.createSourceFile("cell.js", code, ts.ScriptTarget.ES2023, true, ts.ScriptKind.JS);
  const declared = new Set<string>();
  const used: string[] = [];
  let reason: string | undefined;
  const visit = (node: ts.Node, depth: number): void => {
    reason ??= importReason(node);
    if (ts.isIdentifier(node)) {
      // The outermost function's parameters are what the kernel hands to every cell.
      if (isDeclaration(node)) {
        if (!(ts.isParameter(node.parent) && depth <= PARAMETER_DEPTH)) declared.add(node.text);
      } else if (isReference(node)) used.push(node.text);
    }
    ts.forEachChild(node, (child) => visit(child, depth + 1));
  };
  visit(file, 0);
  return reason ?? used.filter((name) => !declared.has(name)).flatMap((name) => GLOBALS.get(name) ?? [])[0];
}

/** File, statement, parenthesis, function, parameter, name. */
const PARAMETER_DEPTH = 5;

function importReason(node: ts.Node): string | undefined {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  const { expression, name } = node.expression;
  if (name.text === "resolve" && ts.isPropertyAccessExpression(expression) && expression.getText() === "__cell.meta")
    return "it asks where a module lies (import.meta.resolve)";
  if (!ts.isIdentifier(expression) || expression.text !== "__cell" || !["load", "import"].includes(name.text))
    return undefined;
  const [specifier] = node.arguments;
  if (specifier === undefined || !ts.isStringLiteralLike(specifier)) {
    return "it imports a module whose name is only known when it runs";
  }
  return PAGE_MODULES.includes(specifier.text) ? undefined : `it imports ${JSON.stringify(specifier.text)}`;
}

function isDeclaration({ parent }: ts.Identifier): boolean {
  return (
    ts.isVariableDeclaration(parent) ||
    ts.isParameter(parent) ||
    ts.isBindingElement(parent) ||
    ts.isFunctionDeclaration(parent) ||
    ts.isClassDeclaration(parent)
  );
}

/** Whether a name stands for a value, and is no property's. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  return !(ts.isMethodDeclaration(parent) || ts.isPropertyDeclaration(parent) || ts.isLabeledStatement(parent));
}
