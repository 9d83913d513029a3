/** Valid files with random cuts and changed bytes: read to lengths that fit, or refused by DataFileError; never anything else. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { parseNpz } from "../../../src/kernel-helpers/formats/archives/npz.js";
import { tarEntries } from "../../../src/kernel-helpers/formats/archives/tar.js";
import { DataFileError } from "../../../src/kernel-helpers/formats/errors.js";
import { parseSdf } from "../../../src/kernel-helpers/formats/molecules/sdf.js";
import { parseXyz } from "../../../src/kernel-helpers/formats/molecules/xyz.js";
import { parseNpyArray } from "../../../src/kernel-helpers/formats/npy.js";
import { parseAeonTs } from "../../../src/kernel-helpers/formats/signals/aeon-ts.js";
import { parseEdf } from "../../../src/kernel-helpers/formats/signals/edf.js";
import { parseWav } from "../../../src/kernel-helpers/formats/signals/wav.js";
import { parseDelimited } from "../../../src/kernel-helpers/formats/tables/delimited.js";
import { parseNifti } from "../../../src/kernel-helpers/formats/volumes/nifti.js";
import { tarOf } from "../../helpers/tar.js";

const FILES = join(import.meta.dirname, "..", "..", "..", "..", "test", "kernel-helpers", "formats", "files");
const read = (name: string) => new Uint8Array(readFileSync(join(FILES, name)));
const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const fits = (values: ArrayLike<unknown>, length: number) => assert.equal(values.length, length);

/** Each kind of file: a valid one, and what must hold of whatever is read of a damaged one. */
const kinds: Record<string, { file: Uint8Array; check: (bytes: Uint8Array) => unknown }> = {
  edf: {
    file: read("recording.edf"),
    check(bytes) {
      const { signals, duration } = parseEdf("x.edf", bytes);
      for (const { values, rate } of signals)
        assert.ok(Math.abs(values.length - rate * duration) < 1e-6 * values.length + 1e-6);
    },
  },
  bdf: {
    file: read("recording.bdf"),
    check(bytes) {
      const { signals, duration } = parseEdf("x.bdf", bytes);
      for (const { values, rate } of signals)
        assert.ok(Math.abs(values.length - rate * duration) < 1e-6 * values.length + 1e-6);
    },
  },
  nifti: {
    file: read("sform.nii"),
    async check(bytes) {
      const { sizes, values, steps } = await parseNifti("x.nii", bytes);
      fits(values, size(sizes));
      fits(steps, sizes.length);
    },
  },
  "nifti.gz": {
    file: read("second.nii.gz"),
    async check(bytes) {
      const { sizes, values } = await parseNifti("x.nii.gz", bytes);
      fits(values, size(sizes));
    },
  },
  npy: {
    file: read("fortran.npy"),
    check(bytes) {
      const { shape, values } = parseNpyArray("x.npy", bytes);
      fits(values, size(shape));
    },
  },
  npz: {
    file: read("packed.npz"),
    check(bytes) {
      for (const { shape, values } of Object.values(parseNpz("x.npz", bytes))) fits(values, size(shape));
    },
  },
  wav: {
    file: read("tone-24.wav"),
    check(bytes) {
      const { channels } = parseWav("x.wav", bytes);
      for (const channel of channels) fits(channel, channels[0]!.length);
      assert.ok(channels.length * channels[0]!.length <= bytes.length);
    },
  },
  ts: {
    file: bytesOf(
      "@univariate false\n@dimensions 2\n@classLabel true a b\n@data\n1,2,3:4,5,6:a\n0.5,1e-3,-7:0,0,0:b\n",
    ),
    check(bytes) {
      const { series, classNames } = parseAeonTs("x.ts", textOf(bytes));
      for (const one of series) {
        fits(one.values, one.channels * one.samples);
        if (one.label !== undefined) assert.ok(one.label < classNames.length);
      }
    },
  },
  sdf: {
    file: bytesOf(
      "mol\n\n\n  3  2  0  0  0  0  0  0  0  0999 V2000\n    0.0000    0.0000    0.0000 C   0  0\n    1.5000    0.0000    0.0000 C   0  0\n    2.2500    1.2990    0.0000 O   0  0\n  1  2  1  0\n  2  3  2  0\nM  CHG  1   3  -1\nM  END\n> <a>\n1\n\n$$$$\n",
    ),
    check(bytes) {
      for (const { elements, positions, bonds } of parseSdf("x.sdf", textOf(bytes))) {
        fits(positions, elements.length * 3);
        for (const { from, to } of bonds!) assert.ok(from < elements.length && to < elements.length);
      }
    },
  },
  xyz: {
    file: bytesOf("3\nwater e=1\nO 0 0 0.117\nH 0 0.757 -0.47\nH 0 -0.757 -0.47\n2\n\nH 0 0 0\nH 0 0 0.74\n"),
    check(bytes) {
      for (const { elements, positions } of parseXyz("x.xyz", textOf(bytes))) fits(positions, elements.length * 3);
    },
  },
  csv: {
    file: bytesOf('a,b,c\n1,2,"x, y"\n3,,z\n'),
    check(bytes) {
      const columns = parseDelimited("x.csv", textOf(bytes));
      for (const { values } of columns) fits(values, columns[0]!.values.length);
    },
  },
  tar: {
    file: tarOf({ "a.txt": "hello", "b.txt": "world" }),
    check(bytes) {
      for (const data of tarEntries("x.tar", bytes).values()) assert.ok(data.length <= bytes.length);
    },
  },
};

/** How many damaged files of each kind are tried. */
const RUNS = Number(process.env["LIMPID_DAMAGED"] ?? 300);

/** The length, to which it is cut, and bytes that are changed; most of them where the header is. */
const damage = (length: number) =>
  fc.record({
    cut: fc.oneof({ weight: 2, arbitrary: fc.constant(length) }, { weight: 1, arbitrary: fc.nat(length) }),
    changes: fc.array(
      fc.tuple(
        fc.oneof(fc.nat(length - 1), fc.nat(Math.min(length, 360) - 1)),
        fc.oneof(fc.nat(255), fc.constantFrom(0, 32, 48, 57, 127, 128, 255)),
      ),
      { maxLength: 6 },
    ),
  });

for (const [kind, { file, check }] of Object.entries(kinds)) {
  test(`${kind}: damaged files are refused by name, or read to lengths that fit`, async () => {
    await check(file);
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(damage(file.length), async ({ cut, changes }) => {
        const bytes = file.slice(0, cut);
        for (const [at, byte] of changes) if (at < cut) bytes[at] = byte;
        const begin = performance.now();
        try {
          await check(bytes);
        } catch (error) {
          if (!(error instanceof DataFileError)) throw error;
          assert.match(error.message, /^x\./);
          refused++;
        }
        assert.ok(performance.now() - begin < 3000, "took too long");
      }),
      { numRuns: RUNS },
    );
    assert.ok(refused > RUNS / 10, `only ${refused} of ${RUNS} were refused`);
  });
}
