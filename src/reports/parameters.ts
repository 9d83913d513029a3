import { didYouMean, nearest } from "../explainers/suggestions.js";
import { ReportParameterError } from "./errors.js";
import { cellName, type Notebook, type NotebookCell } from "./notebook.js";

/** The tag of the cell whose variables can be given, and of the cell that gives them. */
const PARAMETERS = "parameters";
const INJECTED = "injected-parameters";

/** A parameter as it was given: `name=value`. */
export interface GivenParameter {
  readonly name: string;
  readonly text: string;
}

/** A given parameter, and how its variable is declared. */
export interface Parameter extends GivenParameter {
  readonly declared: "const" | "let" | "var";
  /** The values that the text can mean, the likeliest first: JSON, or the text itself. */
  readonly values: readonly unknown[];
}

/** Where parameters go in a notebook, and what is to be said of them. */
export interface Injection {
  readonly parameters: readonly Parameter[];
  /** The cell that declares them, by its place. */
  readonly at: number;
  /** How messages name that cell. */
  readonly cell: string;
  /** Names that the cell itself computes with: what it made of them keeps the old value. */
  readonly warnings: readonly string[];
}

/** Reads `name=value`. @throws ReportParameterError */
export function givenParameter(text: string): GivenParameter {
  const at = text.indexOf("=");
  const name = text.slice(0, Math.max(0, at)).trim();
  if (at < 0 || name === "") {
    throw new ReportParameterError(name, `A parameter is given as name=value, but this is "${text}".`);
  }
  return { name, text: text.slice(at + 1) };
}

/** The notebook without cells that an earlier injection left: they would win over the new ones. */
export const withoutInjected = (cells: readonly NotebookCell[]): NotebookCell[] =>
  cells.filter(({ tags }) => !tags.includes(INJECTED));

/**
 * Finds the cell tagged `parameters` and looks each name up in it, before anything is run.
 *
 * @throws ReportParameterError where no cell is tagged, a name is none of its variables, or is given twice
 */
export async function injectionInto(notebook: Notebook, given: readonly GivenParameter[]): Promise<Injection> {
  const at = notebook.cells.findIndex(({ kind, tags }) => kind === "code" && tags.includes(PARAMETERS));
  const [first] = given;
  if (at < 0) {
    const advice = "tag the cell that declares its parameters (in JupyterLab: the gear at the top right, Cell Tags)";
    throw new ReportParameterError(
      first!.name,
      `No code cell of ${notebook.name} is tagged "${PARAMETERS}": ${advice}.`,
    );
  }
  const source = notebook.cells[at]!;
  const cell = cellName(source, at);
  const { variables, computedWith } = await declarationsOf(source.source);
  const seen = new Set<string>();
  const parameters = given.map(({ name, text }): Parameter => {
    const declared = variables.get(name);
    if (declared === undefined) {
      const names = [...variables.keys()];
      const known = names.length === 0 ? "it declares none" : `it declares ${names.join(", ")}`;
      const message = `There is no parameter "${name}" in ${cell}, tagged "${PARAMETERS}": ${known}.${didYouMean(nearest(name, names))}`;
      throw new ReportParameterError(name, message);
    }
    if (seen.has(name)) throw new ReportParameterError(name, `The parameter "${name}" of ${cell} is given twice.`);
    seen.add(name);
    return { name, text, declared, values: meanings(name, text, cell) };
  });
  const warnings = parameters
    .filter(({ name }) => computedWith.has(name))
    .map(({ name, declared }) => {
      const what =
        declared === "const" ? "what it computes or defines with it keeps" : "what it computes with it there has";
      const advice =
        declared === "const" ? "; declare it with let, or compute in a later cell" : "; compute in a later cell";
      return `${cell} uses "${name}" itself: ${what} the value of the notebook${advice}`;
    });
  return { parameters, at, cell, warnings };
}

/** What a text can mean. `0.5` is a number before it is text, `hello` is only text. */
function meanings(name: string, text: string, cell: string): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [text];
  }
  if (hasInfinity(value)) {
    throw new ReportParameterError(
      name,
      `The parameter "${name}" of ${cell} is ${text}, which is larger than numbers are.`,
    );
  }
  return typeof value === "string" ? [value] : [value, text];
}

const hasInfinity = (value: unknown): boolean =>
  typeof value === "number"
    ? !Number.isFinite(value)
    : typeof value === "object" && value !== null && Object.values(value).some(hasInfinity);

/**
 * Code that is to compile, and nothing else: a variable of the parameter's declared type takes the value. In a block of its own, so
 * that the notebook's names stay as they are.
 */
export const checkOf = ({ name }: Parameter, value: unknown): string =>
  `{ let limpidParameter = ${name}; limpidParameter = ${literal(value)}; }`;

/** The cell that gives the parameters their values: functions of the parameters' cell see what is assigned. */
export function injectedCell(chosen: readonly { parameter: Parameter; value: unknown }[]): NotebookCell {
  const lines = chosen.map(
    ({ parameter: { name, declared }, value }) => `${declared === "const" ? "const " : ""}${name} = ${literal(value)};`,
  );
  return {
    kind: "code",
    id: INJECTED,
    source: ["// Parameters given to this report.", ...lines].join("\n"),
    tags: [INJECTED],
    metadata: { tags: [INJECTED] },
    attachments: new Map(),
    outputs: [],
    count: null,
  };
}

/** A value of JSON as TypeScript. In an object literal a plain `__proto__` would set the prototype. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const key = (name: string) => (name === "__proto__" ? `["__proto__"]` : JSON.stringify(name));
    const parts = Object.entries(value).map(([name, part]) => `${key(name)}: ${literal(part)}`);
    return parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
  }
  return Object.is(value, -0) ? "-0" : JSON.stringify(value);
}

/** The variables that a cell declares at its top level, and those of them that it also uses. */
async function declarationsOf(source: string) {
  const { default: ts } = await import("typescript");
  const file = ts.createSourceFile("parameters.mts", source, ts.ScriptTarget.ES2022, true);
  const variables = new Map<string, Parameter["declared"]>();
  const declared = new Set<import("typescript").Node>();
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    const { flags, declarations } = statement.declarationList;
    const kind = flags & ts.NodeFlags.Let ? "let" : (flags & ts.NodeFlags.BlockScoped) === 0 ? "var" : "const";
    for (const { name } of declarations) {
      if (!ts.isIdentifier(name)) continue;
      variables.set(name.text, kind);
      declared.add(name);
    }
  }
  const computedWith = new Set<string>();
  const visit = (node: import("typescript").Node): void => {
    if (ts.isIdentifier(node) && !declared.has(node) && !isPropertyName(node)) computedWith.add(node.text);
    ts.forEachChild(node, visit);
  };
  const isPropertyName = (node: import("typescript").Identifier): boolean =>
    (ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) ||
    (ts.isPropertyAssignment(node.parent) && node.parent.name === node);
  visit(file);
  return { variables, computedWith };
}
