import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  alphaBeta,
  type Bias,
  epsilon,
  flat,
  gamma,
  lrp,
  type Rule,
  uniform,
  wSquare,
  zBox,
  zPlus,
} from "../../../../src/explainers/index.js";

/*
 * Every rule is derived a second time, in float64 and entry by entry, from the matrix of the layer: M[j][i] is found by
 * running the layer on unit vectors, so that strides, padding and dilation need no second derivation.
 */

type Vector = number[];
interface Unrolled {
  M: number[][];
  b: Vector;
  /** Which inputs an output sees, with multiplicity 1: the layer with all weights 1. */
  sees: number[][];
}

const eps = 1e-6;
const pos = (x: number) => Math.max(x, 0);
const neg = (x: number) => Math.min(x, 0);
const st = (z: number, e = eps) => z + (z >= 0 ? e : -e);

/** R_i = Σ_j share(i, j) R_j, where share = numerator(i, j) / (Σ_i numerator + bias part + stabilizer). */
function redistribute(
  { M }: Unrolled,
  R: Vector,
  numerator: (i: number, j: number) => number,
  biasPart: (j: number) => number,
  active: (j: number) => boolean = () => true,
): Vector {
  const out = new Array<number>(M[0]!.length).fill(0);
  M.forEach((row, j) => {
    if (!active(j)) return;
    let total = biasPart(j);
    for (let i = 0; i < row.length; i++) total += numerator(i, j);
    for (let i = 0; i < row.length; i++) out[i]! += (numerator(i, j) / st(total)) * R[j]!;
  });
  return out;
}

const add = (...vectors: Vector[]): Vector =>
  vectors[0]!.map((_, i) => vectors.reduce((sum, vector) => sum + vector[i]!, 0));
const scaled = (factor: number, vector: Vector): Vector => vector.map((value) => factor * value);

type Formula = (net: Unrolled, a: Vector, R: Vector, keep: 0 | 1) => Vector;

const rules: Record<string, { rule: (bias: Bias) => Rule; formula: Formula }> = {
  epsilon: {
    rule: (bias) => epsilon({ bias }),
    formula: (net, a, R, keep) =>
      redistribute(
        net,
        R,
        (i, j) => a[i]! * net.M[j]![i]!,
        (j) => keep * net.b[j]!,
      ),
  },
  "epsilon 0.25": {
    rule: (bias) => epsilon({ epsilon: 0.25, bias }),
    formula(net, a, R, keep) {
      const z = net.M.map((row, j) => row.reduce((sum, w, i) => sum + w * a[i]!, keep * net.b[j]!));
      return a.map((x, i) => x * net.M.reduce((sum, row, j) => sum + (row[i]! * R[j]!) / st(z[j]!, 0.25), 0));
    },
  },
  "z⁺": {
    rule: (bias) => zPlus({ bias }),
    formula: (net, a, R, keep) =>
      redistribute(
        net,
        R,
        (i, j) => pos(a[i]! * net.M[j]![i]!),
        (j) => keep * pos(net.b[j]!),
      ),
  },
  α2β1: {
    rule: (bias) => alphaBeta({ bias }),
    formula: (net, a, R, keep) =>
      add(
        scaled(
          2,
          redistribute(
            net,
            R,
            (i, j) => pos(a[i]! * net.M[j]![i]!),
            (j) => keep * pos(net.b[j]!),
          ),
        ),
        scaled(
          -1,
          redistribute(
            net,
            R,
            (i, j) => neg(a[i]! * net.M[j]![i]!),
            (j) => keep * neg(net.b[j]!) - 1e-300,
          ),
        ),
      ),
  },
  γ: {
    rule: (bias) => gamma({ gamma: 0.4, bias }),
    formula(net, a, R, keep) {
      const z = net.M.map((row, j) => row.reduce((sum, w, i) => sum + w * a[i]!, keep * net.b[j]!));
      const branch = (part: (x: number) => number) => (x: number) => x + 0.4 * part(x);
      const [up, down] = [branch(pos), branch(neg)];
      return add(
        redistribute(
          net,
          R,
          (i, j) => up(a[i]! * net.M[j]![i]!),
          (j) => keep * up(net.b[j]!),
          (j) => z[j]! >= 0,
        ),
        redistribute(
          net,
          R,
          (i, j) => down(a[i]! * net.M[j]![i]!),
          (j) => keep * down(net.b[j]!),
          (j) => z[j]! < 0,
        ),
      );
    },
  },
  zᴮ: {
    rule: (bias) => zBox({ low: -3, high: 4, bias }),
    formula: (net, a, R) =>
      redistribute(
        net,
        R,
        (i, j) => a[i]! * net.M[j]![i]! + 3 * pos(net.M[j]![i]!) - 4 * neg(net.M[j]![i]!),
        () => 0,
      ),
  },
  "w²": {
    rule: (bias) => wSquare({ bias }),
    formula: (net, _, R, keep) =>
      redistribute(
        net,
        R,
        (i, j) => net.M[j]![i]! ** 2,
        (j) => keep * net.b[j]! ** 2,
      ),
  },
  flat: {
    rule: (bias) => flat({ bias }),
    formula: (net, _, R) =>
      redistribute(
        net,
        R,
        (i, j) => net.sees[j]![i]!,
        () => 0,
      ),
  },
};

type Build = (x: tf.Tensor, weights: tf.Tensor) => tf.Tensor;

const layers: Record<string, { input: number[]; weights: number[]; build: Build }> = {
  dense: { input: [6], weights: [6, 4], build: (x, w) => tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D) },
  "conv 3×3 same": {
    input: [5, 4, 2],
    weights: [3, 3, 2, 3],
    build: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same"),
  },
  "conv strided, padded by hand": {
    input: [5, 6, 2],
    weights: [3, 2, 2, 3],
    build: (x, w) =>
      tf.conv2d(
        tf.pad(x as tf.Tensor4D, [
          [0, 0],
          [2, 1],
          [0, 1],
          [0, 0],
        ]),
        w as tf.Tensor4D,
        [2, 3],
        "valid",
      ),
  },
  "conv dilated": {
    input: [6, 6, 2],
    weights: [3, 3, 2, 2],
    build: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same", "NHWC", 2),
  },
  "conv 1×1": {
    input: [3, 3, 4],
    weights: [1, 1, 4, 3],
    build: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "valid"),
  },
  depthwise: {
    input: [5, 4, 3],
    weights: [3, 3, 3, 2],
    build: (x, w) => tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same"),
  },
  "depthwise strided": {
    input: [7, 6, 3],
    weights: [3, 3, 3, 1],
    build: (x, w) => tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, "same"),
  },
  conv1d: {
    input: [9, 2],
    weights: [3, 2, 3],
    build: (x, w) => tf.conv1d(x as tf.Tensor3D, w as tf.Tensor3D, 2, "same"),
  },
  "grouped conv": {
    input: [4, 5, 4],
    weights: [3, 2, 2, 6],
    build(x, w) {
      const filters = tf.split(w as tf.Tensor4D, 2, 3) as tf.Tensor4D[];
      const parts = tf.split(x as tf.Tensor4D, 2, 3) as tf.Tensor4D[];
      return tf.concat(
        parts.map((part, i) => tf.conv2d(part, filters[i]!, 1, "same")),
        3,
      );
    },
  },
  conv3d: {
    input: [3, 4, 3, 2],
    weights: [2, 3, 2, 2, 3],
    build: (x, w) => tf.conv3d(x as tf.Tensor5D, w as tf.Tensor5D, 1, "same"),
  },
  "conv3d strided": {
    input: [4, 5, 4, 2],
    weights: [2, 3, 2, 2, 2],
    build: (x, w) => tf.conv3d(x as tf.Tensor5D, w as tf.Tensor5D, [2, 2, 1], "valid"),
  },
  "transposed conv3d": {
    input: [2, 2, 3, 2],
    weights: [3, 2, 2, 3, 2],
    build: (x, w) => tf.conv3dTranspose(x as tf.Tensor5D, w as tf.Tensor5D, [x.shape[0]!, 4, 4, 6, 3], 2, "same"),
  },
  "transposed conv": {
    input: [3, 3, 2],
    weights: [3, 3, 3, 2],
    build: (x, w) => tf.conv2dTranspose(x as tf.Tensor4D, w as tf.Tensor4D, [x.shape[0]!, 6, 6, 3], 2, "same"),
  },
};

const size = (shape: number[]) => shape.reduce((a, b) => a * b, 1);

/** The layer as a matrix `[out, in]`. */
function matrix(build: Build, input: number[], weights: tf.Tensor): number[][] {
  return tf.tidy(() => {
    const n = size(input);
    const columns = build(tf.reshape(tf.eye(n), [n, ...input]), weights);
    return tf.transpose(tf.reshape(columns, [n, -1])).arraySync() as number[][];
  });
}

for (const [layerName, { input, weights: weightShape, build }] of Object.entries(layers)) {
  test(`${layerName}: every rule is its formula, with and without the bias, for signed and for non-negative inputs`, async () => {
    const weights = tf.randomNormal(weightShape, 0, 1, "float32", 31);
    const M = matrix(build, input, weights);
    const outputs = tf.tidy(() => build(tf.zeros([1, ...input]), weights).shape.slice(1));
    const bias = tf.randomNormal([outputs.at(-1)!], 0, 1, "float32", 12);
    const b = Array.from({ length: size(outputs) }, (_, j) => bias.dataSync()[j % outputs.at(-1)!]!);
    const sees = matrix(build, input, tf.onesLike(weights));
    const net = { M, b, sees };
    for (const signed of [true, false]) {
      const x = tf.randomNormal([2, ...input], 0, 1, "float32", 13);
      // The ReLU tells the tracer that inputs are not negative; it is part of the model.
      const model = (given: tf.Tensor) => tf.add(build(signed ? given : tf.relu(given), weights), bias);
      const a = tf.reshape(signed ? x : tf.relu(x), [2, -1]).arraySync() as number[][];
      const R = tf.randomNormal([2, ...outputs], 0, 1, "float32", 14);
      const Rs = tf.reshape(R, [2, -1]).arraySync() as number[][];
      for (const [name, { rule, formula }] of Object.entries(rules)) {
        for (const biasMode of ["absorb", "ignore"] as const) {
          const result = await lrp(model, { composite: uniform(rule(biasMode)) })(x, { target: () => R.clone() });
          const n = size(input);
          for (const sample of [0, 1]) {
            const expected = formula(net, a[sample]!, Rs[sample]!, biasMode === "absorb" ? 1 : 0);
            const largest = Math.max(...expected.map(Math.abs));
            expected.forEach((value, i) => {
              const ours = result.relevance[sample * n + i]!;
              assert.ok(
                Math.abs(ours - value) <= 2e-4 * largest,
                `${name}, ${biasMode}, ${signed ? "signed" : "non-negative"}, sample ${sample}, entry ${i}: ${ours} instead of ${value}`,
              );
            });
          }
        }
        const result = await lrp(model, { composite: uniform(rule("distribute")) })(x, { target: () => R.clone() });
        const flow = Rs.flat().reduce((sum, value) => sum + Math.abs(value), 0);
        assert.ok(
          Math.abs(result.relevanceSum - Rs.flat().reduce((sum, value) => sum + value, 0)) <= 1e-4 * flow,
          `${name}: distribute does not conserve`,
        );
      }
    }
  });
}

test("distribute shares a bias' part by |z_ij| and an all-zero unit's evenly", async () => {
  const model = (x: tf.Tensor) =>
    tf.add(
      tf.matMul(
        x as tf.Tensor2D,
        tf.tensor2d([
          [1, 0],
          [-3, 0],
          [0, 0],
        ]),
      ),
      [2, 1],
    );
  const x = tf.tensor2d([[2, 1, 5]]);
  // Unit 0: z = 2 − 3 + 2 = 1. z⁺: 2/(2 + 2) of R to input 0, the other half (the bias') by |z|: 2/5 and 3/5.
  // Unit 1: no contribution at all: a third each.
  const result = await lrp(model, { composite: uniform(zPlus()), bias: "distribute" })(x, {
    target: () => tf.tensor2d([[10, 3]]),
  });
  for (const [i, value] of [5 + 2 + 1, 3 + 1, 1].entries()) {
    assert.ok(Math.abs(result.relevance[i]! - value) < 1e-4, String(result.relevance));
  }
});

test("parameters out of range are refused by name", () => {
  assert.throws(() => epsilon({ epsilon: -1 }), { name: "ParameterError", message: /epsilon.*-1/ });
  assert.throws(() => gamma({ gamma: Number.NaN }), { name: "ParameterError", message: /gamma.*NaN/ });
  assert.throws(() => alphaBeta({ alpha: 2, beta: 2 }), { name: "ParameterError", message: /alpha − beta/ });
  assert.throws(() => zBox({ low: 1, high: 0 }), { name: "ParameterError", message: /low/ });
  assert.throws(() => zPlus({ bias: "drop" as Bias }), { name: "ParameterError", message: /bias.*"drop"/ });
});
