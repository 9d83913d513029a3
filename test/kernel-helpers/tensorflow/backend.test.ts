import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

/** Runs a script in a Node of its own: a process has one backend. */
async function run(script: string, env: { [name: string]: string }) {
  const { TF_CPP_MIN_LOG_LEVEL: _, ...inherited } = process.env;
  const options = { env: { ...inherited, ...env }, timeout: 60_000 };
  const preamble = `import { epsilonPlus, lrp, startBackend, tensorflow, loadModel, loadImage } from ${JSON.stringify(index)};`;
  return promisify(execFile)(process.execPath, ["--input-type=module", "-e", preamble + script], options);
}
const index = new URL("../../../src/kernel-helpers/index.js", import.meta.url).href;

const classify = `
  const listeners = () => ["uncaughtException", "unhandledRejection"].map((event) => process.listenerCount(event));
  const before = listeners();
  const { name } = await startBackend();
  const model = await loadModel("efficientnet-lite0");
  const photo = await loadImage("coffee.png", model.input);
  const y = model.predict(photo.tensor);
  const tf = await tensorflow();
  const slope = tf.grad((x) => x.square().sum())(tf.tensor1d([3])).dataSync()[0];
  const explained = await lrp(model, { composite: epsilonPlus(), bias: "distribute" })(photo.tensor);
  const conserved = Math.abs(explained.relevanceSum - explained.output[0]) < 1e-3 * explained.output[0];
  console.log(JSON.stringify({ name, conserved, before, after: listeners(), best: y.argMax(1).dataSync()[0], slope }));`;

test("the WebAssembly backend classifies, differentiates, explains, prints nothing and leaves the process' listeners alone", async () => {
  const { stdout, stderr } = await run(classify, { LIMPID_BACKEND: "wasm" });
  assert.deepEqual(JSON.parse(stdout), {
    name: "wasm",
    conserved: true,
    before: [0, 0],
    after: [0, 0],
    best: 967,
    slope: 6,
  });
  assert.equal(stderr, "");
});

test("the best backend starts without a word", async () => {
  const { stdout, stderr } = await run(classify, {});
  const { name, best, slope, conserved } = JSON.parse(stdout);
  assert.ok(name === "tensorflow" || name === "wasm");
  assert.deepEqual([best, slope, conserved], [967, 6, true]);
  assert.equal(stderr, "");
});

test("an unknown backend is refused by name", async () => {
  const { stdout } = await run("await startBackend().catch((error) => console.log(String(error)))", {
    LIMPID_BACKEND: "gpu",
  });
  assert.match(stdout, /^BackendError: LIMPID_BACKEND is "gpu"; it can be "native" or "wasm"/);
});
