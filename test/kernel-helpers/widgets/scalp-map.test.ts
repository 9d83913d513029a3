/** Heads with values at electrodes: what is drawn of them, in time and over several maps. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  cellPlace,
  contourSegments,
  electrodeValues,
  interpolated,
  levelsOf,
  SCALP_SIDE,
} from "../../../src/comms/states/scalp-map.js";
import { ElectrodeError } from "../../../src/kernel-helpers/data/electrodes.js";
import { ParameterError, ScalpMap, type Signals, TraitError } from "../../../src/kernel-helpers/index.js";
import { beyondHull, hullOf } from "../../../src/kernel-helpers/widgets/scalp-map/hull.js";

const NAMES = ["F3", "Fz", "F4", "C3", "Cz", "C4", "P3", "Pz", "P4"];
const signals: Signals = {
  name: "nine",
  rate: 100,
  start: -0.1,
  event: "key press",
  classNames: [],
  annotations: [],
  channels: NAMES.map((name) => ({ name, unit: "µV" })),
  series: [],
};
const rising = NAMES.map((_, at) => at - 4);
const drawnOf = (map: ScalpMap) => map.drawn!.data as Uint8Array;
const weightsOf = (map: ScalpMap) => map.weights!.data as Float32Array;

test("the map has an electrode's value where the electrode is, and is blank far from all of them", () => {
  const map = new ScalpMap({ electrodes: NAMES, maps: { values: rising } });
  const drawn = drawnOf(map);
  const values = Float32Array.from(rising);
  const seen = interpolated(drawn, weightsOf(map), values);
  const places = map.places!.data as Float32Array;
  NAMES.forEach((name, electrode) => {
    const [x, y] = [places[2 * electrode]!, places[2 * electrode + 1]!];
    const [column, row] = [((x + 1) * SCALP_SIDE) / 2, ((1 - y) * SCALP_SIDE) / 2].map(Math.floor) as [number, number];
    // Within the cell around it, which is a few degrees wide.
    assert.ok(Math.abs(seen[row * SCALP_SIDE + column]! - rising[electrode]!) < 0.35, name);
  });
  // C3 lies 36° to the left of the top: two fifths of the way to the ear.
  assert.deepEqual([places[6]!.toFixed(3), Math.abs(places[7]!).toFixed(3)], ["-0.400", "0.000"]);
  seen.forEach((value, cell) => {
    assert.equal(Number.isNaN(value), drawn[cell] === 0);
    if (Math.hypot(...cellPlace(cell, SCALP_SIDE)) > 1) assert.equal(drawn[cell], 0);
  });
  // The ears lie outside of the electrodes, and a place amid C3, Cz, F3 and Fz farther than 10° from each.
  const count = (reach: number) =>
    drawnOf(new ScalpMap({ electrodes: NAMES, maps: { values: rising }, reach })).reduce((sum, one) => sum + one, 0);
  assert.equal(drawn[Math.floor(SCALP_SIDE / 2) * SCALP_SIDE + 1], 0);
  assert.ok(count(10) < 0.7 * count(30), `${count(10)} of ${count(30)}`);
  assert.equal(count(90), count(180));
  assert.match(String(map), /9 electrodes\n {2}map: F3 −4, P4 4, Fz −3/);
});

test("values in time come in either layout, and are the mean or the sum over what is brushed", () => {
  const [samples, count] = [5, NAMES.length];
  const inModel = Float32Array.from({ length: samples * count }, (_, at) => at);
  const map = new ScalpMap({
    signals,
    brush: [0, 5],
    maps: [
      { title: "Relevance", values: { shape: [1, samples, count], relevance: inModel }, over: "sum" },
      { title: "Voltage", values: { shape: [samples, count], values: inModel }, unit: "µV" },
      { title: "Pattern", values: rising },
    ],
  });
  const shown = (part: number) => {
    const { values, over } = map.maps[part]!;
    return [...electrodeValues(values.data as Float32Array, count, over, map.brush)];
  };
  // Electrode e at time t has 9t + e.
  assert.deepEqual(
    shown(0),
    NAMES.map((_, electrode) => 9 * 10 + 5 * electrode),
  );
  assert.deepEqual(
    shown(1),
    NAMES.map((_, electrode) => 18 + electrode),
  );
  map.brush = [1, 3];
  assert.deepEqual(
    shown(0),
    NAMES.map((_, electrode) => 27 + 2 * electrode),
  );
  assert.deepEqual(
    shown(1),
    NAMES.map((_, electrode) => 13.5 + electrode),
  );
  assert.deepEqual(shown(2), rising);
  assert.deepEqual([map.rate, map.start, map.event], [100, -0.1, "key press"]);
  map.brush = [3, 50];
  assert.deepEqual(map.brush, [3, 5]);
  map.show({ title: "Next", values: rising });
  assert.deepEqual(
    map.maps.map(({ title }) => title),
    ["Next"],
  );
});

test("what does not fit is refused by name", () => {
  assert.throws(
    () => new ScalpMap({ electrodes: ["Cz", "X9"], maps: { values: [1, 2] } }),
    (error) => error instanceof ElectrodeError && /"X9"/.test(error.message),
  );
  new ScalpMap({ electrodes: ["Cz", "X9"], positions: { X9: [1, 0, 0] }, maps: { values: [1, 2] } });
  assert.throws(
    () => new ScalpMap({ electrodes: NAMES, maps: { values: [1, 2] } }),
    /one for each of 9 electrodes.*2 values/,
  );
  assert.throws(() => new ScalpMap({ maps: { values: [1] } }), ParameterError);
  assert.throws(() => new ScalpMap({ electrodes: NAMES, reach: 0 }), /reach/);
  const map = new ScalpMap({ electrodes: NAMES, maps: { values: rising } });
  assert.throws(() => (map.brush = [2]), TraitError);
  assert.throws(() => (map.reach = 40), TraitError);
});

test("a hull holds its points, and tells how far others lie beyond it", () => {
  const square = hullOf(Float32Array.of(0, 0, 1, 0, 1, 1, 0, 1, 0.5, 0.5, 0.5, 0));
  assert.equal(square.length, 4);
  assert.equal(beyondHull(square, [0.3, 0.9]), 0);
  assert.equal(beyondHull(square, [0.5, 1.25]), 0.25);
  assert.equal(beyondHull(square, [4, 5]), 5);
  // Electrodes in a line, and one alone.
  assert.equal(beyondHull(hullOf(Float32Array.of(0, 0, 2, 0)), [1, 0.5]), 0.5);
  assert.equal(beyondHull(hullOf(Float32Array.of(0, 0)), [3, 4]), 5);
});

test("contours lie where the map has their level", () => {
  const side = 12;
  fc.assert(
    fc.property(
      fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }), fc.integer({ min: -20, max: 20 })),
      ([a, b, c]) => {
        const plane = (x: number, y: number) => a * (x - 0.5) + b * (y - 0.5) + c;
        const map = Float32Array.from({ length: side * side }, (_, at) =>
          plane((at % side) + 0.5, Math.floor(at / side) + 0.5),
        );
        const segments = contourSegments(map, side, 0.5);
        for (const [x0, y0, x1, y1] of segments) {
          assert.ok(Math.abs(plane(x0!, y0!) - 0.5) < 1e-4 && Math.abs(plane(x1!, y1!) - 0.5) < 1e-4);
        }
        const [low, high] = [Math.min(...map), Math.max(...map)];
        assert.equal(segments.length > 0, low < 0.5 && high > 0.5);
      },
    ),
  );
  assert.deepEqual(levelsOf(4, true), [-3, -2, -1, 0, 1, 2, 3]);
  assert.equal(contourSegments(new Float32Array(4).fill(Number.NaN), 2, 0).length, 0);
});

test("the file has a drawing of its heads", () => {
  const map = new ScalpMap({
    signals,
    title: "Scalp",
    maps: [
      { title: "Relevance", values: rising },
      { title: "Voltage", values: rising, unit: "µV" },
    ],
  });
  const { svg, pixels } = map.staticPicture()!;
  for (const words of [">Cz<", "Relevance", "Voltage (µV)", "speaks for"]) assert.ok(svg.includes(words), words);
  assert.equal((svg.match(/<image/g) ?? []).length, 2);
  assert.ok(pixels);
  assert.equal(new ScalpMap().staticPicture(), null);
});
