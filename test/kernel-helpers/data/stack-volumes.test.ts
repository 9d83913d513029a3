import assert from "node:assert/strict";
import { test } from "node:test";
import type { Volume } from "../../../src/kernel-helpers/data/records/records.js";
import { stackVolumes } from "../../../src/kernel-helpers/data/stack-volumes.js";
import { ParameterError } from "../../../src/kernel-helpers/index.js";

/** Two runs of six volumes of 1 × 1 × 3 voxels, of which the middle one lies outside the mask; drifts of each voxel and run, known responses. */
const classNames = ["cat", "rest", "shoe"];
const pattern = [1, 1, 0, 2, 1, 1];
const signal = { rest: [-1, 1, 1, -1], cat: 5, shoe: -3 };
function recording(): Volume {
  const labels = [...pattern, ...pattern];
  const values = new Float32Array(12 * 3);
  for (let time = 0; time < 12; time++) {
    const [run, at] = [Math.floor(time / 6), time % 6];
    const rests = pattern.slice(0, at).filter((label) => label === 1).length;
    const own = pattern[at] === 1 ? signal.rest[rests]! : pattern[at] === 0 ? signal.cat : signal.shoe;
    for (let voxel = 0; voxel < 3; voxel++)
      values[time * 3 + voxel] = 1000 + 10 * voxel + (run + 1) * (voxel + 2) * at * 3 + (voxel + 1) * own;
  }
  return {
    ...{ name: "made", values, shape: [12, 1, 1, 3], voxel: [1, 1, 1], repetition: 2, affine: undefined, unit: "" },
    ...{ mask: Uint8Array.of(1, 0, 1), labels, classNames, runs: labels.map((_, time) => Math.floor(time / 6)) },
  };
}

test("the drift of each run is off, rest has mean 0 and deviation 1, and is left out", () => {
  const { values, shape, labels, classNames: names, runs } = stackVolumes(recording());
  assert.deepEqual(
    [shape, labels, names, runs],
    [
      [4, 2],
      [0, 1, 0, 1],
      ["cat", "shoe"],
      [0, 0, 1, 1],
    ],
  );
  // By hand: what is left of the six values of a run when its least-squares line is off, over the deviation of the four at rest.
  const own = [-1, 1, 5, -3, 1, -1];
  const slope = own.reduce((sum, value, at) => sum + value * (at - 2.5), 0) / 17.5;
  const straight = own.map((value, at) => value - slope * (at - 2.5));
  const rest = [0, 1, 4, 5].map((at) => straight[at]!);
  const mean = rest.reduce((sum, value) => sum + value, 0) / 4;
  const deviation = Math.sqrt(rest.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 4);
  const expected = [2, 3].map((at) => (straight[at]! - mean) / deviation);
  values.forEach((value, at) => {
    assert.ok(
      Math.abs(value - expected[Math.floor(at / 2) % 2]!) < 1e-3,
      `${value} is ${expected[Math.floor(at / 2) % 2]}`,
    );
  });
});

test("what has no baseline, mask or runs is refused by name", () => {
  assert.throws(
    () => stackVolumes(recording(), { baseline: "calm" }),
    /baseline must be one of cat, rest, shoe, but is "calm"/,
  );
  assert.throws(() => stackVolumes({ ...recording(), runs: [] }), ParameterError);
  const late = recording();
  const labels = late.labels.map((label, time) => (time > 6 && label === 1 ? 0 : label));
  assert.throws(() => stackVolumes({ ...late, labels }), /two volumes or more in run 1/);
});
