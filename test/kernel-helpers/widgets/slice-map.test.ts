import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import sharp from "sharp";
import {
  agreementOf,
  agreementWords,
  cutIndexes,
  cutoffOf,
  directionsOf,
  extentOf,
  indexOf,
  millimeters,
  placeOf,
  planesOf,
  sizeOf,
  voxelAt,
} from "../../../src/comms/states/slices.js";
import { ParameterError, SliceMap } from "../../../src/kernel-helpers/index.js";
import { groundOf, voxelValues } from "../../../src/kernel-helpers/widgets/slice-map/volume-values.js";
import { storedPng } from "./stored.js";

/** Numbers that tell where they stand: x + 10 y + 100 z. */
const telling = (shape: readonly number[]) =>
  Float32Array.from({ length: shape[0]! * shape[1]! * shape[2]! }, (_, at) => {
    const [, rows, columns] = shape as [number, number, number];
    return (at % columns) + 10 * (Math.floor(at / columns) % rows) + 100 * Math.floor(at / (columns * rows));
  });

test("axes' letters are nibabel's aff2axcodes", () => {
  // As nibabel 5 answers for these.
  const cases: [number[][], string][] = [
    [
      [
        [-3.1, 0, 0, 60.45],
        [0, 3.75, 0, -35.6],
        [0, 0, 3.75, 0],
      ],
      "LAS",
    ],
    [
      [
        [2, 0, 0, 0],
        [0, 2, 0, 0],
        [0, 0, 2, 0],
      ],
      "RAS",
    ],
    [
      [
        [0, 0, 3, 0],
        [-1, 0, 0, 0],
        [0, -1, 0, 0],
      ],
      "PIR",
    ],
    // Turned by 30° about z.
    [
      [
        [0.866, -0.5, 0, 0],
        [0.5, 0.866, 0, 0],
        [0, 0, -1, 0],
      ],
      "RAI",
    ],
  ];
  for (const [affine, letters] of cases) assert.equal(directionsOf(affine).join(""), letters);
});

test("left is left, anterior and superior are up, whatever way the indexes run", () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray([0, 1, 2], { minLength: 3, maxLength: 3 }),
      fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
      fc.tuple(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 2, max: 5 }), fc.integer({ min: 2, max: 5 })),
      (order, signs, extents) => {
        // Voxel axis `order[world]` runs along that axis of the world.
        const affine = [0, 1, 2].map((world) => [
          ...[0, 1, 2].map((axis) => (order[world] === axis ? (signs[world] ? 2 : -2) : 0)),
          0,
        ]);
        const shape = [...extents];
        const planes = planesOf(shape, directionsOf(affine));
        assert.deepEqual(
          planes.map(({ name }) => name),
          ["coronal", "sagittal", "axial"],
        );
        for (const plane of planes) {
          const [rows, columns] = sizeOf(shape, plane);
          const at = (row: number, column: number) =>
            millimeters(affine, voxelAt(shape, plane, [0, 0, 0], [row, column]));
          const [across, up] = { coronal: [0, 2], sagittal: [1, 2], axial: [0, 1] }[plane.name]!;
          assert.ok(at(0, columns - 1)[across!]! > at(0, 0)[across!]!, `${plane.name} runs to the right or anterior`);
          assert.ok(at(0, 0)[up!]! > at(rows - 1, 0)[up!]!, `${plane.name} has its upper end on top`);
          assert.deepEqual([plane.edges.right, plane.edges.top], [{ 0: "R", 1: "A" }[across!], "RAS"[up!]]);
        }
      },
    ),
  );
});

test("a cut holds the voxels that its places stand for, and its places are those of its voxels", () => {
  fc.assert(
    fc.property(
      fc.constantFrom([], ["R", "A", "S"], ["L", "P", "I"], ["P", "I", "R"]),
      fc.tuple(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 2, max: 6 }), fc.integer({ min: 2, max: 6 })),
      fc.nat(1000),
      (directions, extents, seed) => {
        const shape = [...extents];
        const values = telling(shape);
        const cursor = [seed % shape[2]!, seed % shape[1]!, seed % shape[0]!];
        for (const plane of planesOf(shape, directions)) {
          const [rows, columns] = sizeOf(shape, plane);
          const indexes = cutIndexes(shape, plane, cursor);
          assert.equal(indexes.length, rows * columns);
          for (let at = 0; at < indexes.length; at++) {
            const voxel = voxelAt(shape, plane, cursor, [Math.floor(at / columns), at % columns]);
            assert.equal(values[indexes[at]!], voxel[0]! + 10 * voxel[1]! + 100 * voxel[2]!);
            assert.equal(voxel[plane.normal], cursor[plane.normal]);
            assert.deepEqual(placeOf(shape, plane, voxel), [Math.floor(at / columns), at % columns]);
          }
        }
      },
    ),
  );
});

test("a single slice is one cut in its proportions, a line too; without an affine row 0 is on top", () => {
  const [only, ...others] = planesOf([1, 20, 40], []);
  assert.equal(others.length, 0);
  assert.deepEqual([only!.name, only!.mirrored, only!.flipped], ["xy", false, false]);
  assert.deepEqual(extentOf([1, 20, 40], [3.1, 3.75, 3.75], only!), [75, 124]);
  assert.deepEqual(
    planesOf([5, 1, 9], ["R", "A", "S"]).map(({ name }) => name),
    ["coronal"],
  );
  assert.equal(planesOf([1, 1, 9], []).length, 1);
});

test("correlation and overlap of two maps, by formula and by chance", () => {
  const first = Float32Array.of(1, -4, 3, 2, Number.NaN, 0);
  const second = Float32Array.of(2, 5, 1, -3, 9, 0);
  const { voxels, correlation } = agreementOf(first, second, 0);
  // By the definition, over the five voxels that both have.
  const [a, b] = [
    [1, -4, 3, 2, 0],
    [2, 5, 1, -3, 0],
  ] as const;
  const mean = (of: readonly number[]) => of.reduce((sum, one) => sum + one, 0) / of.length;
  const product = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, one, at) => sum + (one - mean(x)) * (y[at]! - mean(y)), 0);
  assert.equal(voxels, 5);
  assert.ok(Math.abs(correlation - product(a, b) / Math.sqrt(product(a, a) * product(b, b))) < 1e-12);
  // Half hidden: magnitudes from 2 on of 0 1 2 3 4, and from 3 on of 0 1 2 3 5 9.
  const cut = agreementOf(first, second, 50);
  assert.equal(cutoffOf(first, 50), 2);
  assert.deepEqual([cut.shown, cut.both], [[3, 2], 2]);
  assert.equal(cut.chance, (3 * 2) / 5);
  assert.equal(
    agreementWords({ voxels: 530, correlation: 0.314, shown: [106, 106], both: 45, chance: 21.2 }, 80),
    "r = 0.31 over 530 voxels; of the strongest 106 of each, 45 are the same (by chance 21)",
  );
  assert.match(agreementWords(agreementOf(first, new Float32Array(6), 0), 0), /^r = – over/);
});

test("values come for all voxels or for those of the mask; others are refused with both counts", () => {
  const mask = Uint8Array.of(0, 1, 1, 0, 1, 0);
  const shape = [1, 2, 3];
  assert.deepEqual([...voxelValues("a", [1, 2, 3], shape, mask)], [Number.NaN, 1, 2, Number.NaN, 3, Number.NaN]);
  assert.deepEqual(
    [...voxelValues("a", Float32Array.of(1, 2, 3, 4, 5, 6), shape, mask)],
    [Number.NaN, 2, 3, Number.NaN, 5, Number.NaN],
  );
  assert.deepEqual(
    [...voxelValues("a", { shape: [1, 2, 3, 1], values: Float32Array.of(1, 2, 3, 4, 5, 6) }, shape, undefined)],
    [1, 2, 3, 4, 5, 6],
  );
  assert.throws(
    () => new SliceMap({ volume: { shape: [1, 1, 2, 3], mask }, maps: { Contrast: [1, 2] } }),
    (error: Error) =>
      error instanceof ParameterError &&
      error.message.startsWith(
        'number of values of "Contrast" must be 6, one a voxel of 1 × 2 × 3 (z, y, x) or 3, one a voxel of the mask, but is 2',
      ),
  );
});

test("what lies beneath is the mean over time between its percentiles", () => {
  // Voxel k has mean k over two times.
  const values = Float32Array.from({ length: 202 }, (_, at) => (at % 101) + (at < 101 ? -7 : 7));
  const ground = groundOf(values, 101);
  assert.deepEqual([ground[0], ground[1], ground[99], ground[100]], [0, 0, 255, 255]);
  assert.equal(ground[50], Math.round((255 * 49) / 98));
});

const volume = {
  shape: [2, 2, 3, 4] as const,
  voxel: [2, 3, 4] as const,
  affine: [
    [-2, 0, 0, 5],
    [0, 3, 0, -6],
    [0, 0, 4, 0],
  ],
  values: new Float32Array(48).map((_, at) => at),
};

test("it starts at the largest magnitude of the first map, keeps cross and frame within, and says in words what it shows", async () => {
  const values = new Float32Array(24);
  values[indexOf([2, 3, 4], [3, 1, 1])] = -5;
  const map = new SliceMap({
    volume,
    frames: ["one volume", "all"],
    frameLabel: "Mean over",
    threshold: 80,
    title: "What speaks for *face*",
    maps: {
      Relevance: { values: [values, values.map((one) => 2 * one)] },
      Contrast: { values: [values, values], unit: "t" },
    },
  });
  assert.deepEqual(map.cursor, [3, 1, 1]);
  assert.deepEqual(map.directions, ["L", "A", "S"]);
  assert.match(
    String(map),
    /^SliceMap: What speaks for face\nMean over: one volume\nvoxel 3, 1, 1 · 1\.0 mm left, 3\.0 mm posterior, 4\.0 mm superior: Relevance −5\.00, Contrast −5\.00 t\nRelevance and Contrast: r = 1\.0 over 24 voxels/,
  );
  map.set({ cursor: [9, -3, 1], frame: 7 });
  assert.deepEqual([map.cursor, map.frame], [[3, 0, 1], 1]);
  const { width } = await sharp(await storedPng(map)).metadata();
  assert.ok(width! > 2 * 600, "two maps beside each other, at twice the pixels of a page");
  map.close();
});

test("an attribution's ends speak for and against, other numbers' do not; the sign is seen beside what has no value", () => {
  const relevance = { shape: [1, 2, 3, 4], relevance: new Float32Array(24).fill(-1, 0, 3) };
  const mask = new Uint8Array(24).fill(1, 1);
  const map = new SliceMap({
    volume: { ...volume, mask },
    maps: { Relevance: relevance, Power: new Float32Array(24).fill(2) },
  });
  assert.deepEqual(
    map.maps.map(({ signed, ends }) => ({ signed, ends })),
    [
      { signed: true, ends: [] },
      { signed: false, ends: ["small", "large"] },
    ],
  );
  map.close();
  assert.throws(() => new SliceMap({ volume, maps: {} }), ParameterError);
  assert.throws(
    () => new SliceMap({ volume, frames: ["a", "b"], maps: { Relevance: new Float32Array(24) } }),
    /frames must be one for each of the 1 volumes of "Relevance"/,
  );
});
