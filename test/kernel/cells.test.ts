import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Client, plain, startKernel } from "./client.js";

let kernel: Client;
before(async () => {
  kernel = await startKernel();
});
after(() => kernel.stop());

test("closures of earlier cells see assignments of later ones", async () => {
  await kernel.evaluate("let x = 1; function inc() { x++; return x }");
  assert.equal(await kernel.evaluate("x = 10; inc()"), "11");
  assert.equal(await kernel.evaluate("x"), "11");
});

test("a runtime error names the cells and lines it went through", async () => {
  await kernel.evaluate("function boom(o: any) {\n  const before = 1;\n  return o.z.y;\n}");
  const { reply } = await kernel.execute("// first line\nboom({});");
  const [inner, outer] = [Number(reply["execution_count"]) - 1, Number(reply["execution_count"])];
  assert.equal(reply["ename"], "TypeError");
  assert.match(plain(reply), new RegExp(`at boom \\(Cell In\\[${inner}\\], line 3:14\\)`));
  assert.match(plain(reply), new RegExp(`at Cell In\\[${outer}\\], line 2:1`));
});
