/** Pieces of code by which a compiled cell talks to its runtime. */
import ts from "#typescript";
import { type Box, boxName, CELL, type Cell, INTERRUPT, SCOPE, STOP } from "../../cell.js";

type CellMethod = { [K in keyof Cell]-?: Cell[K] extends (...args: never[]) => unknown ? K : never }[keyof Cell];

/** The expression that an argument of type `T` is written as: a literal where the type is known when the cell is compiled. */
type Written<T> = unknown extends T
  ? ts.Expression
  : T extends string
    ? ts.StringLiteral
    : T extends number
      ? ts.NumericLiteral
      : ts.ObjectLiteralExpression;

type WrittenAll<P extends unknown[]> = { [I in keyof P]: Written<P[I]> };

/** A member of the cell's object: `__cell.meta`. */
export function cellMember(factory: ts.NodeFactory, member: keyof Cell): ts.PropertyAccessExpression {
  return factory.createPropertyAccessExpression(factory.createIdentifier(CELL), member);
}

/** A call of the runtime with the arguments that it takes: `__cell.finish(2)`. */
export function cellCall<M extends CellMethod>(
  factory: ts.NodeFactory,
  method: M,
  ...args: WrittenAll<Parameters<Cell[M]>>
): ts.CallExpression {
  const given = (args as readonly (ts.Expression | undefined)[]).filter((argument) => argument !== undefined);
  return factory.createCallExpression(cellMember(factory, method), undefined, given);
}

/** The place of a notebook variable: `__v_x.v`. */
export function box(factory: ts.NodeFactory, variable: string): ts.PropertyAccessExpression {
  const place: keyof Box = "v";
  return factory.createPropertyAccessExpression(factory.createIdentifier(boxName(variable)), place);
}

/** `__stop[0]`: not 0 while something is to stop. */
export function stopFlag(factory: ts.NodeFactory): ts.Expression {
  return factory.createElementAccessExpression(factory.createIdentifier(STOP), 0);
}

/** `__interrupt()`: throws when the running request was interrupted. */
export function interruptCheck(factory: ts.NodeFactory): ts.Expression {
  return factory.createCallExpression(factory.createIdentifier(INTERRUPT), undefined, []);
}

/** The wrapper's first line: parameters, and one constant for the box of each variable. */
export function functionHead(asynchronous: boolean, boxes: Iterable<string>): string {
  const take: keyof Cell = "box";
  const constants = [...boxes].map(
    (variable) => `const ${boxName(variable)} = ${CELL}.${take}(${JSON.stringify(variable)});`,
  );
  return `(${asynchronous ? "async " : ""}function (${SCOPE.join(", ")}) { "use strict"; ${constants.join(" ")}`;
}

/** Puts `node` where `origin` stands; every position inside it counts for the beginning of `origin`. */
export function standsFor<T extends ts.Node>(node: T, origin: ts.Node): T {
  ts.setEmitFlags(node, ts.EmitFlags.NoTrailingSourceMap | ts.EmitFlags.NoNestedSourceMaps);
  return ts.setTextRange(node, origin);
}
