import assert from "node:assert/strict";
import { test } from "node:test";
import { ElectrodeError, electrodes, positionsOf } from "../../../src/kernel-helpers/data/electrodes.js";

/** Of the spherical 10-10 positions that MNE-Python ships (BSD-3-Clause), x to the right, y to the nose. */
const published = {
  Fp1: [-0.2939, 0.9045, 0.309],
  AF7: [-0.559, 0.7695, 0.309],
  F7: [-0.7695, 0.559, 0.309],
  F5: [-0.6408, 0.5708, 0.5135],
  F3: [-0.4591, 0.58, 0.673],
  F2: [0.2394, 0.5858, 0.7743],
  FC5: [-0.7658, 0.3, 0.5688],
  FC4: [0.5547, 0.3048, 0.7742],
  T7: [-0.9511, 0, 0.309],
  C3: [-0.5878, 0, 0.809],
  Cz: [0, 0, 1],
  CP6: [0.7658, -0.3, 0.5688],
  P8: [0.7695, -0.559, 0.309],
  PO7: [-0.559, -0.7695, 0.309],
  Oz: [0, -0.9511, 0.309],
  O2: [0.2939, -0.9045, 0.309],
};

test("electrodes are where the tenths of the arcs put them", () => {
  for (const [name, place] of Object.entries(published)) {
    const [found] = positionsOf([name]);
    for (const [axis, value] of place.entries()) {
      assert.ok(Math.abs(found![axis]! - value) < 1e-4, `${name}: ${found} and ${place}`);
    }
  }
  for (const [name, [x, y, z]] of electrodes()) assert.ok(Math.abs(Math.hypot(x, y, z) - 1) < 1e-12, name);
  // Odd on the left, even on the right, the same place mirrored.
  for (const row of ["F", "FC", "C", "CP", "P"]) {
    for (const odd of [1, 3, 5]) {
      const [left, right] = positionsOf([`${row}${odd}`, `${row}${odd + 1}`]);
      assert.deepEqual([left![0], left![1], left![2]], [-right![0], right![1], right![2]]);
    }
  }
});

test("older names, any case, places of one's own; an unknown name is told with what it may mean", () => {
  const [older, newer, lower, own] = positionsOf(["T3", "T7", "cz", "patch"], { patch: [0, 0, -2] });
  assert.deepEqual(older, newer);
  assert.deepEqual(lower, [0, 0, 1]);
  assert.deepEqual(own, [0, 0, -1]);
  assert.throws(
    () => positionsOf(["C33"]),
    (error) => error instanceof ElectrodeError && /"C33".*Did you mean/.test(error.message),
  );
  assert.throws(() => positionsOf(["patch"], { patch: [0, 0, 0] }), ElectrodeError);
});
