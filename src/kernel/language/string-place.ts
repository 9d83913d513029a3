import ts from "#typescript";

/** The text that is being typed at a position, and what it is for. */
export interface TypedString {
  /** Where its text begins, behind the quote. */
  start: number;
  /** Where its text ends: before the closing quote, or where the cursor is. */
  end: number;
  quote: string;
  /** The property that it is the value of, itself or in a list: `target` in `{ target: "…" }` and `x.target = "…"`; else empty. */
  property: string;
  /** Names of the variables beside it, the nearest first: what the calls around it are given, and whose property it becomes. */
  beside: string[];
}

/** The string literal, closed or not yet, whose text `position` is in. */
export function stringAt(file: ts.SourceFile, position: number): TypedString | undefined {
  let found: ts.StringLiteralLike | undefined;
  const visit = (node: ts.Node): void => {
    if (node.getStart(file) >= position || node.end < position) return;
    if (ts.isStringLiteralLike(node)) found = node;
    ts.forEachChild(node, visit);
  };
  visit(file);
  if (found === undefined) return undefined;
  const start = found.getStart(file) + 1;
  const isOpen = (found as { isUnterminated?: boolean }).isUnterminated === true;
  if (!isOpen && position === found.end) return undefined;
  return {
    start,
    end: isOpen ? position : found.end - 1,
    quote: file.text[start - 1]!,
    ...surroundings(found),
  };
}

function surroundings(literal: ts.Node): Pick<TypedString, "property" | "beside"> {
  let property = "";
  const beside: string[] = [];
  const take = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) beside.push(node.text);
    else if (ts.isPropertyAccessExpression(node)) take(node.expression);
    else if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      take(node.expression);
      node.arguments?.forEach(take);
    }
  };
  for (let node = literal; node.parent !== undefined && !ts.isSourceFile(node); node = node.parent) {
    const { parent } = node;
    // `{ not: "…" }` is a value of the property that has it.
    if (ts.isPropertyAssignment(parent) && (property === "" || property === "not")) property = parent.name.getText();
    if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      const { left } = parent;
      if (!ts.isPropertyAccessExpression(left)) break;
      if (property === "" || property === "not") property = left.name.text;
      take(left.expression);
    }
    if (ts.isCallExpression(parent) || ts.isNewExpression(parent)) {
      // What is given to a call within another's arguments, and is no property, is not that one's.
      parent.arguments?.filter((argument) => argument !== node).forEach(take);
      take(parent.expression);
    }
    if (ts.isStatement(node)) break;
  }
  return { property: property.replace(/^["']|["']$/g, ""), beside };
}
