/** Readers against what other programs wrote and read: EDFlib, nibabel, NumPy, Python's wave (files/make.py). */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync, zipSync } from "fflate";
import { gunzip } from "../../../src/kernel-helpers/formats/archives/gzip.js";
import { parseNpz } from "../../../src/kernel-helpers/formats/archives/npz.js";
import { tarEntries } from "../../../src/kernel-helpers/formats/archives/tar.js";
import { zipEntries } from "../../../src/kernel-helpers/formats/archives/zip.js";
import { DataFileError } from "../../../src/kernel-helpers/formats/errors.js";
import { parseSdf } from "../../../src/kernel-helpers/formats/molecules/sdf.js";
import { parseXyz } from "../../../src/kernel-helpers/formats/molecules/xyz.js";
import { isWords, npyOf, parseNpy, parseNpyArray } from "../../../src/kernel-helpers/formats/npy.js";
import { parseAeonTs } from "../../../src/kernel-helpers/formats/signals/aeon-ts.js";
import { parseEdf } from "../../../src/kernel-helpers/formats/signals/edf.js";
import { parseWav } from "../../../src/kernel-helpers/formats/signals/wav.js";
import { parseDelimited } from "../../../src/kernel-helpers/formats/tables/delimited.js";
import { parseNifti } from "../../../src/kernel-helpers/formats/volumes/nifti.js";
import { tarEntry } from "../../helpers/tar.js";

const FILES = join(import.meta.dirname, "..", "..", "..", "..", "test", "kernel-helpers", "formats", "files");
const read = (name: string) => new Uint8Array(readFileSync(join(FILES, name)));
const expected = JSON.parse(readFileSync(join(FILES, "expected.json"), "utf8"));

/** Whether numbers agree to float32, by the largest of them. */
function assertClose(actual: ArrayLike<number>, wanted: readonly number[], tolerance = 1e-6) {
  assert.equal(actual.length, wanted.length);
  const scale = Math.max(...wanted.map(Math.abs), 1e-30);
  for (let i = 0; i < wanted.length; i++) {
    assert.ok(Math.abs(actual[i]! - wanted[i]!) <= tolerance * scale, `${i}: ${actual[i]} is not ${wanted[i]}`);
  }
}

const failsWith = (work: () => unknown, message: RegExp) =>
  assert.throws(work, (error) => error instanceof DataFileError && message.test(error.message));

for (const name of ["recording.edf", "recording.bdf"]) {
  test(`${name}: signals, rates, units, date and annotations as EDFlib reads them`, () => {
    const { signals, annotations, start, duration } = parseEdf(name, read(name));
    const wanted = expected[name];
    assert.deepEqual(
      signals.map(({ label }) => label),
      wanted.labels,
    );
    assert.deepEqual(
      signals.map(({ unit }) => unit),
      wanted.units,
    );
    assert.deepEqual(
      signals.map(({ rate }) => rate),
      wanted.rates,
    );
    assert.equal(start, wanted.start);
    assert.equal(duration, wanted.duration);
    signals.forEach(({ values }, index) => {
      assertClose(values, wanted.values[index]);
    });
    assert.deepEqual(
      annotations.map(({ onset }) => onset),
      wanted.onsets,
    );
    // EDFlib says −1 or 0 where there is none.
    assert.deepEqual(
      annotations.map((note) => note.duration ?? wanted.durations[1]),
      wanted.durations,
    );
    assert.deepEqual(
      annotations.map(({ text }) => text),
      wanted.texts,
    );
  });
}

test("EDF that contradicts itself is refused by what is wrong with it", () => {
  const bytes = read("recording.edf");
  const changed = (at: number, text: string) => {
    const copy = bytes.slice();
    copy.set(new TextEncoder().encode(text), at);
    return () => parseEdf("x.edf", copy);
  };
  failsWith(
    () => parseEdf("x.edf", bytes.subarray(0, bytes.length - 10)),
    /x\.edf is cut short: it should have 3 data records/,
  );
  failsWith(() => parseEdf("x.edf", bytes.subarray(0, 300)), /cut short/);
  failsWith(() => parseEdf("x.edf", new TextEncoder().encode("GIF89a..")), /no EDF or BDF file/);
  failsWith(changed(236, "2       "), /goes on after its 2 data records/);
  failsWith(changed(252, "9999"), /do not fit/);
  failsWith(changed(244, "0       "), /gives no sampling rate/);
  // Physical minimum and maximum of the first of three signals.
  failsWith(changed(256 + 3 * (16 + 80 + 8 + 8), "-200    "), /no scale/);
  // Records whose number was never written are counted.
  assert.equal(changed(236, "-1      ")().duration, 3);
});

test("a discontinuous EDF+ with a gap is refused, one without is read", () => {
  const bytes = read("recording.edf");
  const discontinuous = bytes.slice();
  discontinuous.set(new TextEncoder().encode("EDF+D"), 192);
  assert.equal(parseEdf("d.edf", discontinuous).duration, 3);
  const text = Buffer.from(discontinuous).toString("latin1");
  const second = text.indexOf("+1\x14\x14");
  assert.ok(second > 0);
  discontinuous.set(new TextEncoder().encode("+7"), second);
  failsWith(() => parseEdf("d.edf", discontinuous), /has a gap before data record 2, which begins after 7 s/);
});

for (const name of ["sform.nii", "qform.nii", "second.nii.gz"]) {
  test(`${name}: values, sizes and affine as nibabel reads them`, async () => {
    const { sizes, values, affine, steps } = await parseNifti(name, read(name));
    const wanted = expected[name];
    assert.deepEqual(sizes, wanted.sizes);
    assertClose(values, wanted.values);
    assertClose(affine!.flat(), wanted.affine.flat(), 1e-5);
    assertClose(steps.slice(0, 3), wanted.steps, 1e-5);
    assert.equal(steps[3], 2.5);
  });
}

test("NIfTI that is cut, of another kind, or claims too much is refused", async () => {
  const bytes = read("sform.nii");
  const changed = (work: (view: DataView) => void) => {
    const copy = bytes.slice();
    work(new DataView(copy.buffer));
    return parseNifti("x.nii", copy);
  };
  const fails = (work: Promise<unknown>, message: RegExp) =>
    assert.rejects(work, (error) => error instanceof DataFileError && message.test(error.message));
  await fails(parseNifti("x.nii", bytes.subarray(0, bytes.length - 1)), /cut short: an image of 3 × 4 × 2 × 5/);
  await fails(parseNifti("x.nii", bytes.subarray(0, 100)), /cut short/);
  await fails(parseNifti("x.nii", read("tone-8.wav")), /no NIfTI file/);
  await fails(parseNifti("x.nii.gz", read("second.nii.gz").subarray(0, 100)), /damaged, or cut short/);
  await fails(
    changed((view) => view.setInt16(42, 32767, true)),
    /cut short/,
  );
  await fails(
    changed((view) => [42, 44, 46, 48].map((at) => view.setInt16(at, 32767, true))),
    /no array can have/,
  );
  await fails(
    changed((view) => view.setInt16(70, 128, true)),
    /holds colors/,
  );
  await fails(
    changed((view) => view.setFloat32(108, 1e9, true)),
    /cut short/,
  );
  await fails(
    changed((view) => view.setUint8(345, "i".charCodeAt(0))),
    /pair of files/,
  );
});

for (const name of ["arrays.npz", "packed.npz"]) {
  test(`${name}: arrays in their own kinds, as NumPy has them`, () => {
    const arrays = parseNpz(name, read(name));
    assert.deepEqual(Object.keys(arrays), Object.keys(expected.arrays));
    for (const [key, { shape, values }] of Object.entries(arrays)) {
      const wanted = expected.arrays[key];
      assert.deepEqual(shape, wanted.shape, key);
      const plain = isWords(values)
        ? [...values]
        : [...values].map((value) => (value === Infinity ? "Infinity" : value));
      assert.deepEqual(plain, wanted.values, key);
    }
    assert.ok(arrays["doubles"]!.values instanceof Float64Array);
    assert.ok(arrays["fortran"]!.values instanceof Uint16Array);
  });
}

test("what NumPy can save and is not read is refused by name", () => {
  failsWith(() => parseNpyArray("o.npy", read("objects.npy")), /Python objects \(a pickle\)/);
  failsWith(() => parseNpyArray("h.npy", read("huge.npy")), /beyond ±2⁵³/);
  failsWith(() => parseNpyArray("r.npy", read("records.npy")), /records of several fields/);
  failsWith(() => parseNpyArray("f.npy", read("fortran.npy").subarray(0, 170)), /cut short/);
  const longer = new Uint8Array([...read("fortran.npy"), 0]);
  failsWith(() => parseNpyArray("f.npy", longer), /ends before/);
  failsWith(
    () =>
      parseNpy(
        "w.npy",
        zipEntries("a", read("arrays.npz"))
          .find(({ name }) => name === "words.npy")!
          .read(),
      ),
    /holds words/,
  );
  const claims = npyOf({ shape: [2], values: new Float32Array(2) });
  const huge = new TextDecoder("latin1")
    .decode(claims)
    .replace("(2,), }", "(99999999999,), }")
    .replace(/ {10}\n/, "\n");
  failsWith(
    () =>
      parseNpyArray(
        "c.npy",
        Uint8Array.from(huge, (c) => c.charCodeAt(0)),
      ),
    /no array can have/,
  );
});

test("WAV of 8 to 32 bits and floats, to the precision that each has", () => {
  for (const [name, bits] of [
    ["8", 8],
    ["16", 16],
    ["24", 24],
    ["32", 32],
    ["float", 32],
  ] as const) {
    const wav = parseWav(name, read(`tone-${name}.wav`));
    assert.deepEqual([wav.rate, wav.bits, wav.channels.length], [8000, bits, 2]);
    const step = Math.max(0.5 ** bits * 1.01, 6e-8);
    wav.channels[0]!.forEach((value, index) => {
      assert.ok(Math.abs(value - expected.tone[index]) <= step, `${name} at ${index}`);
      assert.ok(Math.abs(value + wav.channels[1]![index]!) <= 2 * step);
    });
  }
  const bytes = read("tone-16.wav");
  failsWith(() => parseWav("x.wav", bytes.subarray(0, 200)), /cut short: its sound/);
  failsWith(() => parseWav("x.wav", bytes.subarray(0, 40)), /cut short: it has no sound/);
  failsWith(() => parseWav("x.wav", read("sform.nii")), /no WAV file/);
  const compressed = bytes.slice();
  compressed[20] = 17;
  failsWith(() => parseWav("x.wav", compressed), /16 bits in WAV format 17, which is not read/);
});

const TS = `# a comment
@problemName Two
@timeStamps false
@univariate false
@dimensions 2
@equalLength true
@seriesLength 3
@classLabel true left right
@data
1,2,3:4,5,6:right
-1,?,0.5:0,0,1e2:left
`;

test("series of aeon's .ts: channels, classes, missing values", () => {
  const { classNames, series } = parseAeonTs("x.ts", TS);
  assert.deepEqual(classNames, ["left", "right"]);
  assert.deepEqual(series[0], { values: Float32Array.of(1, 2, 3, 4, 5, 6), channels: 2, samples: 3, label: 1 });
  assert.deepEqual([...series[1]!.values], [-1, Number.NaN, 0.5, 0, 0, 100]);
  const uneven = TS.replace("@equalLength true", "@equalLength false").replace("1,2,3:4,5,6", "1,2:4,5");
  assert.deepEqual(
    parseAeonTs("x.ts", uneven).series.map(({ samples }) => samples),
    [2, 3],
  );
  failsWith(() => parseAeonTs("x.ts", TS.replace(":right", ":up")), /class "up" in line 10/);
  failsWith(() => parseAeonTs("x.ts", TS.replace("4,5,6", "4,5")), /series of 2 values in line 10, but should have 3/);
  failsWith(() => parseAeonTs("x.ts", TS.replace("1,2,3:", "")), /1 dimensions in line 10, but should have 2/);
  failsWith(() => parseAeonTs("x.ts", TS.replace("5", "five")), /"five" in line 10/);
  failsWith(() => parseAeonTs("x.ts", TS.split("@data")[0]!), /no @data/);
  failsWith(() => parseAeonTs("x.ts", "export const a = 1;\n"), /line 1 is no @tag/);
});

const MOL = `acetate
  by hand

  4  3  0  0  0  0  0  0  0  0999 V2000
    0.0000    0.0000    0.0000 C   0  0
    1.5000    0.0000    0.0000 C   0  0
    2.2500    1.2990    0.0000 O   0  0
    2.2500   -1.2990    0.0000 O   0  5
  1  2  1  0
  2  3  2  0
  2  4  1  0
M  END
>  <SOL>  (1)
-2.5

>  <comment>
two
lines

$$$$
`;

test("molecules of SDF and XYZ", () => {
  const [acetate, second] = parseSdf("a.sdf", MOL + MOL.replace("M  END", "M  CHG  1   3  -1\nM  END"));
  assert.deepEqual(acetate!.elements, ["C", "C", "O", "O"]);
  assert.deepEqual(acetate!.bonds, [
    { from: 0, to: 1, order: 1 },
    { from: 1, to: 2, order: 2 },
    { from: 1, to: 3, order: 1 },
  ]);
  assert.deepEqual([...acetate!.charges], [[3, -1]]);
  assert.deepEqual([...second!.charges], [[2, -1]]);
  assert.deepEqual({ ...acetate!.properties }, { SOL: -2.5, comment: "two\nlines" });
  assert.equal(acetate!.flat, true);
  failsWith(() => parseSdf("a.sdf", MOL.slice(0, MOL.indexOf("M  END"))), /cut short/);
  failsWith(() => parseSdf("a.sdf", MOL.replace(" 2  4  1", " 2  5  1")), /binds atoms 2 and 5 of 4 \(line 11\)/);
  failsWith(() => parseSdf("a.sdf", MOL.replace("C   0", "Q   0")), /"Q", which is no element \(line 5\)/);
  failsWith(() => parseSdf("a.sdf", MOL.replace("V2000", "V3000")), /V3000/);

  const water = '3\nname=H2O energy=-76.4 note="at rest"\nO 0 0 0.117\nh 0 0.757 -0.47\nH 0 -0.757 -0.47\n';
  const [one, two] = parseXyz("w.xyz", `${water}2\nhydrogen\nH 0 0 0\nH 0 0 0.74\n`);
  assert.deepEqual(
    [one!.name, one!.elements, { ...one!.properties }],
    ["H2O", ["O", "H", "H"], { energy: -76.4, note: "at rest" }],
  );
  assertClose(one!.positions, [0, 0, 0.117, 0, 0.757, -0.47, 0, -0.757, -0.47]);
  assert.equal(two!.name, "hydrogen");
  failsWith(() => parseXyz("w.xyz", water.slice(0, 50)), /cut short|no atom and place/);
  failsWith(() => parseXyz("w.xyz", water.replace("0.117", "north")), /no atom and place in line 3/);
});

test("tables of numbers and words between commas and tabs", () => {
  const columns = parseDelimited("t.csv", '\uFEFFname,age,note\n"A, B",3,x\nC,,7\n');
  assert.deepEqual(
    columns.map(({ name, kind }) => `${name} ${kind}`),
    ["name text", "age number", "note text"],
  );
  assert.deepEqual([...columns[1]!.values], [3, Number.NaN]);
  assert.deepEqual(columns[0]!.values, ["A, B", "C"]);
  assert.deepEqual([...parseDelimited("t.tsv", "a\tb\n1\t2\n", "\t")[1]!.values], [2]);
  failsWith(() => parseDelimited("t.csv", "a,b\n1,2\n3\n"), /has 1 cells in row 3, but names 2 columns/);
  failsWith(() => parseDelimited("t.csv", "a,a\n1,2\n"), /two columns named "a"/);
  failsWith(() => parseDelimited("t.csv", "a,b\n"), /no row/);
});

test("a changed bit in an archive is told by its check sum", async () => {
  const words = new TextEncoder().encode("one two three ".repeat(200));
  const zip = zipSync({ "a.txt": words, "b.bin": [words, { level: 0 }] });
  assert.deepEqual(
    zipEntries("z.zip", zip).map((entry) => entry.read()),
    [words, words],
  );
  const stored = zip.slice();
  stored[zip.length - 2000] ^= 1;
  failsWith(() => zipEntries("z.zip", stored)[1]!.read(), /z\.zip: b\.bin is damaged: its check sum differs/);
  const gzip = gzipSync(words);
  assert.deepEqual(await gunzip("g.gz", gzip), words);
  gzip[gzip.length - 6]! ^= 1;
  await assert.rejects(gunzip("g.gz", gzip), DataFileError);
});

test("a tar archive is read by its names, and told when it is cut", () => {
  const data = new TextEncoder().encode("hello");
  const long = `${"folder/".repeat(20)}file.txt`;
  const record = ` path=${long}\n`;
  const pax = new TextEncoder().encode(`${record.length + 3}${record}`);
  const end = new Uint8Array(1024);
  const all = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
  const whole = all(tarEntry("a.txt", data), tarEntry("x", pax, "x"), tarEntry("cut", data), end);
  assert.deepEqual([...tarEntries("t.tar", whole).keys()], ["a.txt", long]);
  assert.deepEqual(tarEntries("t.tar", whole).get(long), data);
  failsWith(() => tarEntries("t.tar", whole.subarray(0, 700)), /cut short/);
  failsWith(() => tarEntries("t.tar", whole.subarray(0, 1024)), /cut short/);
  const damaged = whole.slice();
  damaged[3] = 65;
  failsWith(() => tarEntries("t.tar", damaged), /no tar archive, or damaged/);
});
