/** The protocol of widgets through the page's kernel: a worker in Chromium, messages by `postMessage`, cells as scripts of its own. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { inspect } from "node:util";
import { commSuite, type ProtocolClient, widgetSuite, widgetsOf } from "../comms/protocol-suite.js";
import { freshPage } from "./fresh.js";
import { startPageKernel } from "./page-client.js";

before(freshPage);

describe("the widgets' protocol", () => widgetSuite(startPageKernel));

describe("comms", () => commSuite(startPageKernel));

describe("cells in a worker", () => {
  let kernel: ProtocolClient;
  before(async () => {
    kernel = await startPageKernel();
  });
  after(() => kernel?.stop());
  const { update, show } = widgetsOf(() => kernel);

  test("values are written as Node.js writes them, and errors are told", async () => {
    const list = [1, 2, { deep: new Map([["a", 1n]]) }, "x".repeat(80), new Set([[]]), Symbol("s"), /r/g];
    assert.equal(
      await kernel.evaluate("[1, 2, { deep: new Map([['a', 1n]]) }, 'x'.repeat(80), new Set([[]]), Symbol('s'), /r/g]"),
      inspect(list, { depth: 4, breakLength: 100 }),
    );
    const { reply } = await kernel.execute("(null as any).toString()");
    assert.deepEqual([reply["status"], reply["ename"]], ["error", "TypeError"]);
  });

  test("a cell waits for a slider that moves meanwhile", async () => {
    const slider = await show('import { IntSlider } from "limpid";\nconst asked = new IntSlider({ max: 9 });\nasked');
    const cell = await kernel.executeRequest('await asked.next("value")');
    await kernel.idle(await update(slider, { value: 4 }));
    assert.equal((await kernel.executed(cell)).result, "4");
  });

  test("a model that the report holds explains on WebAssembly; a file that it does not hold is named", async () => {
    const sum = await kernel.evaluate(`
      import { backendInfo, loadModel, lrp, tensorflow } from "limpid";
      const tf = await tensorflow();
      const model = await loadModel("mnist-cnn");
      const { relevanceSum, output } = await lrp(model)(tf.ones([1, 28, 28, 1]), { target: 3 });
      [backendInfo()!.name, Number.isFinite(relevanceSum) && Math.abs(output[0]) > 0]`);
    assert.equal(sum, "[ 'wasm', true ]");
    const { reply } = await kernel.execute('await loadModel("efficientnet-lite0")');
    assert.match(String(reply["evalue"]), /efficientnet-lite0/);
  });
});
