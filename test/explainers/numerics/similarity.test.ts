import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { ParameterError } from "../../../src/explainers/errors.js";
import { pearson, ranks, spearman } from "../../../src/explainers/numerics/correlation.js";
import { hog } from "../../../src/explainers/numerics/hog.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import { structuralSimilarity } from "../../../src/explainers/numerics/ssim.js";

interface Case {
  readonly shape: readonly [number, number];
  readonly seed: number;
  readonly step: number;
  readonly amount: number;
  readonly pearson: number;
  readonly spearman: number;
  readonly firstRanks: readonly number[];
  readonly ssim: number;
  readonly ssim11: number;
  readonly ssimGaussian: number;
  readonly ssimRange2: number;
  readonly ssimFlat: number;
  readonly hogs: readonly {
    readonly cell: number;
    readonly block: number;
    readonly orientations: number;
    readonly length: number;
    readonly first: readonly number[];
    readonly sum: number;
    readonly pearson: number;
  }[];
}

const { cases } = JSON.parse(
  readFileSync(new URL("../../../../test/explainers/numerics/similarities.json", import.meta.url), "utf8"),
) as { readonly cases: readonly Case[] };

/** The fields of `make-similarities.py`, bit for bit. */
function field(seed: number, length: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
}

function pairOf({ seed, shape: [height, width], step, amount }: Case): [Float64Array, Float64Array] {
  const rounded = (values: Float64Array) => (step === 0 ? values : values.map((x) => Math.floor(x * step) / step));
  const a = rounded(field(seed, height * width));
  const noise = field(seed + 100, height * width);
  return [a, rounded(a.map((value, i) => value + amount * noise[i]!))];
}

const close = (ours: number, theirs: number, tolerance: number) =>
  assert.ok(Math.abs(ours - theirs) <= tolerance, `${ours} instead of ${theirs}`);

test("ranks of single precision are those of the same numbers in double", () => {
  const random = seededRandom(3);
  const largest = 3.4028234663852886e38;
  const special = [0, -0, 1e-45, -1e-45, Infinity, -Infinity, largest, -largest, 1, -1];
  for (const length of [0, 1, 2, 7, 400, 5000]) {
    const values = Float32Array.from({ length }, () => {
      const draw = random.integer(4);
      if (draw === 0) return special[random.integer(special.length)]!;
      // Few values, so that many are equal.
      return draw === 1 ? random.integer(9) - 4 : random.gaussian() * 10 ** (random.integer(60) - 30);
    });
    assert.deepEqual(ranks(values), ranks(Float64Array.from(values)));
    if (length > 0) {
      values[length >> 1] = Number.NaN;
      assert.ok(ranks(values).every(Number.isNaN));
    }
  }
});

describe("against scipy and scikit-image", () => {
  for (const given of cases) {
    const name = `${given.shape.join(" × ")}, seed ${given.seed}`;
    const [a, b] = pairOf(given);

    test(`correlations and ranks of ${name}`, () => {
      close(pearson(a, b), given.pearson, 1e-12);
      close(spearman(a, b), given.spearman, 1e-12);
      assert.deepEqual([...ranks(a).subarray(0, 20)], given.firstRanks);
    });

    test(`structural similarity of ${name}`, () => {
      close(structuralSimilarity(a, b, given.shape), given.ssim, 1e-12);
      close(structuralSimilarity(a, b, given.shape, { size: 11 }), given.ssim11, 1e-12);
      close(structuralSimilarity(a, b, given.shape, { window: "gaussian" }), given.ssimGaussian, 1e-12);
      close(structuralSimilarity(a, b, given.shape, { range: 2 }), given.ssimRange2, 1e-12);
      close(structuralSimilarity(a, b, [a.length]), given.ssimFlat, 1e-12);
    });

    test(`histograms of oriented gradients of ${name}`, () => {
      assert.ok(given.hogs.length > 0);
      for (const { cell, block, orientations, length, first, sum, pearson: correlation } of given.hogs) {
        const [ofA, ofB] = [a, b].map((picture) => hog(picture, given.shape, { cell, block, orientations }));
        assert.equal(ofA!.length, length);
        // scikit-image adds up a cell in single precision.
        first.forEach((value, i) => {
          close(ofA![i]!, value, 1e-6);
        });
        const total = ofA!.reduce((whole, value) => whole + value, 0);
        close(total, sum, 1e-6 * sum);
        close(pearson(ofA!, ofB!), correlation, 1e-6);
      }
    });
  }
});

test("structural similarity by its definition, window by window", () => {
  const random = seededRandom(5);
  const [height, width, size] = [9, 11, 5];
  const [a, b] = [random.gaussians(height * width), random.gaussians(height * width)];
  const range = Math.max(...a, ...b) - Math.min(...a, ...b);
  const [c1, c2] = [(0.01 * range) ** 2, (0.03 * range) ** 2];
  const means = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const found: number[] = [];
  for (let top = 0; top + size <= height; top++) {
    for (let left = 0; left + size <= width; left++) {
      const places = Array.from(
        { length: size * size },
        (_, i) => (top + Math.floor(i / size)) * width + left + (i % size),
      );
      const [inA, inB] = [places.map((i) => a[i]!), places.map((i) => b[i]!)];
      const [mA, mB] = [means(inA), means(inB)];
      const spread = (f: number[], mF: number, g: number[], mG: number) =>
        f.reduce((sum, value, i) => sum + (value - mF) * (g[i]! - mG), 0) / (f.length - 1);
      const [vA, vB, cov] = [spread(inA, mA, inA, mA), spread(inB, mB, inB, mB), spread(inA, mA, inB, mB)];
      found.push(((2 * mA * mB + c1) * (2 * cov + c2)) / ((mA ** 2 + mB ** 2 + c1) * (vA + vB + c2)));
    }
  }
  close(structuralSimilarity(a, b, [height, width], { size }), means(found), 1e-9);
});

test("what is equal has similarity 1, what is opposite rank correlation −1, of a constant there is none", () => {
  const a = seededRandom(3).gaussians(400);
  const negative = a.map((value) => -value);
  close(structuralSimilarity(a, a, [20, 20]), 1, 1e-12);
  close(spearman(a, a), 1, 1e-12);
  close(spearman(a, negative), -1, 1e-12);
  close(spearman(a, a.map(Math.exp)), 1, 1e-12);
  const constant = new Float32Array(400).fill(0.1);
  for (const measure of [pearson, spearman]) {
    assert.ok(Number.isNaN(measure(a, constant)));
    assert.ok(Number.isNaN(measure(constant, a)));
  }
  assert.ok(Number.isNaN(spearman([1, Number.NaN, 3], [1, 2, 3])));
});

test("an edge votes for the bin of its direction, and a flat picture for none", () => {
  const [height, width] = [24, 24];
  const upright = Float64Array.from({ length: height * width }, (_, i) => (i % width >= 12 ? 1 : 0));
  const bins = new Float64Array(9);
  hog(upright, [height, width]).forEach((value, i) => {
    bins[i % 9]! += value;
  });
  assert.ok(bins[0]! > 0);
  assert.deepEqual([...bins.subarray(1)], Array(8).fill(0));
  assert.deepEqual([...hog(new Float64Array(576).fill(7), [24, 24])], Array(81).fill(0));
});

test("what is too small for a window or a block is refused", () => {
  const six = new Float64Array(36);
  assert.throws(() => structuralSimilarity(six, six, [6, 6]), ParameterError);
  assert.throws(() => structuralSimilarity(six, six, [6, 6], { size: 4 }), /odd whole number/);
  assert.throws(() => structuralSimilarity(six, new Float64Array(35), [6, 6]), ParameterError);
  assert.throws(() => hog(six, [6, 6]), /24 pixels/);
});
