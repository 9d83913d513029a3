import assert from "node:assert/strict";
import { test } from "node:test";
import ts from "#typescript";
import { CELL, readableNames, SCOPE } from "../../src/kernel/cell.js";
import { box, cellCall, cellMember, functionHead } from "../../src/kernel/language/compile/cell-code.js";

const { factory } = ts;
const text = factory.createStringLiteral("./m.js");
const names = factory.createObjectLiteralExpression();
const written = (node: ts.Node): string =>
  ts
    .createPrinter()
    .printNode(ts.EmitHint.Unspecified, node, ts.createSourceFile("cell.ts", "", ts.ScriptTarget.Latest));

test("the compiler writes only calls that the runtime answers, with the arguments that it takes", () => {
  assert.equal(written(cellCall(factory, "load", text, names)), '__cell.load("./m.js", {})');
  assert.equal(written(cellCall(factory, "finish", factory.createNumericLiteral(2))), "__cell.finish(2)");
  assert.equal(written(cellMember(factory, "meta")), "__cell.meta");
  // A method that does not stand in the protocol, a missing argument, one too many and one of another kind do not compile.
  // @ts-expect-error
  cellCall(factory, "fetch", text);
  // @ts-expect-error
  cellCall(factory, "meta");
  // @ts-expect-error
  cellCall(factory, "load", text);
  // @ts-expect-error
  cellCall(factory, "load", text, names, names, names);
  // @ts-expect-error
  cellCall(factory, "finish", text);
});

test("a variable's box has one name, in code and in messages", () => {
  assert.equal(written(box(factory, "größe$")), "__v_größe$.v");
  assert.equal(readableNames(`(0 , ${written(box(factory, "größe$"))}) is not a function`), "größe$ is not a function");
  assert.equal(
    functionHead(true, ["größe$"]),
    `(async function (${SCOPE.join(", ")}) { "use strict"; const __v_größe$ = ${CELL}.box("größe$");`,
  );
});
