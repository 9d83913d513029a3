import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  type Bias,
  epsilon,
  type LrpAttribution,
  type LrpOptions,
  lrp,
  sensitivity,
  uniform,
} from "../../../../src/explainers/index.js";

type Rows = number[][];

const composite = uniform(epsilon({ epsilon: 1e-9 }));

/** Relevance of `x` when `seeds` is sent back from `f(x)`. */
function explain(f: (x: tf.Tensor) => tf.Tensor, x: Rows, seeds: Rows, options: Omit<LrpOptions, "composite"> = {}) {
  return lrp(f, { composite, ...options })(tf.tensor2d(x), { target: () => tf.tensor(seeds) });
}

function close(result: LrpAttribution, expected: Rows, name: string, tolerance = 1e-5) {
  const flat = expected.flat();
  assert.equal(result.relevance.length, flat.length);
  flat.forEach((value, i) => {
    const found = result.relevance[i]!;
    assert.ok(Math.abs(found - value) <= tolerance * Math.max(1, Math.abs(value)), `${name}: ${result.relevance}`);
  });
}

test("a function of one argument passes relevance unchanged, wherever it crosses zero", async () => {
  const functions: Record<string, (x: tf.Tensor) => tf.Tensor> = {
    log: (x) => tf.log(x),
    "log of a square": (x) => tf.log(tf.square(tf.sub(x, 3))),
    square: (x) => tf.square(x),
    "x · x": (x) => tf.mul(x, x),
    power: (x) => tf.pow(x, 1.5),
    sqrt: (x) => tf.sqrt(x),
    exp: (x) => tf.exp(x),
    abs: (x) => tf.abs(tf.sub(x, 3)),
    reciprocal: (x) => tf.div(2, x),
    "decibels of a power": (x) => tf.mul(tf.log(tf.add(x, 1e-10)), 10 / Math.LN10),
  };
  const [x, seeds] = [[[0.5, 1, 4]], [[2, -3, 1]]];
  for (const bias of ["absorb", "ignore", "distribute"] as const) {
    for (const [name, f] of Object.entries(functions)) {
      close(await explain(f, x, seeds, { bias }), seeds, `${name}, ${bias}`);
    }
  }
});

test("a magnitude √(re² + im²) shares in proportion to the squares", async () => {
  const magnitude = (x: tf.Tensor) => tf.sqrt(tf.sum(tf.square(x), 1, true));
  // 3² : 4² of 25, 1 : 0 for a real number; −5 is as strong as 5.
  const x = [
    [3, 4],
    [-5, 0],
  ];
  const result = await explain(magnitude, x, [[50], [7]]);
  close(
    result,
    [
      [18, 32],
      [7, 0],
    ],
    "magnitude",
  );
});

test("a min-max normalization sends all to the entry that it normalizes", async () => {
  const forms: Record<string, (x: tf.Tensor) => tf.Tensor> = {
    quotient: (x) => {
      const shifted = tf.sub(x, tf.min(x, 1, true));
      return tf.div(shifted, tf.max(shifted, 1, true));
    },
    "or zero": (x) => {
      const shifted = tf.sub(x, tf.reshape(tf.min(x, [1]), [-1, 1]));
      return tf.divNoNan(shifted, tf.reshape(tf.max(shifted, [1]), [-1, 1]));
    },
    "by a power": (x) => {
      const shifted = tf.sub(x, tf.min(x, 1, true));
      return tf.mul(tf.pow(tf.mul(tf.max(shifted, 1, true), 2), -1), shifted);
    },
    "from above": (x) => tf.sub(tf.max(x, 1, true), x),
  };
  const x = [
    [-100, 20, -40],
    [1, 3, 2],
  ];
  const seeds = [
    [1, 2, 3],
    [4, -5, 6],
  ];
  for (const bias of ["absorb", "distribute"] as const) {
    for (const [name, f] of Object.entries(forms)) {
      const result = await explain(f, x, seeds, { bias });
      close(result, seeds, `${name}, ${bias}`, 0);
      assert.equal(result.emptyRelevance, 0);
    }
  }
});

test("silence divided by its own maximum is finite, in LRP and in gradients", async () => {
  const normalized = (x: tf.Tensor) => {
    const shifted = tf.sub(x, tf.min(x, 1, true));
    return tf.divNoNan(shifted, tf.max(shifted, 1, true));
  };
  close(await explain(normalized, [[5, 5, 5]], [[1, 2, 3]]), [[1, 2, 3]], "silence");
  const slope = await sensitivity(normalized, { kind: "signed" })(tf.tensor2d([[5, 5, 5]]), { target: 1 });
  assert.deepEqual([...slope.relevance], [0, 0, 0]);
});

test("a quotient holds its denominator constant, in all its spellings; other products share by halves", async () => {
  const [first, second] = [
    (x: tf.Tensor) => tf.slice(x, [0, 0], [-1, 1]),
    (x: tf.Tensor) => tf.slice(x, [0, 1], [-1, 1]),
  ];
  const forms: Record<string, [(x: tf.Tensor) => tf.Tensor, Rows]> = {
    "a / b": [(x) => tf.div(first(x), second(x)), [[6, 0]]],
    "a · (1 / b)": [(x) => tf.mul(first(x), tf.reciprocal(second(x))), [[6, 0]]],
    "(3 / √b) · a": [(x) => tf.mul(tf.mul(tf.rsqrt(second(x)), 3), first(x)), [[6, 0]]],
    "a b": [(x) => tf.mul(first(x), second(x)), [[3, 3]]],
    "a b²": [(x) => tf.mul(first(x), tf.pow(second(x), 2)), [[3, 3]]],
    "RMS norm": [(x) => tf.mul(x, tf.rsqrt(tf.mean(tf.square(x), 1, true))), [[6, 6]]],
  };
  for (const [name, [f, expected]] of Object.entries(forms)) {
    close(await explain(f, [[2, 5]], name === "RMS norm" ? [[6, 6]] : [[6]]), expected, name);
  }
});

test("a minimum goes to the winner, ties share; a log-sum-exp shares by the softmax", async () => {
  const least = (x: tf.Tensor) => tf.min(x, 1, true);
  const x = [
    [3, 1, 2],
    [0, 5, 0],
  ];
  const winners = [
    [0, 4, 0],
    [3, 0, 3],
  ];
  close(await explain(least, x, [[4], [6]]), winners, "minimum");
  const soft = (x: tf.Tensor) => {
    const top = tf.max(x, 1, true);
    return tf.log(tf.sum(tf.exp(tf.sub(x, top)), 1, true));
  };
  // e^x = 1, 2, 5: of 8 parts.
  close(await explain(soft, [[0, Math.log(2), Math.log(5)]], [[16]]), [[2, 4, 10]], "log-sum-exp");
});

test("a where sends relevance to the side it chose; a constant side keeps its part unless biases are distributed", async () => {
  const x = [[-2, 1, 3]];
  const seeds = [[5, 7, 11]];
  const sides = (x: tf.Tensor) => tf.where(tf.greater(x, 0), tf.square(x), tf.mul(x, -3));
  close(await explain(sides, x, seeds), seeds, "two sides");
  const floors: Record<string, (x: tf.Tensor) => tf.Tensor> = {
    "ReLU by hand": (x) => tf.where(tf.greater(x, 0), x, tf.zerosLike(x)),
    "a constant floor": (x) => tf.where(tf.less(x, 0), tf.fill([1, 3], 0.1), x),
    "a mask of constants": (x) => tf.mul(tf.where(tf.greater(x, 0), tf.ones([1, 3]), tf.zeros([1, 3])), x),
  };
  for (const [name, f] of Object.entries(floors)) {
    const kept = await explain(f, x, seeds);
    close(kept, [[0, 7, 11]], name);
    assert.equal(kept.emptyRelevance, 5, name);
    close(await explain(f, x, seeds, { bias: "distribute" }), seeds, `${name}, distributed`);
  }
});

test("fallback: gradient × input shares, what is missing is kept or distributed, and nothing is NaN without a name", async () => {
  const angle = (x: tf.Tensor) => tf.atan2(tf.slice(x, [0, 0], [-1, 1]), tf.slice(x, [0, 1], [-1, 1]));
  const [x, seeds] = [[[1, 3]], [[8]]];
  await assert.rejects(explain(angle, x, seeds), { name: "UnsupportedOperationError", message: /Atan2.*fallback/ });
  // y ∂/∂y = xy / (x² + y²) = 0.3, and −0.3 for x: of the whole, atan ⅓, nothing is shared, so all 8 are missing.
  const gained = (0.3 / Math.atan(1 / 3)) * 8;
  const books = async (bias: Bias) => explain(angle, x, seeds, { fallback: "gradient", bias });
  const kept = await books("absorb");
  close(kept, [[gained, -gained]], "kept", 1e-4);
  assert.ok(Math.abs(kept.emptyRelevance - 8) < 1e-5);
  // In proportion to |x|: 1 : 3.
  close(await books("distribute"), [[gained + 2, -gained + 6]], "distributed", 1e-4);
  // Each sample by itself.
  const two = await explain(angle, [...x, [2, -2]], [...seeds, [0]], { fallback: "gradient", bias: "distribute" });
  close(
    two,
    [
      [gained + 2, -gained + 6],
      [0, 0],
    ],
    "two samples",
    1e-4,
  );
  await assert.rejects(explain(angle, [[0, 0]], seeds, { fallback: "gradient" }), { name: "NonFiniteError" });
});
