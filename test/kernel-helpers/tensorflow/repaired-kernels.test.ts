import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

const index = new URL("../../../src/kernel-helpers/index.js", import.meta.url).href;

/* Kernels beside loops in plain JavaScript: no backend is taken for the truth. */
const script = `
  import { tensorflow } from ${JSON.stringify(index)};
  const tf = await tensorflow();
  const values = (shape, phase = 0) =>
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 1.3 + phase) - 0.6);
  const product = (shape) => shape.reduce((a, b) => a * b, 1);
  const each = (sizes, visit, at = []) => {
    if (at.length === sizes.length) return visit(at);
    for (let i = 0; i < sizes[at.length]; i++) each(sizes, visit, [...at, i]);
  };
  /** Windows over [...space, channels]; "convolution" has a filter [...size, channels, 2]. */
  const windows = (kind, x, space, channels, { size, strides, dilations, pad }, filter) => {
    const reach = size.map((n, axis) => (n - 1) * dilations[axis] + 1);
    const outputs = space.map((n, axis) => pad === "same" ? Math.ceil(n / strides[axis]) : Math.floor((n - reach[axis]) / strides[axis]) + 1);
    const before = outputs.map((n, axis) => pad === "same" ? Math.floor(Math.max((n - 1) * strides[axis] + reach[axis] - space[axis], 0) / 2) : 0);
    const result = [];
    each(outputs, (output) => {
      const sums = Array(kind === "convolution" ? 2 : channels).fill(kind === "maximum" ? -Infinity : 0);
      let count = 0;
      each(size, (place) => {
        const at = output.map((n, axis) => n * strides[axis] - before[axis] + place[axis] * dilations[axis]);
        if (at.some((n, axis) => n < 0 || n >= space[axis])) return;
        count++;
        const [entry, tap] = [[at, space], [place, size]].map(([where, sizes]) => where.reduce((sum, n, axis) => sum * sizes[axis] + n, 0));
        for (let c = 0; c < channels; c++) {
          const value = x[entry * channels + c];
          if (kind === "maximum") sums[c] = Math.max(sums[c], value);
          else if (kind === "average") sums[c] += value;
          else for (const o of [0, 1]) sums[o] += value * filter[(tap * channels + c) * 2 + o];
        }
      });
      result.push(...sums.map((sum) => kind === "average" ? sum / count : sum));
    });
    return result;
  };
  let worst = { off: 0 }, compared = 0;
  const compare = (name, tensor, expected) => {
    const found = tensor.dataSync();
    const off = found.length === expected.length ? expected.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]) / Math.max(1, Math.abs(value))), 0) : Infinity;
    compared++;
    if (!(off <= worst.off)) worst = { name, off };
  };
  const before = tf.memory().numTensors;
  for (const space of [[4, 5, 6], [1, 3, 7], [5, 6], [1, 7]])
    for (const pad of ["valid", "same"]) for (const k of [1, 2, 3]) for (const stride of [1, 2, 4]) for (const dilation of [1, 2]) tf.tidy(() => {
      const size = space.map((n, axis) => Math.min(axis === 0 ? k : 2, n)), strides = space.map((_, axis) => axis === 1 ? 1 : stride);
      const dilations = space.map((n, axis) => axis === 0 ? Math.min(n, dilation) : dilation);
      if (stride > 1 && dilation > 1) return;
      if (pad === "valid" && size.some((n, axis) => (n - 1) * dilations[axis] + 1 > space[axis])) return;
      const window = { size, strides, dilations, pad }, name = [space, pad, size, strides, dilations].join(" ");
      const x = values([...space, 2]), filter = values([...size, 2, 2], 1), volume = space.length === 3;
      const [given, weights] = [tf.tensor(x, [1, ...space, 2]), tf.tensor(filter, [...size, 2, 2])];
      const convolved = volume ? tf.conv3d(given, weights, strides, pad, "NDHWC", dilations) : tf.conv2d(given, weights, strides, pad, "NHWC", dilations);
      compare("convolution " + name, convolved, windows("convolution", x, space, 2, window, filter));
      if (dilation > 1) return;
      const [max, mean] = volume ? [tf.maxPool3d, tf.avgPool3d] : [tf.maxPool, tf.avgPool];
      compare("maximum " + name, max(given, size, strides, pad), windows("maximum", x, space, 2, window));
      compare("average " + name, mean(given, size, strides, pad), windows("average", x, space, 2, window));
      // What a window is sent arrives.
      for (const [kind, pool] of Object.entries({ maximum: max, average: mean }))
        compare("gradient of " + kind + " " + name, tf.sum(tf.grad((z) => tf.sum(pool(z, size, strides, pad)))(given)), [pool(given, size, strides, pad).size]);
    });
  const x = tf.tensor(values([2, 3, 4]), [2, 3, 4]);
  for (const axis of [-1, -2, -3]) for (const [name, f] of Object.entries({ sum: tf.cumsum, product: tf.cumprod })) tf.tidy(() => {
    const count = x.shape.at(axis), rows = tf.unstack(x, axis + 3);
    const running = rows.map((_, end) => rows.slice(0, end + 1).reduce((a, b) => name === "sum" ? tf.add(a, b) : tf.mul(a, b)));
    compare("running " + name + axis, f(x, axis), [...tf.stack(running, axis + 3).dataSync()]);
  });
  tf.tidy(() => compare("segments", tf.unsortedSegmentSum(tf.tensor2d([[1, 2], [3, 4], [5, 6], [7, 8]]), tf.tensor1d([1, 0, 1, 3], "int32"), 4), [3, 4, 6, 8, 0, 0, 7, 8]));
  tf.tidy(() => compare("rows along the last axis", tf.gather(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor1d([1, 0], "int32"), -1), [2, 1, 4, 3]));
  const refused = [];
  const small = tf.ones([1, 3, 3, 1]), smallVolume = tf.ones([1, 3, 3, 3, 1]);
  for (const compute of [
    () => tf.conv2d(small, tf.ones([3, 3, 1, 1]), 1, "valid", "NHWC", 2),
    () => tf.depthwiseConv2d(small, tf.ones([5, 5, 1, 1]), 1, "valid"),
    () => tf.maxPool(small, 4, 1, "valid"),
    () => tf.avgPool(small, 5, 1, "valid"),
    () => tf.pool(small, 3, "max", "valid", 2, 1),
    () => tf.conv3d(smallVolume, tf.ones([4, 4, 4, 1, 1]), 1, "valid"),
    () => tf.maxPool3d(smallVolume, 4, 1, "valid"),
  ]) try { tf.tidy(compute); refused.push("nothing"); } catch (error) { refused.push(error.constructor.name + ": " + error.message); }
  tf.dispose([x, small, smallVolume]);
  console.log(JSON.stringify({ worst, compared, refused, left: tf.memory().numTensors - before }));`;

for (const backend of ["native", "wasm"]) {
  test(`windows, running sums and segments on the backend ${backend} are what plain loops compute, or refused`, async () => {
    const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "2", LIMPID_BACKEND: backend };
    const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { env, timeout: 120_000 });
    const { worst, compared, refused, left } = JSON.parse((await run).stdout);
    assert.ok(compared > 150, `${compared} comparisons`);
    assert.ok(worst.off < 1e-5, `${worst.name} is off by ${worst.off}`);
    assert.equal(left, 0);
    for (const refusal of refused) assert.match(refusal, /^ModelError: A window of .* does not fit into/);
  });
}
