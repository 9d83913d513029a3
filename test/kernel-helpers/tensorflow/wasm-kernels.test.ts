import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

const index = new URL("../../../src/kernel-helpers/index.js", import.meta.url).href;

/* Windows of every kind over odd and even sizes: those shorter than their stride, with padding "same", are what the backend got wrong. */
const script = `
  import { tensorflow } from ${JSON.stringify(index)};
  const tf = await tensorflow();
  const values = (shape, phase = 0) =>
    tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 1.3 + phase)), shape);
  const found = {};
  const before = tf.memory().numTensors;
  const note = (name, compute) => tf.tidy(() => { found[name] = [...compute().dataSync()]; });
  const gradient = (f, x) => tf.grad((z) => tf.sum(tf.mul(f(z), tf.cos(f(x)))))(x);
  for (const pad of ["valid", "same"]) for (const stride of [1, 2, 3]) {
    for (const size of [[2, 2], [3, 1], [1, 3], [1, 1]]) for (const dims of [[6, 7], [4, 5]]) tf.tidy(() => {
      const x = values([2, ...dims, 2]), filter = values([...size, 2, 3], 1), strides = [stride, stride];
      const larger = dims.map((entries, axis) => entries * stride + (pad === "valid" ? Math.max(size[axis] - stride, 0) : 0));
      const functions = {
        convolution: (z) => tf.conv2d(z, filter, strides, pad),
        fused: (z) => tf.fused.conv2d({ x: z, filter, strides, pad, activation: "elu" }),
        transposed: (z) => tf.conv2dTranspose(z, values([...size, 3, 2], 1), [2, ...larger, 3], strides, pad),
        average: (z) => tf.avgPool(z, size, strides, pad),
        maximum: (z) => tf.maxPool(z, size, strides, pad),
      };
      for (const [name, f] of Object.entries(functions)) {
        note([name, pad, stride, size, dims], () => f(x));
        if (name !== "fused") note(["gradient of", name, pad, stride, size, dims], () => gradient(f, x));
      }
      note(["depthwise", pad, stride, size, dims], () => tf.depthwiseConv2d(x, filter, strides, pad));
    });
    for (const size of [[2, 2, 2], [3, 2, 1]]) for (const dims of [[5, 4, 6], [3, 3, 3]]) tf.tidy(() => {
      const x = values([2, ...dims, 2]), strides = [stride, stride, stride];
      const larger = dims.map((entries, axis) => entries * stride + (pad === "valid" ? Math.max(size[axis] - stride, 0) : 0));
      note(["volume", pad, stride, size, dims], () => tf.conv3d(x, values([...size, 2, 3], 1), strides, pad));
      note(["volume average", pad, stride, size, dims], () => tf.avgPool3d(x, size, strides, pad));
      note(["volume maximum", pad, stride, size, dims], () => tf.maxPool3d(x, size, strides, pad));
      note(["volume transposed", pad, stride, size, dims], () =>
        tf.conv3dTranspose(x, values([...size, 3, 2], 1), [2, ...larger, 3], strides, pad));
    });
  }
  for (const shape of [[2], [1, 4, 1, 1], [1, 1, 3, 1], [1, 4, 3, 2]]) note(["batch norm", shape], () =>
    tf.batchNorm(values([2, 4, 3, 2]), values(shape, 1), tf.add(values(shape, 2), 1.5), values(shape, 3), values(shape, 4), 1e-3));
  console.log(JSON.stringify({ found, left: tf.memory().numTensors - before, backend: tf.getBackend() }));`;

async function run(env: { [name: string]: string }) {
  const { LIMPID_BACKEND: _, ...inherited } = process.env;
  const options = { env: { ...inherited, TF_CPP_MIN_LOG_LEVEL: "2", ...env }, timeout: 120_000, maxBuffer: 2 ** 26 };
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], options);
  return JSON.parse(stdout) as { found: { [name: string]: number[] }; left: number; backend: string };
}

test("windows, their transposes and batch norms on WebAssembly compute what TensorFlow's C library computes", async () => {
  const [ours, theirs] = await Promise.all([run({ LIMPID_BACKEND: "wasm" }), run({})]);
  assert.equal(ours.backend, "wasm");
  assert.equal(ours.left, 0);
  assert.deepEqual(Object.keys(ours.found), Object.keys(theirs.found));
  for (const [name, expected] of Object.entries(theirs.found)) {
    const values = ours.found[name]!;
    assert.equal(values.length, expected.length, name);
    const off = Math.max(...expected.map((value, position) => Math.abs(value - values[position]!)));
    assert.ok(off < 1e-4, `${name} is off by ${off}`);
  }
});
