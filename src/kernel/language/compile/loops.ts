import ts from "#typescript";
import { interruptCheck, stopFlag } from "./cell-code.js";

/**
 * Lets every turn of a loop look at the interrupt flag: `if (__stop[0]) __interrupt();`, one load of an Int32. A loop
 * that awaits asks `__interrupt` itself, which also knows of requests that were interrupted before they came back.
 */
export function instrumentLoop(factory: ts.NodeFactory, original: ts.IterationStatement, visited: ts.Node): ts.Node {
  const loop = visited as ts.IterationStatement;
  const stop = factory.createExpressionStatement(interruptCheck(factory));
  const check = awaits(original) ? stop : factory.createIfStatement(stopFlag(factory), stop);
  const statements = ts.isBlock(loop.statement) ? loop.statement.statements : [loop.statement];
  const body = ts.setTextRange(factory.createBlock([check, ...statements], true), loop.statement);

  if (ts.isForStatement(loop)) {
    return factory.updateForStatement(loop, loop.initializer, loop.condition, loop.incrementor, body);
  }
  if (ts.isForOfStatement(loop)) {
    return factory.updateForOfStatement(loop, loop.awaitModifier, loop.initializer, loop.expression, body);
  }
  if (ts.isForInStatement(loop)) return factory.updateForInStatement(loop, loop.initializer, loop.expression, body);
  if (ts.isWhileStatement(loop)) return factory.updateWhileStatement(loop, loop.expression, body);
  return factory.updateDoStatement(loop as ts.DoStatement, body, (loop as ts.DoStatement).expression);
}

/** True when the loop itself awaits, not only a function inside it. */
function awaits(loop: ts.Node): boolean {
  const search = (node: ts.Node): boolean =>
    ts.isAwaitExpression(node) ||
    (ts.isForOfStatement(node) && node.awaitModifier !== undefined) ||
    (!ts.isFunctionLike(node) && (ts.forEachChild(node, search) ?? false));
  return search(loop);
}
