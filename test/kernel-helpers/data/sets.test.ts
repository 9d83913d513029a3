/**
 * What data sets are loaded as, from small files in the form of theirs: parts of the sets themselves where their licence is free
 * (samples/, of pictures-nuclei and ecg), else written here. `npm run test:data` loads the whole ones.
 */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "fflate";
import sharp from "sharp";
import { DataFileError } from "../../../src/kernel-helpers/formats/errors.js";
import { npyOf } from "../../../src/kernel-helpers/formats/npy.js";
import {
  loadAniNetworks,
  loadMolecules,
  loadPictureSet,
  loadSignals,
  loadTable,
  loadText,
  loadVolume,
  stackSignals,
  windowSignals,
} from "../../../src/kernel-helpers/index.js";
import { listenToResources } from "../../../src/kernel-helpers/resources/recorder.js";
import { scratchFolder } from "../../helpers/scratch.js";

const SOURCE = join(import.meta.dirname, "..", "..", "..", "..", "test", "kernel-helpers");
const cache = scratchFolder("cache");
const before = process.env["LIMPID_CACHE"];
process.env["LIMPID_CACHE"] = cache;
after(() => {
  if (before === undefined) delete process.env["LIMPID_CACHE"];
  else process.env["LIMPID_CACHE"] = before;
});

function put(set: string, files: Readonly<Record<string, string | Uint8Array>>) {
  mkdirSync(join(cache, "data", set), { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(cache, "data", set, name), content);
}
const sample = (set: string, name: string) => {
  mkdirSync(join(cache, "data", set), { recursive: true });
  cpSync(join(SOURCE, "data", "samples", name), join(cache, "data", set, name));
};

test("nuclei: 16 bits of a TIFF arrive, with their masks, and a report hears of the decoded pixels by a key without a path", async () => {
  sample("pictures-nuclei", "img2d.tif");
  sample("pictures-nuclei", "mask2d.tif");
  const keys: string[] = [];
  listenToResources(({ key }) => keys.push(key));
  const { values, shape, range, masks } = await loadPictureSet("pictures-nuclei");
  listenToResources(undefined);
  assert.deepEqual(shape, [1, 48, 64, 1]);
  const sum = (all: Iterable<number>) => [...all].reduce((a, b) => a + b, 0);
  // As tifffile reads the same files.
  assert.deepEqual([sum(values), range[1], sum(masks!), new Set(masks).size], [77477, 69, 71008, 4]);
  assert.ok(values instanceof Uint16Array);
  assert.deepEqual(
    keys,
    ["img2d.tif", "mask2d.tif"].map((name) => `limpid:data/pictures-nuclei/${name} {"raw":true}`),
  );
});

test("electrocardiogram: the heartbeat's highest point is where NumPy has it", async () => {
  sample("ecg", "ecg.npz");
  const { series, channels, rate } = await loadSignals("ecg");
  assert.deepEqual([series[0]!.samples, rate, channels], [720, 360, [{ name: "MLII", unit: "mV" }]]);
  const { values } = series[0]!;
  assert.equal(values.indexOf(Math.max(...values)), 125);
});

const aeon = (classes: string, channels: number, samples: number, labels: readonly string[]) =>
  `@univariate false\n@dimensions ${channels}\n@equalLength true\n@seriesLength ${samples}\n@classLabel true ${classes}\n@data\n${labels
    .map((label, index) => {
      const channel = (at: number) =>
        Array.from({ length: samples }, (_, time) => index + at / 100 + time / 1000).join(",");
      return `${Array.from({ length: channels }, (_, at) => channel(at)).join(":")}:${label}`;
    })
    .join("\n")}\n`;

/** The archive's rows of finger movements: 28 channels of 50 samples one behind the other, taken at steps of 28 values. */
const overlapping = (classes: string, labels: readonly string[]) =>
  `@univariate false\n@dimensions 28\n@equalLength true\n@seriesLength 50\n@classLabel true ${classes}\n@data\n${labels
    .map((label, index) => {
      const value = (place: number) => index + Math.floor(place / 50) / 100 + (place % 50) / 1000;
      const row = (at: number) => Array.from({ length: 50 }, (_, time) => value(28 * at + time)).join(",");
      return `${Array.from({ length: 28 }, (_, at) => row(at)).join(":")}:${label}`;
    })
    .join("\n")}\n`;

test("EEG and motion: training and test series, channels by name, blocks and windows", async () => {
  put("eeg-finger-movements", {
    "train.ts": overlapping("left right", ["left", "right", "right"]),
    "test.ts": overlapping("left right", ["left"]),
  });
  const signals = await loadSignals("eeg-finger-movements", { channels: ["Cz", "F3"] });
  const train = stackSignals(signals, { split: "train" });
  assert.deepEqual(
    [train.shape, [...train.labels]],
    [
      [3, 2, 50],
      [0, 1, 1],
    ],
  );
  // Cz is the sixteenth channel.
  assert.equal(train.values[100], Math.fround(1.15));
  assert.equal(train.values[150], Math.fround(1));
  const windows = windowSignals(signals, { samples: 20, step: 15 });
  assert.equal(windows.series.length, 4 * 3);
  assert.equal(windows.series[1]!.values[20], Math.fround(0.015));
  assert.equal(windows.series[1]!.split, "train");
  await assert.rejects(loadSignals("eeg-finger-movements", { channels: ["C z"] }), /Did you mean .*"?Cz/);
  put("eeg-finger-movements", { "test.ts": aeon("left right", 28, 50, ["left"]) });
  await assert.rejects(loadSignals("eeg-finger-movements"), /test\.ts.* row 2 of a trial does not continue/);

  put("motion-basic", {
    "train.ts": aeon("Standing Running Walking Badminton", 6, 100, ["Walking"]),
    "test.ts": aeon("Standing Running Walking Badminton", 6, 100, ["Badminton", "Standing"]),
  });
  assert.deepEqual([...stackSignals(await loadSignals("motion-basic")).labels], [2, 3, 0]);

  const values = Float64Array.from({ length: 18 }, (_, index) => index);
  put("motion-shoulder-exercises", {
    "values.npy": npyOf({ shape: [3, 6], values }),
    "lengths.npy": npyOf({ shape: [2], values: Int32Array.of(1, 2) }),
    "exercises.npy": npyOf({ shape: [2], values: Int32Array.of(6, 0) }),
    "subjects.npy": npyOf({ shape: [2], values: Int32Array.of(3, 10) }),
    "names.json": '{"exercises": ["PEN", "ABD", "FEL", "IR", "ER", "TRAP", "ROW"]}',
  });
  const shoulder = await loadSignals("motion-shoulder-exercises");
  assert.deepEqual(
    shoulder.series.map(({ samples, label, group, values }) => [
      samples,
      shoulder.classNames[label!],
      group,
      values[1],
    ]),
    [
      [1, "upright row", "subject 3", 1],
      [2, "pendulum", "subject 10", 12],
    ],
  );
  assert.throws(() => stackSignals(shoulder), /series of 1 and 2 samples.*|of one length/);
  put("motion-shoulder-exercises", { "lengths.npy": npyOf({ shape: [2], values: Int32Array.of(1, 1) }) });
  await assert.rejects(loadSignals("motion-shoulder-exercises"), /does not fit the 3 rows/);
});

/** NIfTI-1 of whole numbers: the fields that are needed. */
function nifti(sizes: readonly number[], values: Int16Array): Uint8Array {
  const bytes = new Uint8Array(352 + values.byteLength);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, 348, true);
  for (const [axis, size] of [sizes.length, ...sizes].entries()) view.setInt16(40 + 2 * axis, size, true);
  view.setInt16(70, 4, true);
  for (const [axis, step] of [1, 3.1, 3.75, 3.75, 2.5].entries()) view.setFloat32(76 + 4 * axis, step, true);
  view.setFloat32(108, 352, true);
  view.setUint8(123, 2 + 8);
  bytes.set(new TextEncoder().encode("n+1"), 344);
  bytes.set(new Uint8Array(values.buffer), 352);
  return bytes;
}

test("fMRI: volumes in time with their mask, classes and runs", async () => {
  put("fmri-objects", {
    "bold.nii.gz": gzipSync(
      nifti(
        [2, 2, 1, 3],
        Int16Array.from({ length: 12 }, (_, index) => index),
      ),
    ),
    "mask.nii.gz": gzipSync(nifti([2, 2, 1], Int16Array.of(0, 1, 0, 1))),
    "attributes_literal.txt": "rest 0\nhouse 0\nface 1\n",
  });
  const volume = await loadVolume("fmri-objects");
  assert.deepEqual([volume.shape, volume.repetition], [[3, 1, 2, 2], 2.5]);
  assert.deepEqual([...volume.values.subarray(4, 8)], [4, 5, 6, 7]);
  assert.deepEqual(
    [[...volume.mask!], volume.classNames, volume.labels, volume.runs],
    [
      [0, 1, 0, 1],
      ["rest", "face", "house"],
      [0, 2, 1],
      [0, 0, 1],
    ],
  );
  put("fmri-objects", { "attributes_literal.txt": "rest 0\n" });
  await assert.rejects(loadVolume("fmri-objects"), /tells of 1 volumes, but there are 3/);
});

test("texts: ratings, topics, and words without their parts of speech", async () => {
  put("text-movie-sentences", { "sentences.txt": "1\t2.5\tA joy.\r\n2\t-0.6\tEffective but too tepid\r\n" });
  const { texts, labels, scores, splits } = await loadText("text-movie-sentences");
  assert.deepEqual(
    [texts, labels, [...scores!], splits],
    [
      ["A joy.", "Effective but too tepid"],
      [1, 0],
      [2.5, Math.fround(-0.6)],
      ["train", "train"],
    ],
  );
  put("text-movie-sentences", { "sentences.txt": "no tabs\n" });
  await assert.rejects(
    loadText("text-movie-sentences"),
    (error) => error instanceof DataFileError && /line 1/.test(error.message),
  );

  const tab = (rows: string) => `Category\tText\nd\tstring\nclass\t\n${rows}`;
  put("text-newsgroups", {
    "train.tab": tab("sci.med\ta pill\nalt.atheism\tno\n"),
    "test.tab": tab("sci.med\tpain\n"),
  });
  const news = await loadText("text-newsgroups");
  assert.deepEqual(
    [news.classNames, news.labels, news.splits],
    [
      ["alt.atheism", "sci.med"],
      [1, 0, 1],
      ["train", "train", "test"],
    ],
  );

  put("text-brown", {
    "samples.txt": "\n\tThe/at Fulton/np-tl and/or/cc it/pp ./.\n\fOne/cd",
    "cats.txt": "ca01 news\ncb01 editorial\n",
  });
  const brown = await loadText("text-brown");
  assert.deepEqual(
    [brown.texts, brown.labels, brown.classNames],
    [
      ["The Fulton and/or it .", "One"],
      [1, 0],
      ["editorial", "news"],
    ],
  );
});

test("networks: layers in the order of their files, self-energies and constants", async () => {
  const widths = { C: [144, 112, 96, 1], H: [160, 128, 96, 1], N: [128, 112, 96, 1], O: [128, 112, 96, 1] };
  const count = Object.values(widths).reduce((sum, layers) => {
    let inputs = 384;
    for (const outputs of layers) {
      sum += outputs * (inputs + 1);
      inputs = outputs;
    }
    return sum;
  }, 0);
  const numbers = Float32Array.from({ length: 8 * count }, (_, index) => index % 1000);
  put("networks-ani-1x", {
    "networks.bin": new Uint8Array(numbers.buffer),
    "constants.params": "TM = 1\nRcr = 5.2000e+00\nShfA = [9.0000000e-01,1.5500000e+00]\nAtyp = [H,C,N,O]\n",
    "self-energies.dat": "H,0=-0.600952980000\nC,1=-38.08316124000\nN,2=-54.70775770000\nO,3=-75.19446356000\n",
  });
  const { elements, constants } = await loadAniNetworks();
  assert.deepEqual([constants["Rcr"], constants["ShfA"]], [[5.2], [0.9, 1.55]]);
  assert.equal(elements["O"]!.self, -75.19446356);
  const first = elements["C"]!.members[0]![0]!;
  assert.deepEqual([first.inputs, first.outputs, first.bias[1], first.weights[0]], [384, 144, 1, 144]);
  assert.equal(elements["C"]!.members[1]![0]!.bias[0], count % 1000);
  put("networks-ani-1x", { "networks.bin": new Uint8Array(numbers.buffer, 4) });
  await assert.rejects(loadAniNetworks(), /networks of \d+ were expected/);
});

test("pictures: faces, textures, and emoji cut out of their sheet onto white", async () => {
  put("pictures-faces", { "lfw_subset.npy": npyOf({ shape: [200, 2, 2], values: new Float64Array(800).fill(0.25) }) });
  const faces = await loadPictureSet("pictures-faces");
  assert.deepEqual([faces.shape, faces.labels[99], faces.labels[100], faces.values[5]], [[200, 2, 2, 1], 0, 1, 0.25]);

  const gray = (level: number) =>
    sharp({ create: { width: 4, height: 3, channels: 3, background: { r: level, g: level, b: level } } })
      .toColorspace("b-w")
      .png()
      .toBuffer();
  put("pictures-textures", { "brick.png": await gray(10), "grass.png": await gray(20), "gravel.png": await gray(30) });
  const textures = await loadPictureSet("pictures-textures");
  assert.deepEqual(
    [textures.shape, textures.values[0], textures.values[12], textures.values[35]],
    [[3, 3, 4, 1], 10, 20, 30],
  );

  const cell = (color: string) =>
    sharp({ create: { width: 32, height: 32, channels: 4, background: color } })
      .png()
      .toBuffer();
  const sheet = await sharp({ create: { width: 68, height: 34, channels: 4, background: "rgba(0,0,0,0)" } })
    .composite([
      { input: await cell("rgba(255,0,0,1)"), left: 1, top: 1 },
      { input: await cell("rgba(0,0,255,0.5)"), left: 35, top: 1 },
    ])
    .png()
    .toBuffer();
  const emoji = (name: string, sheet_x: number, has_img_google = true) => ({
    name,
    category: "Symbols",
    sheet_x,
    sheet_y: 0,
    has_img_google,
  });
  put("pictures-emoji", {
    "emoji.json": JSON.stringify([emoji("RED", 0), emoji("BLUE", 1), emoji("GONE", 1, false)]),
    "sheet.png": sheet,
  });
  const set = await loadPictureSet("pictures-emoji");
  assert.deepEqual(
    [set.shape, set.names],
    [
      [2, 32, 32, 3],
      ["red", "blue"],
    ],
  );
  assert.deepEqual([...set.values.subarray(0, 3)], [255, 0, 0]);
  const [red, , blue] = set.values.subarray(3072, 3075);
  assert.ok(Math.abs(red! - 127) <= 1 && blue === 255, `${red}, ${blue}`);
});

test("files of one's own: units and rates that a file does not say are told, nothing is guessed", async () => {
  const folder = scratchFolder("own");
  const file = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const recording = join(SOURCE, "formats", "files", "recording.edf");
  await assert.rejects(loadSignals(recording), /different rates \(64 Hz: EEG Cz; 4 Hz: Temp\): name those of one rate/);
  const edf = await loadSignals(recording, { channels: ["Temp"] });
  assert.deepEqual([edf.rate, edf.channels, edf.annotations.length], [4, [{ name: "Temp", unit: "°C" }], 2]);
  await assert.rejects(loadSignals(recording, { channels: ["EEG Cx"] }), /Did you mean .*EEG Cz/);

  const csv = await loadSignals(file("two.csv", "Fz,Cz\n1,2\n3,4\n"), { rate: 250, unit: "µV" });
  assert.deepEqual(
    [csv.rate, csv.channels[1], [...csv.series[0]!.values]],
    [250, { name: "Cz", unit: "µV" }, [1, 3, 2, 4]],
  );
  assert.equal((await loadSignals(join(folder, "two.csv"))).rate, undefined);
  await assert.rejects(loadSignals(join(folder, "two.csv"), { rate: 0 }), /rate must be samples a second/);
  await assert.rejects(loadSignals(file("words.csv", "a\nx\n")), /words in its column "a"/);
  const block = await loadSignals(file("block.npy", npyOf({ shape: [2, 3, 4], values: new Float32Array(24) })));
  assert.deepEqual(stackSignals(block).shape, [2, 3, 4]);
  await assert.rejects(
    loadSignals(join(SOURCE, "formats", "files", "arrays.npz")),
    /holds \d arrays \(doubles, halves/,
  );
  await assert.rejects(loadSignals(file("a.mat", "")), /ends in \.mat; what is read here ends in \.edf/);

  const table = await loadTable(file("t.tsv", "name\tage\nA\t3\n"));
  assert.deepEqual([table.rows, [...table.column("age").values]], [1, [3]]);
  assert.throws(() => table.column("aeg"), /Did you mean .*age/);
  const texts = await loadText(file("t.csv", "text,label\ngood,1\nbad,0\n"));
  assert.deepEqual(
    [texts.texts, texts.labels, texts.classNames],
    [
      ["good", "bad"],
      [1, 0],
      ["0", "1"],
    ],
  );
  assert.deepEqual((await loadText(file("lines.txt", "a\n\nb\n"))).texts, ["a", "b"]);
  const volume = await loadVolume(
    file("v.npy", npyOf({ shape: [2, 3, 4], values: Float32Array.from({ length: 24 }, (_, i) => i) })),
  );
  assert.deepEqual([volume.shape, volume.repetition, volume.values[23]], [[1, 2, 3, 4], undefined, 23]);
  await assert.rejects(loadVolume(file("flat.npy", npyOf({ shape: [4], values: new Float32Array(4) }))), /\[z, y, x\]/);
  await assert.rejects(loadMolecules(file("m.pdb", "")), /ends in \.pdb/);
  await assert.rejects(loadPictureSet(join(folder, "t.csv")), /load pictures of your own by loadImage/);
});
