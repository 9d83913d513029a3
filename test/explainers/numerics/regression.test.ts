import assert from "node:assert/strict";
import { test } from "node:test";
import { lassoPath } from "../../../src/explainers/numerics/lasso-path.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import { lasso, moments, ridge } from "../../../src/explainers/numerics/regression.js";

test("the lasso path meets the optimality conditions at every knot and ends at least squares", () => {
  const random = seededRandom(6);
  for (let round = 0; round < 30; round++) {
    const columns = 2 + random.integer(9);
    const rows = 40;
    const mixing = random.gaussians(columns * columns);
    const design = new Float64Array(rows * columns);
    for (let i = 0; i < rows; i++) {
      const independent = random.gaussians(columns);
      for (let j = 0; j < columns; j++) {
        for (let k = 0; k < columns; k++)
          design[i * columns + j]! += independent[k]! * (mixing[j * columns + k]! + (j === k ? 1 : 0));
      }
    }
    const data = moments(design, columns, random.gaussians(rows), random.uniforms(rows));
    const knots = lassoPath(data);
    let before = Number.POSITIVE_INFINITY;
    for (const beta of knots) {
      const correlations = data.covariance.map((value, j) =>
        beta.reduce((rest, coefficient, k) => rest - data.gram[j * columns + k]! * coefficient, value),
      );
      const penalty = Math.max(...correlations.map(Math.abs));
      assert.ok(penalty <= before + 1e-9);
      before = penalty;
      beta.forEach((coefficient, j) => {
        if (coefficient !== 0) assert.ok(Math.abs(correlations[j]! - penalty * Math.sign(coefficient)) < 1e-8);
      });
    }
    assert.ok(before < 1e-8, `the path ends at ${before}`);
  }
});

test("coordinate descent finds the path's coefficients at the same penalty, and ridge solves its normal equations", () => {
  const random = seededRandom(8);
  const [rows, columns] = [30, 5];
  const data = moments(
    random.gaussians(rows * columns),
    columns,
    random.gaussians(rows),
    Float64Array.from({ length: rows }, () => 0.1 + random.uniform()),
  );
  for (const beta of lassoPath(data)) {
    const correlations = data.covariance.map((value, j) =>
      beta.reduce((rest, coefficient, k) => rest - data.gram[j * columns + k]! * coefficient, value),
    );
    const penalty = correlations.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const { coefficients } = lasso(data, penalty / data.weight);
    beta.forEach((value, j) => {
      assert.ok(Math.abs(coefficients[j]! - value) < 1e-8, `${coefficients[j]} is ${value}`);
    });
  }
  const alpha = 0.7;
  const { coefficients } = ridge(data, alpha);
  data.covariance.forEach((value, j) => {
    let left = alpha * coefficients[j]!;
    for (let k = 0; k < columns; k++) left += data.gram[j * columns + k]! * coefficients[k]!;
    assert.ok(Math.abs(left - value) < 1e-12);
  });
});
