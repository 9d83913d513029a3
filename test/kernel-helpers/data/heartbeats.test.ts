import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import { heartbeats, ParameterError, type Signals } from "../../../src/kernel-helpers/index.js";

const RATE = 250;

/** A recording with narrow and wide beats at known times, on noise and a slow drift. */
function recording(beats: readonly { at: number; width: number }[], seconds: number): Signals {
  const random = seededRandom(3);
  const values = Float32Array.from({ length: seconds * RATE }, (_, i) => {
    const time = i / RATE;
    const drift = 0.1 * Math.sin(2 * Math.PI * 0.2 * time) + 0.005 * random.gaussian();
    return beats.reduce((sum, { at, width }) => sum + Math.exp(-(((time - at) / width) ** 2) / 2), drift);
  });
  return {
    name: "made up",
    channels: [{ name: "II", unit: "mV" }],
    rate: RATE,
    start: 0,
    series: [{ values, samples: values.length }],
    classNames: [],
    annotations: [],
  };
}

test("beats are found where they are, and told apart by how wide they are", () => {
  const beats = Array.from({ length: 60 }, (_, index) => {
    const isWide = index % 5 === 3;
    return { at: 0.7 + 0.8 * index + (index % 3) * 0.05, width: isWide ? 0.035 : 0.012, isWide };
  });
  const found = heartbeats(recording(beats, 50));
  assert.deepEqual(found.classNames, ["narrow", "wide"]);
  assert.equal(found.series.length, beats.length);
  found.series.forEach((beat, index) => {
    const center = beat.at! + beat.samples / 2 / RATE;
    assert.ok(Math.abs(center - beats[index]!.at) < 0.012, `beat ${index} at ${center}, not ${beats[index]!.at}`);
    assert.equal(beat.label, beats[index]!.isWide ? 1 : 0, `beat ${index}`);
    assert.equal(beat.split, center < 25 ? "train" : "test");
    assert.equal(beat.samples, 150);
  });
});

test("the wide beats are the second class also where they are more", () => {
  const beats = Array.from({ length: 40 }, (_, index) => ({
    at: 0.7 + 0.8 * index,
    width: index % 5 === 3 ? 0.012 : 0.035,
  }));
  const found = heartbeats(recording(beats, 33));
  assert.equal(found.series.filter(({ label }) => label === 1).length, 32);
});

test("what is no electrocardiogram of one channel is refused", () => {
  const one = recording([{ at: 1, width: 0.02 }], 4);
  assert.throws(
    () => heartbeats(one),
    (error) => error instanceof ParameterError && /a recording of eight beats or more/.test(error.message),
  );
  assert.throws(() => heartbeats({ ...one, rate: undefined }), /one channel and one series with a rate/);
  assert.throws(() => heartbeats(one, { seconds: 9 }), /seconds must be between 0\.1 and 3/);
});
