import { ParameterError } from "../../../explainers/errors.js";
import { atomicNumber, type Molecule } from "./molecule.js";

/** Covalent radii in ångström, by atomic number from hydrogen to curium (Cordero et al. 2008, Dalton Trans. 2832, table 2). */
const RADII = [
  ...[0.31, 0.28, 1.28, 0.96, 0.84, 0.76, 0.71, 0.66, 0.57, 0.58, 1.66, 1.41, 1.21, 1.11, 1.07, 1.05, 1.02, 1.06],
  ...[2.03, 1.76, 1.7, 1.6, 1.53, 1.39, 1.39, 1.32, 1.26, 1.24, 1.32, 1.22, 1.22, 1.2, 1.19, 1.2, 1.2, 1.16],
  ...[2.2, 1.95, 1.9, 1.75, 1.64, 1.54, 1.47, 1.46, 1.42, 1.39, 1.45, 1.44, 1.42, 1.39, 1.39, 1.38, 1.39, 1.4],
  ...[2.44, 2.15, 2.07, 2.04, 2.03, 2.01, 1.99, 1.98, 1.98, 1.96, 1.94, 1.92, 1.92, 1.89, 1.9, 1.87, 1.87],
  ...[1.75, 1.7, 1.62, 1.51, 1.44, 1.41, 1.36, 1.36, 1.32, 1.45, 1.46, 1.48, 1.4, 1.5, 1.5],
  ...[2.6, 2.21, 2.15, 2.06, 2, 1.96, 1.9, 1.87, 1.8, 1.69],
];

/** Atoms are bound up to this much more than the sum of their radii, in ångström (Meng and Lewis 1991). */
const TOLERANCE = 0.4;

/**
 * Which atoms of a geometry are bound: those no farther from each other than the sum of their covalent radii and 0.4 Å. It says
 * nothing of the order of a bond.
 *
 * @returns pairs of indexes, the smaller first
 * @throws ParameterError for an element without a covalent radius (beyond curium)
 * @see E. C. Meng and R. A. Lewis, J. Comput. Chem. 12 (1991) 891; B. Cordero et al., Dalton Trans. (2008) 2832
 */
export function boundPairs({ name, elements, positions }: Molecule): { from: number; to: number }[] {
  const radii = elements.map((element) => {
    const radius = RADII[(atomicNumber(element) ?? 0) - 1];
    if (radius === undefined) {
      const expected = "of elements up to curium, or have bonds of its own";
      throw new ParameterError("molecule", `${name} with ${element}`, expected);
    }
    return radius;
  });
  const found: { from: number; to: number }[] = [];
  for (let from = 0; from < elements.length; from++) {
    for (let to = from + 1; to < elements.length; to++) {
      const distance = Math.hypot(...[0, 1, 2].map((axis) => positions[3 * to + axis]! - positions[3 * from + axis]!));
      if (distance <= radii[from]! + radii[to]! + TOLERANCE) found.push({ from, to });
    }
  }
  return found;
}
