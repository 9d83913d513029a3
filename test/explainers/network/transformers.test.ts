import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

const at = (path: string) => JSON.stringify(new URL(`../../../src/${path}`, import.meta.url).href);

/* A vision transformer and a masked encoder, as TensorFlow's converter writes them: sums by Einstein, a class token, masks. */
const script = `
  import { tensorflow } from ${at("kernel-helpers/index.js")};
  import { deepLift, findMethod, gradients, integratedGradients, lrp, record } from ${at("explainers/index.js")};
  const tf = await tensorflow();
  let state = 5;
  const random = (shape, scale = 0.6) => tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    state = (state * 48271) % 2147483647;
    return scale * (state / 1073741823.5 - 1);
  }), shape);
  const [d, heads, width, tokens] = [6, 2, 3, 4];
  const block = () => ({
    q: random([d, heads, width]), k: random([d, heads, width]), v: random([d, heads, width]), o: random([heads, width, d]),
    bias: random([heads, width]), gain: random([d]), shift: random([d]), up: random([d, 8]), down: random([8, d]),
  });
  const norm = (x, { gain, shift }) => {
    const { mean, variance } = tf.moments(x, -1, true);
    return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-3))), gain), shift);
  };
  const gelu = (x) => tf.mul(tf.mul(0.5, x), tf.add(1, tf.erf(tf.div(x, Math.SQRT2))));
  const attention = (x, w, mask) => {
    const projected = (to) => tf.add(tf.einsum("abc,cde->abde", x, to), w.bias);
    const scores = tf.einsum("aecd,abcd->acbe", projected(w.k), tf.mul(projected(w.q), 1 / Math.sqrt(width)));
    const weights = tf.softmax(mask ? mask(scores) : scores, -1);
    return tf.einsum("abcd,cde->abe", tf.einsum("acbe,aecd->abcd", weights, projected(w.v)), w.o);
  };
  const layer = (x, w, mask) => {
    const y = tf.add(x, attention(norm(x, w), w, mask));
    return tf.add(y, tf.einsum("...x,xy->...y", gelu(tf.einsum("...x,xy->...y", norm(y, w), w.up)), w.down));
  };
  const [one, two] = [block(), block()];
  const [patch, token, places, head] = [random([2, 2, 2, d]), random([1, 1, d]), random([1, tokens + 1, d]), random([d, 3])];
  const vision = (x) => {
    const batch = x.shape[0];
    const patches = tf.reshape(tf.conv2d(x, patch, 2, "valid"), [batch, tokens, d]);
    const all = tf.add(tf.concat([tf.tile(token, [batch, 1, 1]), patches], 1), places);
    return tf.softmax(tf.matMul(tf.squeeze(tf.slice(layer(layer(all, one), two), [0, 0, 0], [-1, 1, -1]), [1]), head));
  };
  // What is below a threshold in the last entry of a word is padding: masked by a large number, and by a choice.
  const isWord = (x) => tf.greater(tf.slice(x, [0, 0, d - 1], [-1, -1, 1]), -0.2);
  const additive = (x) => {
    const known = tf.cast(tf.reshape(isWord(x), [x.shape[0], 1, 1, tokens]), "float32");
    return (scores) => tf.add(scores, tf.mul(tf.sub(tf.onesLike(known), known), -1e9));
  };
  const chosen = (x) => (scores) => tf.where(tf.reshape(isWord(x), [x.shape[0], 1, 1, tokens]), scores, -1e9);
  const encoder = (mask) => (x) => {
    const embedded = tf.add(x, tf.slice(places, [0, 1, 0], [1, tokens, d]));
    return tf.matMul(tf.mean(layer(layer(embedded, one, mask(x)), two, mask(x)), 1), head);
  };
  const found = [];
  const total = (numbers) => numbers.reduce((a, b) => a + b, 0);
  for (const [name, net, shape, isMasked] of [
    ["vision transformer", vision, [4, 4, 2], false],
    ["encoder with an added mask", encoder(additive), [tokens, d], true],
    ["encoder with a chosen mask", encoder(chosen), [tokens, d], true],
  ]) for (const batch of [1, 3]) {
    state = 11;
    const x = random([batch, ...shape], 1.5);
    const before = tf.memory().numTensors;
    // The first batch size traces, the other one replays.
    const recording = record(net, x);
    const logits = recording.outputs[0];
    const own = tf.tidy(() => {
      const probabilities = net(x);
      return recording.graph.tails[0] === "softmax" ? tf.max(tf.abs(tf.sub(tf.softmax(logits), probabilities))) : tf.max(tf.abs(tf.sub(logits, probabilities)));
    });
    const forward = own.dataSync()[0];
    const seed = tf.tidy(() => tf.mul(tf.onesLike(logits), [[1, -0.5, 0.3]]));
    const result = gradients(recording, new Map([[recording.graph.outputs[0], seed]]));
    const gradient = result.get(recording.graph.inputs[0]).arraySync().flat(9);
    const score = (values) => tf.tidy(() => {
      const other = record(net, tf.tensor(values, x.shape));
      const value = tf.sum(tf.mul(other.outputs[0], seed)).dataSync()[0];
      other.dispose();
      return value;
    });
    const values = [...x.dataSync()];
    let slopes = 0;
    for (let i = 0; i < values.length; i += 5) {
      const [up, down] = [0.01, -0.01].map((step) => score(values.with(i, values[i] + step)));
      slopes = Math.max(slopes, Math.abs((up - down) / 0.02 - gradient[i]));
    }
    tf.dispose([own, seed, ...result.values()]);
    recording.dispose();
    // What a propagation leaves unaccounted for, of what was explained.
    const lost = async (options) => {
      const { relevanceSum, biasRelevance, emptyRelevance, output } = await lrp(net, options)(x, { target: 1 });
      const kept = options.bias === "distribute" ? 0 : biasRelevance + emptyRelevance;
      return Math.abs(relevanceSum + kept - total(output)) / total(output.map(Math.abs));
    };
    const [conserved, ledger, plus] = [
      await lost({ composite: "attention", bias: "distribute" }), await lost({ composite: "attention" }), await lost({ composite: "epsilon-plus", bias: "distribute" })];
    // A reference with the same padding: what changes it counts as a step.
    const reference = tf.tidy(() => isMasked ? tf.mul(x, [...Array(d - 1).fill(0.1), 1]) : tf.mul(x, 0.1));
    const lifted = await deepLift(net, { reference })(x, { target: 1 });
    const gap = Math.max(...lifted.completenessGap.map(Math.abs));
    const path = await integratedGradients(net, { baseline: reference, steps: 200 })(x, { target: 1 });
    const integral = Math.max(...path.completenessGap.map(Math.abs));
    const others = [];
    for (const [id, options] of [["kernel-shap", { samples: 200 }], ["occlusion", { window: 1 }], ["smoothgrad", { samples: 4 }]]) {
      const each = await findMethod(id).make(net, options, {})(x, { target: 1 });
      others.push([id, each.relevance.every(Number.isFinite) && each.relevance.some((value) => value !== 0)]);
    }
    tf.dispose([x, reference]);
    found.push({ name, batch, forward, slopes, conserved, ledger, plus, gap, integral, others, left: tf.memory().numTensors - before + 1 });
  }
  console.log(JSON.stringify(found));`;

for (const backend of ["native", "wasm"]) {
  test(`transformers on the backend ${backend}: forward, gradients, LRP, DeepLIFT and integrated gradients agree with the model`, async () => {
    const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "2", LIMPID_BACKEND: backend };
    const run = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { env });
    for (const { name, batch, ...found } of JSON.parse(run.stdout)) {
      const where = `${name}, ${batch} at a time: ${JSON.stringify(found)}`;
      assert.ok(found.forward < 1e-5, where);
      assert.ok(found.slopes < 5e-3, where);
      assert.ok(found.conserved < 1e-3, where);
      assert.ok(found.ledger < 1e-3, where);
      assert.ok(found.plus < 1e-3, where);
      assert.ok(found.gap < 1e-4, where);
      assert.ok(found.integral < 1e-3, where);
      for (const [id, isMeaningful] of found.others) assert.ok(isMeaningful, `${id}, ${where}`);
      assert.ok(found.left <= 1, where);
    }
  });
}
