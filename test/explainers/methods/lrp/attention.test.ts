import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { attention, lrp, sensitivity } from "../../../../src/explainers/index.js";
import { flow, near, sum } from "../../../helpers/numbers.js";

const random = (shape: number[], seed: number, stddev = 0.5) => tf.randomNormal(shape, 0, stddev, "float32", seed);

test("transformer blocks conserve layer by layer with distribute, keep their books with absorb, and leak nothing", async () => {
  for (const seed of [1, 20, 300]) {
    const [width, tokens] = [6, 4];
    const w = (i: number, inputs = width, outputs = width) => random([inputs, outputs], seed + i) as tf.Tensor2D;
    const weights = [w(0), w(1), w(2), w(3), w(4, width, 12), w(5, 12, width), w(6, width, 3)] as const;
    const shifts = [random([12], seed + 7), random([width], seed + 8), random([3], seed + 9)] as const;
    const norm = tf.layers.layerNormalization({ gammaInitializer: "ones" });
    const times = (x: tf.Tensor, by: tf.Tensor2D): tf.Tensor =>
      tf.reshape(tf.matMul(tf.reshape(x, [-1, by.shape[0]]) as tf.Tensor2D, by), [
        ...x.shape.slice(0, -1),
        by.shape[1],
      ]);
    const gelu = (x: tf.Tensor) => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.div(x, Math.SQRT2))));
    const model = (x: tf.Tensor) => {
      const [q, k, v] = [times(x, weights[0]), times(x, weights[1]), times(x, weights[2])];
      const scores = tf.softmax(tf.div(tf.matMul(q, k, false, true), Math.sqrt(width)));
      const read = norm.apply(tf.add(x, times(tf.matMul(scores, v), weights[3]))) as tf.Tensor;
      const inner = gelu(tf.add(times(read, weights[4]), shifts[0]));
      const out = norm.apply(tf.add(read, tf.add(times(inner, weights[5]), shifts[1]))) as tf.Tensor;
      return tf.add(times(tf.mean(out, 1), weights[6]), shifts[2]);
    };
    const x = random([2, tokens, width], seed + 10, 1);
    tf.tidy(() => void model(x));
    const start = tf.memory().numTensors;
    for (const bias of ["distribute", "absorb"] as const) {
      const result = await lrp(model, { composite: attention(), bias })(x, { target: [0, 2], keepLayers: true });
      let most = 0;
      for (const layer of result.layers) {
        const here = flow(layer.relevance());
        most = Math.max(most, here);
        if (layer.kind === "input") continue;
        const kept = layer.absorbedByBias + layer.absorbedByEmpty;
        const where = `${bias}, seed ${seed}, ${layer.kind} ${layer.name}`;
        assert.ok(
          Math.abs(layer.sum - layer.passedOn - kept) <= 1e-4 * here,
          `${where}: ${layer.sum}, ${layer.passedOn}`,
        );
        if (bias === "distribute") assert.ok(Math.abs(kept) <= 1e-4 * here, `${where}: ${kept} was kept`);
      }
      const accounted = result.relevanceSum + result.biasRelevance + result.emptyRelevance;
      assert.ok(Math.abs(accounted - sum(result.output)) <= 1e-4 * most, `${bias}: ${accounted}`);
      result.dispose();
    }
    // The traced layer norm has the slope of the model that computes it: central differences.
    const slope = await sensitivity(model, { kind: "signed" })(x, { target: [1, 1] });
    const values = x.dataSync();
    for (const entry of [0, 7, 30]) {
      const at = (step: number): number =>
        tf.tidy(() => {
          const moved = Float32Array.from(values);
          moved[entry]! += step;
          const y = model(tf.tensor(moved, x.shape)).arraySync() as number[][];
          return y[0]![1]! + y[1]![1]!;
        });
      const numeric = (at(0.01) - at(-0.01)) / 0.02;
      assert.ok(Math.abs(slope.relevance[entry]! - numeric) <= 5e-3, `${slope.relevance[entry]} for ${numeric}`);
    }
    assert.equal(tf.memory().numTensors, start, "leaks");
  }
});

test("SiLU and GELU in both forms pass relevance on unchanged", async () => {
  const x = random([2, 5], 4, 1);
  const forms: ((x: tf.Tensor) => tf.Tensor)[] = [
    (x) => tf.mul(x, tf.sigmoid(x)),
    (x) => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.div(x, Math.SQRT2)))),
    (x) =>
      tf.mul(tf.mul(x, 0.5), tf.add(1, tf.tanh(tf.mul(0.8, tf.add(x, tf.mul(0.044715, tf.mul(x, tf.square(x)))))))),
  ];
  for (const form of forms) {
    const seed = random([2, 5], 5);
    const result = await lrp(form, { composite: attention({ epsilon: 1e-9 }) })(x, { target: () => seed.clone() });
    seed.dataSync().forEach((value, i) => {
      assert.ok(Math.abs(result.relevance[i]! - value) <= 1e-5, `${result.relevance[i]} instead of ${value}`);
    });
  }
});

/** Relevance of one sample `x` when `seeds` is sent back from `f(x)`. */
function explain(f: (x: tf.Tensor) => tf.Tensor, x: number[][], seeds: tf.TensorLike, bias: "absorb" | "distribute") {
  const composite = attention({ epsilon: 1e-9 });
  return lrp(f, { composite, bias })(tf.tensor2d(x), { target: () => tf.tensor(seeds) });
}

test("softmax: R_i = x_i (R_i − s_i Σ R), by hand", async () => {
  // Reversed, for a softmax at the end would be left out for its logits.
  const reversed = (x: tf.Tensor) => tf.reverse(tf.softmax(x), -1);
  const [ln2, ln3] = [Math.log(2), Math.log(3)];
  // Two entries, s = (1/4, 3/4), R = (4, 8), so ΣR = 12: x₀ = 0 has nothing; ln 3 (8 − 3/4 · 12) = −ln 3.
  const two = await explain(reversed, [[0, ln3]], [[8, 4]], "absorb");
  near(two.relevance, [0, -ln3], 1e-5, "two entries");
  assert.ok(Math.abs(two.emptyRelevance - (12 + ln3)) < 1e-5);
  // What is left over, 12 + ln 3, is shared as the attention is: 1 : 3.
  const shared = await explain(reversed, [[0, ln3]], [[8, 4]], "distribute");
  near(shared.relevance, [(12 + ln3) / 4, -ln3 + (3 * (12 + ln3)) / 4], 1e-5, "two entries, distributed");
  // Three entries, x = (−ln 2, 0, ln 3 − ln 2) with e^x = 1/2, 1, 3/2: s = (1/6, 1/3, 1/2), R = (6, −3, 9), ΣR = 12.
  const three = await explain(reversed, [[-ln2, 0, ln3 - ln2]], [[9, -3, 6]], "absorb");
  near(three.relevance, [-ln2 * (6 - 2), 0, (ln3 - ln2) * (9 - 6)], 1e-5, "three entries");
  // Rows do not mix.
  const rows = await explain(
    reversed,
    [
      [0, ln3],
      [ln3, 0],
    ],
    [
      [8, 4],
      [0, 1],
    ],
    "absorb",
  );
  // The second row: s = (3/4, 1/4), R = (1, 0): ln 3 (1 − 3/4).
  near(rows.relevance, [0, -ln3, ln3 / 4, 0], 1e-5, "two rows");
});

test("a product of two matrices shares by halves: R_A = A ∘ (R / 2z) Bᵀ, by hand", async () => {
  const part = (x: tf.Tensor, from: number, shape: number[]) =>
    tf.reshape(tf.slice(x, [0, from], [-1, 4]), [-1, ...shape]);
  const products: Record<string, (x: tf.Tensor) => tf.Tensor> = {
    "A B": (x) => tf.matMul(part(x, 0, [2, 2]), part(x, 4, [2, 2])),
    "Aᵀ B": (x) => tf.matMul(tf.transpose(part(x, 0, [2, 2]), [0, 2, 1]), part(x, 4, [2, 2])),
    "transposed by the product": (x) => tf.matMul(part(x, 0, [2, 2]), part(x, 4, [2, 2]), true, true),
  };
  // A = (1 2; 3 −1), B = (2 0; 1 4): AB = (4 8; 5 −4), AᵀB = (5 12; 3 −4), AᵀBᵀ = (2 13; 4 −2).
  const x = [[1, 2, 3, -1, 2, 0, 1, 4]];
  const expected: Record<string, [tf.TensorLike, number[]]> = {
    // R / 2z = (1 2; 1 1). a₁₁: 1 (1·2 + 2·0), a₁₂: 2 (1·1 + 2·4), a₂₁: 3 (1·2 + 1·0), a₂₂: −1 (1·1 + 1·4);
    // b₁₁: 2 (1·1 + 3·1), b₁₂: 0, b₂₁: 1 (2·1 − 1·1), b₂₂: 4 (2·2 − 1·1). Each half is half of ΣR = 42.
    "A B": [
      [
        [
          [8, 32],
          [10, -8],
        ],
      ],
      [2, 18, 6, -5, 8, 0, 1, 12],
    ],
    // The same R / 2z. a₁₁: 1 (1·2 + 2·0), a₂₁: 3 (1·1 + 2·4), a₁₂: 2 (1·2 + 1·0), a₂₂: −1 (1·1 + 1·4);
    // b₁₁: 2 (1·1 + 2·1), b₂₁: 1 (3·1 − 1·1), b₂₂: 4 (3·2 − 1·1).
    "Aᵀ B": [
      [
        [
          [10, 48],
          [6, -8],
        ],
      ],
      [2, 4, 27, -5, 6, 0, 2, 20],
    ],
    // The same again. a₁₁: 1 (1·2 + 2·1), a₂₁: 3 (1·0 + 2·4), a₁₂: 2 (1·2 + 1·1), a₂₂: −1 (1·0 + 1·4);
    // b₁₁: 2 (1·1 + 1·2), b₂₁: 1 (2·1 + 1·2), b₂₂: 4 (2·3 + 1·(−1)).
    "transposed by the product": [
      [
        [
          [4, 52],
          [8, -4],
        ],
      ],
      [4, 6, 24, -4, 6, 0, 4, 20],
    ],
  };
  for (const [name, f] of Object.entries(products)) {
    const [seeds, relevance] = expected[name]!;
    for (const bias of ["absorb", "distribute"] as const) {
      const result = await explain(f, x, seeds, bias);
      near(result.relevance, relevance, 1e-5, `${name}, ${bias}`);
      const half = sum(relevance) / 2;
      near(
        [sum(result.relevance.subarray(0, 4)), sum(result.relevance.subarray(4))],
        [half, half],
        1e-5,
        `${name}: halves`,
      );
    }
  }
  // Two numbers: b has the same half as a.
  const numbers = (x: tf.Tensor) => tf.mul(tf.slice(x, [0, 0], [-1, 1]), tf.slice(x, [0, 1], [-1, 1]));
  near((await explain(numbers, [[3, -7]], [[10]], "absorb")).relevance, [5, 5], 1e-5, "numbers");
});
