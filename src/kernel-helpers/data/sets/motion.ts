import { utf8 } from "../../formats/bytes.js";
import { DataFileError } from "../../formats/errors.js";
import { parseNpyArray } from "../../formats/npy.js";
import type { SignalChannel } from "../records/signals.js";
import type { DataSet } from "./data-set.js";
import { trainAndTest } from "./eeg.js";

/** Neither package says the units of its sensors. */
const sensors = (names: string): SignalChannel[] => names.split(", ").map((name) => ({ name, unit: "" }));

export const motionBasic: DataSet<"signals"> = {
  name: "motion-basic",
  title: "smartwatch, four activities",
  kind: "signals",
  about:
    "Smartwatch while its wearer stands, walks, runs or plays badminton: 80 series, accelerometer and gyroscope, 10 s at 10 Hz",
  from: { client: "pip", name: "aeon", version: "1.6.0", form: "wheel", bytes: 6_421_000 },
  licence: { package: "BSD-3-Clause", data: "none stated: UEA archive, for research" },
  source: "J. Clements, in the UEA multivariate time series archive (A. Bagnall et al., 2018)",
  files: [
    {
      name: "train.ts",
      from: "aeon/datasets/data/BasicMotions/BasicMotions_TRAIN.ts",
      bytes: 227790,
      sha256: "8dc43cc6306cb679c888c01e26f91772ac4441a916da43bac8b79734a538b9d6",
    },
    {
      name: "test.ts",
      from: "aeon/datasets/data/BasicMotions/BasicMotions_TEST.ts",
      bytes: 227713,
      sha256: "79213102bc6fca1a398ad98ce1185dff0208fa3d1465e687f48288946b0ff8dc",
    },
  ],
  async read(opened) {
    return {
      name: this.name,
      ...(await trainAndTest(opened, { train: "train.ts", test: "test.ts" })),
      channels: sensors("acceleration x, acceleration y, acceleration z, rotation x, rotation y, rotation z"),
      rate: 10,
      start: 0,
      annotations: [],
    };
  },
};

/** What the exercises' abbreviations stand for (D. Burns et al., 2018). */
const exercises: Readonly<Record<string, string>> = {
  PEN: "pendulum",
  ABD: "abduction",
  FEL: "forward elevation",
  IR: "internal rotation",
  ER: "external rotation",
  TRAP: "trapezius extension",
  ROW: "upright row",
};

export const motionShoulderExercises: DataSet<"signals"> = {
  name: "motion-shoulder-exercises",
  title: "smartwatch, seven shoulder exercises",
  kind: "signals",
  about:
    "Smartwatch during seven shoulder exercises of ten subjects: 140 series of 19 to 53 s, accelerometer and gyroscope, 50 Hz",
  from: { client: "pip", name: "seglearn", version: "1.2.5", form: "wheel", bytes: 11_320_941 },
  licence: { package: "BSD-3-Clause", data: "BSD-3-Clause, with the package" },
  source: "D. M. Burns et al., Physiological Measurement 39 (2018)",
  files: [
    {
      name: "watch_dataset.npy",
      from: "seglearn/data/watch_dataset.npy",
      bytes: 18118091,
      sha256: "eb122f23cdf06ef6bd6c6c5312958ec5cf9d038e2e6d457b8081662c75a42537",
    },
  ],
  convert: {
    script: "watch-dataset.py",
    files: [
      {
        name: "values.npy",
        bytes: 11717024,
        sha256: "9262535f090e4b8e2ff9ad1fb239552b41b746f1f40adb695b8077e01dbb8a51",
      },
      { name: "lengths.npy", bytes: 688, sha256: "c1fade686af8441169c1711e12164ac8511963212e7e4113582b20790a08f5a2" },
      { name: "exercises.npy", bytes: 688, sha256: "b213ba9021bb34d59ca80a0aae997f125933103e16921243135da9a44350de11" },
      { name: "subjects.npy", bytes: 688, sha256: "335829a6c3d4724cf298b120e90a821f179aa3301f8b917ae91f499895815503" },
      { name: "sides.npy", bytes: 688, sha256: "9ef8138c15f0737963e2c6865db1223cab305c5e38e904239e3dbe2d6f8fa384" },
      { name: "names.json", bytes: 113, sha256: "3e21595b30cde4da3c204f4971d2a905e6457d87d6e4663e442ceb433bfadc42" },
    ],
  },
  async read({ bytes }) {
    const array = async (name: string) => parseNpyArray(name, await bytes(name));
    const { values, shape } = await array("values.npy");
    const numbers = async (name: string) => Array.from((await array(name)).values, Number);
    const [lengths, labels, subjects] = [
      await numbers("lengths.npy"),
      await numbers("exercises.npy"),
      await numbers("subjects.npy"),
    ];
    const names = JSON.parse(utf8("names.json", await bytes("names.json"))) as { exercises: string[] };
    const width = shape[1]!;
    if (lengths.reduce((sum, length) => sum + length, 0) !== shape[0]) {
      throw new DataFileError("lengths.npy", `does not fit the ${shape[0]} rows of values.npy`);
    }
    let row = 0;
    const series = lengths.map((samples, index) => {
      // From rows of one time to channels of one sensor.
      const turned = new Float32Array(width * samples);
      for (let sample = 0; sample < samples; sample++, row++) {
        for (let channel = 0; channel < width; channel++) {
          turned[channel * samples + sample] = values[row * width + channel] as number;
        }
      }
      return { values: turned, samples, label: labels[index]!, group: `subject ${subjects[index]}` };
    });
    return {
      name: this.name,
      series,
      classNames: names.exercises.map((short) => exercises[short] ?? short),
      channels: sensors("acceleration x, acceleration y, acceleration z, rotation x, rotation y, rotation z"),
      rate: 50,
      start: 0,
      groups: "subject",
      annotations: [],
    };
  },
};
