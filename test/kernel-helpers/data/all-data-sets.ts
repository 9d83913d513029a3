/**
 * Every data set, fetched by the package managers where it is not here, loaded, and asked for its shapes, units, classes and counts.
 * `npm run test:data` runs it: it needs the package indexes, or data sets that are here.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Tensor } from "@tensorflow/tfjs-core";
import { pearson } from "../../../src/explainers/numerics/correlation.js";
import { aniEnergies } from "../../../src/kernel-helpers/data/ani/ani-energies.js";
import { DataSetError } from "../../../src/kernel-helpers/data/errors.js";
import { getData } from "../../../src/kernel-helpers/data/get-data.js";
import { heartbeats } from "../../../src/kernel-helpers/data/heartbeats.js";
import {
  loadAniNetworks,
  loadMolecules,
  loadPictureSet,
  loadPublishedModel,
  loadText,
  loadVolume,
} from "../../../src/kernel-helpers/data/load-records.js";
import { loadSignals } from "../../../src/kernel-helpers/data/load-signals.js";
import { stackSignals, windowSignals } from "../../../src/kernel-helpers/data/records/signals.js";
import { dataSets } from "../../../src/kernel-helpers/data/sets/sets.js";
import { loadModel } from "../../../src/kernel-helpers/models/index.js";
import { loadImage } from "../../../src/kernel-helpers/pictures/load-image.js";
import { packageFile, readText } from "../../../src/kernel-helpers/platform/files.js";
import { tensorflow } from "../../../src/kernel-helpers/tensorflow/backend.js";

/** How many of each there are, by name. */
const counted = (labels: readonly number[], names: readonly string[]): Record<string, number> =>
  Object.fromEntries(names.map((name, index) => [name, labels.filter((label) => label === index).length]));

const allFinite = (values: ArrayLike<number>) => {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
};

/** To the precision of what other software says of these files. */
function near(value: number, expected: number, tolerance = 1e-4) {
  assert.ok(Math.abs(value - expected) <= tolerance * Math.max(1, Math.abs(expected)), `${value} is not ${expected}`);
}

/** Prints what was found, beside asserting it. */
const found = (name: string, facts: unknown) => console.log(name, JSON.stringify(facts));

describe("data sets", { concurrency: false }, () => {
  for (const { name } of dataSets) {
    test(`${name} is fetched and checked`, async () => {
      await getData(name, { say: () => {} });
    });
  }

  test("EEG", async () => {
    const fingers = await loadSignals("eeg-finger-movements");
    const train = stackSignals(fingers, { split: "train" });
    const held = stackSignals(fingers, { split: "test" });
    found(fingers.name, [
      train.shape,
      held.shape,
      fingers.rate,
      fingers.channels[0],
      counted([...train.labels], fingers.classNames),
    ]);
    assert.deepEqual(
      [train.shape, held.shape],
      [
        [316, 16, 50],
        [100, 16, 50],
      ],
    );
    assert.deepEqual(counted([...train.labels], fingers.classNames), { left: 159, right: 157 });
    assert.deepEqual(counted([...held.labels], fingers.classNames), { left: 49, right: 51 });
    assert.deepEqual([fingers.rate, fingers.start, fingers.channels[15]], [100, -0.63, { name: "Cz", unit: "µV" }]);
    assert.deepEqual(
      Array.from(train.values.subarray(0, 3), (value) => value.toFixed(1)),
      ["41.8", "44.8", "47.1"],
    );
    assert.ok(allFinite(train.values) && allFinite(held.values));
    // Neighbors on the head are alike, whatever lies between them in the list: each channel is where its name says.
    const channel = (name: string) => {
      const at = fingers.channels.findIndex((one) => one.name === name);
      return Array.from({ length: 316 }, (_, trial) => [
        ...train.values.subarray((trial * 16 + at) * 50, (trial * 16 + at + 1) * 50),
      ]);
    };
    const alike = (a: string, b: string) => {
      const [one, other] = [channel(a), channel(b)];
      return one.reduce((sum, values, trial) => sum + pearson(values, other[trial]!), 0) / 316;
    };
    for (const [middle, near, far] of [
      ["FCz", "FC1", "FC6"],
      ["C3", "FC3", "FC6"],
      ["Cz", "FCz", "F4"],
      ["FC5", "C5", "F2"],
    ] as const) {
      assert.ok(alike(middle, near) > alike(middle, far) + 0.05, `${middle}: ${near} and ${far}`);
    }
    const cz = await loadSignals("eeg-finger-movements", { channels: ["Cz", "C3"] });
    assert.deepEqual(cz.series[0]!.values.subarray(0, 50), fingers.series[0]!.values.subarray(15 * 50, 16 * 50));

    const cursor = await loadSignals("eeg-self-regulation");
    const [days, later] = [stackSignals(cursor, { split: "train" }), stackSignals(cursor, { split: "test" })];
    found(cursor.name, [
      days.shape,
      later.shape,
      cursor.rate,
      cursor.channels[0],
      counted([...days.labels], cursor.classNames),
    ]);
    assert.deepEqual([days.shape, later.shape, cursor.rate], [[268, 6, 896], [293, 6, 896], 256]);
    assert.deepEqual(counted([...days.labels], cursor.classNames), { negativity: 135, positivity: 133 });
    assert.ok(allFinite(days.values) && allFinite(later.values));
  });

  test("motion", async () => {
    const basic = await loadSignals("motion-basic");
    found(basic.name, [stackSignals(basic).shape, basic.rate, basic.classNames]);
    assert.deepEqual(stackSignals(basic, { split: "train" }).shape, [40, 6, 100]);
    assert.deepEqual(stackSignals(basic, { split: "test" }).shape, [40, 6, 100]);
    assert.deepEqual(basic.classNames, ["Standing", "Running", "Walking", "Badminton"]);

    const shoulder = await loadSignals("motion-shoulder-exercises");
    const lengths = shoulder.series.map(({ samples }) => samples);
    found(shoulder.name, [
      shoulder.series.length,
      Math.min(...lengths),
      Math.max(...lengths),
      shoulder.rate,
      shoulder.classNames,
    ]);
    assert.deepEqual([shoulder.series.length, Math.min(...lengths), Math.max(...lengths)], [140, 947, 2618]);
    assert.equal(
      lengths.reduce((a, b) => a + b, 0),
      244102,
    );
    assert.equal(new Set(shoulder.series.map(({ group }) => group)).size, 10);
    assert.equal(shoulder.series.filter(({ label }) => label === 0).length, 20);
    const windows = windowSignals(shoulder, { samples: 200, step: 100 });
    assert.equal(
      windows.series.length,
      lengths.reduce((sum, length) => sum + Math.floor((length - 200) / 100) + 1, 0),
    );
    assert.deepEqual(windows.series[1]!.values.subarray(0, 200), shoulder.series[0]!.values.subarray(100, 300));
    // As NumPy has it.
    near(shoulder.series[0]!.values[0]!, -1.083608);
  });

  test("electrocardiogram", async () => {
    const { series, rate, channels } = await loadSignals("ecg");
    found("ecg", [series[0]!.samples, rate, channels]);
    assert.deepEqual(
      [series.length, series[0]!.samples, rate, channels],
      [1, 108000, 360, [{ name: "MLII", unit: "mV" }]],
    );
    const { values } = series[0]!;
    assert.ok(allFinite(values) && Math.max(...values.subarray(0, 5000)) < 5);
  });

  test("fMRI", async () => {
    const { values, shape, voxel, repetition, mask, labels, classNames, runs, affine } =
      await loadVolume("fmri-objects");
    found("fmri-objects", [shape, voxel, repetition, counted(labels, classNames)]);
    assert.deepEqual([shape, repetition], [[1452, 1, 20, 40], 2.5]);
    near(voxel[0], 3.1);
    near(voxel[1], 3.75);
    near(affine![0]![3]!, 60.45);
    assert.equal(
      mask!.reduce((a, b) => a + b, 0),
      530,
    );
    assert.deepEqual(
      new Set(labels.map((label) => labels.filter((other) => other === label).length)),
      new Set([588, 108]),
    );
    assert.deepEqual(classNames, ["rest", "bottle", "cat", "chair", "face", "house", "scissors", "scrambled", "shoe"]);
    assert.equal(new Set(runs).size, 12);
    assert.ok(allFinite(values));
  });

  test("molecules", async () => {
    const g2 = await loadMolecules("molecules-g2");
    const several = g2.molecules.filter(({ elements }) => elements.length > 1);
    found(g2.name, [g2.molecules.length, several.length, g2.units]);
    assert.deepEqual([g2.molecules.length, several.length], [162, 148]);
    const water = g2.molecules.find(({ name }) => name === "H2O")!;
    assert.deepEqual([...water.elements].sort(), ["H", "H", "O"]);
    assert.equal(water.properties["enthalpy"], -57.8);
    const oxygen = water.elements.indexOf("O");
    const hydrogen = water.elements.indexOf("H");
    const bond = Math.hypot(
      ...[0, 1, 2].map((axis) => water.positions[3 * oxygen + axis]! - water.positions[3 * hydrogen + axis]!),
    );
    // MP2(full)/6-31G(d) gives the O–H bond so.
    near(bond, 0.9686, 1e-3);

    const soluble = await loadMolecules("molecules-solubility");
    found(soluble.name, [soluble.molecules.length, soluble.units]);
    assert.equal(soluble.molecules.length, 1282);
    assert.equal(soluble.splits.filter((split) => split === "test").length, 257);
    assert.equal(soluble.molecules[0]!.properties["SOL"], -3.18);
    assert.ok(soluble.molecules.every(({ properties }) => typeof properties["SOL"] === "number"));
    assert.ok(soluble.molecules.every(({ flat, bonds }) => flat && bonds !== undefined));
  });

  test("networks", async () => {
    const { elements, constants } = await loadAniNetworks();
    found("networks-ani-1x", [Object.keys(elements), constants["Rcr"], constants["ShfR"]?.length]);
    assert.deepEqual(Object.keys(elements).sort(), ["C", "H", "N", "O"]);
    near(elements["H"]!.self, -0.60095298);
    assert.deepEqual([constants["Rcr"], constants["Rca"], constants["Zeta"]], [[5.2], [3.5], [32]]);
    assert.deepEqual([constants["ShfR"]!.length, constants["ShfA"]!.length, constants["ShfZ"]!.length], [16, 4, 8]);
    for (const { members } of Object.values(elements)) {
      assert.equal(members.length, 8);
      for (const layers of members) {
        assert.deepEqual([layers.length, layers[0]!.inputs, layers[3]!.outputs], [4, 384, 1]);
        for (const { weights, bias, inputs, outputs } of layers) {
          assert.deepEqual([weights.length, bias.length], [inputs * outputs, outputs]);
          // Weights of trained nets: neither bytes in a wrong order nor another layer's biases.
          assert.ok(allFinite(weights) && allFinite(bias) && weights.every((weight) => Math.abs(weight) < 20));
        }
      }
    }
  });

  test("energies of molecules, as another program computes them from the same files", async () => {
    const networks = await loadAniNetworks();
    const { molecules } = await loadMolecules("molecules-g2");
    // The equations once more, in NumPy.
    const expected = { CH4: -40.49964754, H2O: -76.3885072, NH3: -56.52893665, C2H4: -78.55734123 };
    for (const [name, energy] of Object.entries(expected)) {
      const { total, atoms, spread } = aniEnergies(networks, molecules.find((one) => one.name === name)!);
      found(name, [total, spread]);
      assert.ok(Math.abs(total - energy) < 2e-6, `${name}: ${total} is not ${energy}`);
      assert.ok(Math.abs(atoms.reduce((a, b) => a + b, 0) - total) < 1e-9);
      assert.ok(spread < 2e-3);
    }
  });

  test("pictures", async () => {
    const nuclei = await loadPictureSet("pictures-nuclei");
    const masks = new Set(nuclei.masks);
    found(nuclei.name, [nuclei.shape, nuclei.range, masks.size - 1]);
    assert.deepEqual([nuclei.shape, masks.size - 1], [[1, 512, 512, 1], 125]);
    // The sums that tifffile gives: all 16 bits arrive.
    const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);
    assert.deepEqual([sum(nuclei.values), sum(nuclei.masks!), nuclei.range], [8331268, 4978481, [0, 235]]);
    // Nuclei shine.
    const mean = (inside: boolean) => {
      const kept = [...nuclei.values].filter((_, index) => nuclei.masks![index]! > 0 === inside);
      return kept.reduce((a, b) => a + b, 0) / kept.length;
    };
    assert.ok(mean(true) > 2 * mean(false));

    const faces = await loadPictureSet("pictures-faces");
    found(faces.name, [faces.shape, counted(faces.labels, faces.classNames)]);
    assert.deepEqual(
      [faces.shape, counted(faces.labels, faces.classNames)],
      [[200, 25, 25, 1], { face: 100, "no face": 100 }],
    );

    const textures = await loadPictureSet("pictures-textures");
    found(textures.name, [textures.shape, textures.classNames]);
    assert.deepEqual(textures.shape, [3, 512, 512, 1]);

    const emoji = await loadPictureSet("pictures-emoji");
    found(emoji.name, [emoji.shape, counted(emoji.labels, emoji.classNames)]);
    assert.deepEqual(emoji.shape.slice(1), [32, 32, 3]);
    assert.equal(emoji.classNames.length, 10);
    const pixel = (name: string, x: number, y: number) => {
      const from = (emoji.names.indexOf(name) * 1024 + y * 32 + x) * 3;
      return [...emoji.values.subarray(from, from + 3)];
    };
    // The corners are white, and a cherry's lower right is red.
    assert.deepEqual(pixel("grinning face", 0, 0), [255, 255, 255]);
    const [red, green] = pixel("tomato", 16, 20) as [number, number, number];
    assert.ok(red > 150 && green < 100, `${red}, ${green}`);
  });

  test("texts", async () => {
    const movies = await loadText("text-movie-sentences");
    found(movies.name, [movies.texts.length, counted(movies.labels, movies.classNames), movies.scoreUnit]);
    assert.equal(movies.texts.length, 10605);
    assert.equal(movies.texts[2], "Effective but too tepid biopic");
    near(movies.scores![2]!, -0.6);
    assert.ok(movies.scores!.every((score) => Math.abs(score) <= 4));
    assert.equal(movies.splits.filter((split) => split === "test").length, 2121);
    const news = await loadText("text-newsgroups");
    found(news.name, [news.texts.length, news.classNames.length]);
    assert.deepEqual([news.texts.length, news.splits.filter((split) => split === "train").length], [18821, 11293]);
    assert.equal(news.classNames.length, 20);
    const brown = await loadText("text-brown");
    found(brown.name, counted(brown.labels, brown.classNames));
    assert.equal(brown.texts.length, 500);
    assert.equal(counted(brown.labels, brown.classNames)["news"], 44);
    assert.match(
      brown.texts[0]!,
      /^The Fulton County Grand Jury said Friday an investigation of Atlanta's recent primary election/,
    );
  });

  test("built-in models of signals have the accuracy that their files state", async () => {
    const shoulder = windowSignals(await loadSignals("motion-shoulder-exercises"), { samples: 200, step: 50 });
    const sets = {
      "eeg-self-regulation": stackSignals(await loadSignals("eeg-self-regulation"), { split: "test" }),
      "eeg-finger-movements": stackSignals(await loadSignals("eeg-finger-movements"), { split: "test" }),
      "ecg-beats": stackSignals(heartbeats(await loadSignals("ecg")), { split: "test" }),
      "motion-shoulder-exercises": stackSignals({
        ...shoulder,
        series: shoulder.series.filter(({ group }) => /^subject (8|9|10)$/.test(group!)),
      }),
    };
    const tf = await tensorflow();
    for (const [name, { values, shape, labels }] of Object.entries(sets)) {
      const model = await loadModel(name);
      const file = JSON.parse(await readText(packageFile("models", name, "model.json")));
      const { testAccuracy, testLow, chance } = file.userDefinedMetadata.limpid.training;
      const x = tf.tidy(() => tf.transpose(tf.tensor3d(values, [...shape]), [0, 2, 1]));
      const predicted = tf.tidy(() => (model.predict(x) as Tensor).argMax(1).dataSync<"int32">());
      const accuracy = predicted.filter((label, index) => label === labels[index]).length / labels.length;
      found(name, [accuracy, testAccuracy, testLow, chance]);
      // The file's accuracy of motion is the mean over series, not over windows.
      near(accuracy, testAccuracy, name.startsWith("motion") ? 0.03 : 1e-3);
      assert.ok(testLow > chance, `${name} is beyond chance`);
      x.dispose();
      model.dispose();
    }
  });

  test("published networks say of a smile what their packages say", async () => {
    const tf = await tensorflow();
    for (const [name, sees] of [
      ["model-face-expressions", "happy"],
      ["model-fer-expressions", "happy"],
      ["model-face-age", undefined],
    ] as const) {
      const model = await loadPublishedModel(name);
      // Eileen Collins, smiling.
      const photo = await loadImage("astronaut.png", model.input, {
        region: { left: 165 / 512, top: 60 / 512, width: 130 / 512, height: 130 / 512 },
      });
      const output = tf.tidy(() => model.predict(photo.tensor).dataSync());
      found(name, Array.from(output));
      if (sees === undefined) near(output[0]!, 29.8, 0.01);
      else assert.equal(model.classNames![output.indexOf(Math.max(...output))], sees);
      photo.dispose();
      model.dispose();
    }
  });

  test("a set of another kind is told what loads it", () =>
    assert.rejects(
      loadText("ecg"),
      (error) => error instanceof DataSetError && /ecg holds signals: load it by loadSignals/.test(error.message),
    ));
});
