import { ParameterError } from "../../../explainers/errors.js";
import type { Molecule } from "../../formats/molecules/molecule.js";
import type { AniNetworks } from "../records/records.js";

/** The order in which symmetry functions go through elements and pairs of them. */
export const ELEMENTS: readonly string[] = ["H", "C", "N", "O"];

/** Angles are taken from 0.95 of their cosine, so that their derivative stays finite. */
const NEARLY = 0.95;

/** How many numbers describe what lies around an atom. */
export function featureCount(constants: AniNetworks["constants"]): number {
  const [radial, distances, angles] = ["ShfR", "ShfA", "ShfZ"].map((name) => constants[name]!.length);
  return ELEMENTS.length * radial! + PAIRS * distances! * angles!;
}

const PAIRS = (ELEMENTS.length * (ELEMENTS.length + 1)) / 2;

/** For each atom what lies around it: radial terms by element, then angular ones by pairs of elements (Smith et al. 2017, eq. 3 and 4). */
export function symmetryFunctions(constants: AniNetworks["constants"], molecule: Molecule): Float64Array[] {
  const features = molecule.elements.map(() => new Float64Array(featureCount(constants)));
  eachTerm(constants, molecule, (center, feature, value) => {
    features[center]![feature]! += value;
  });
  return features;
}

/**
 * Visits what a symmetry function is the sum of: a term for each neighbor, or for each two of them.
 *
 * @param visit told of the atom in the middle, the symmetry function, the term, and the neighbors that it is of
 * @throws ParameterError for two atoms at one place
 */
export function eachTerm(
  constants: AniNetworks["constants"],
  { elements, positions, name }: Molecule,
  visit: (center: number, feature: number, value: number, one: number, two: number | undefined) => void,
): void {
  const of = (key: string): readonly number[] => constants[key]!;
  const [radial, angular] = [of("Rcr")[0]!, of("Rca")[0]!];
  const [etaR, etaA, zeta] = [of("EtaR")[0]!, of("EtaA")[0]!, of("Zeta")[0]!];
  const [shiftsR, shiftsA, shiftsZ] = [of("ShfR"), of("ShfA"), of("ShfZ")];
  const kinds = elements.map((element) => ELEMENTS.indexOf(element));
  const perPair = shiftsA.length * shiftsZ.length;
  const cutoff = (distance: number, end: number) =>
    distance > end ? 0 : 0.5 * Math.cos((Math.PI * distance) / end) + 0.5;
  elements.forEach((_, center) => {
    const near: { other: number; kind: number; distance: number; to: number[] }[] = [];
    elements.forEach((_element, other) => {
      if (other === center) return;
      const to = [0, 1, 2].map((axis) => positions[3 * other + axis]! - positions[3 * center + axis]!);
      const distance = Math.hypot(...to);
      if (distance === 0) throw new ParameterError("molecule", `${name} with two atoms at one place`, "a geometry");
      if (distance <= radial) {
        shiftsR.forEach((shift, index) => {
          const term = 0.25 * Math.exp(-etaR * (distance - shift) ** 2) * cutoff(distance, radial);
          visit(center, kinds[other]! * shiftsR.length + index, term, other, undefined);
        });
      }
      if (distance <= angular) near.push({ other, kind: kinds[other]!, distance, to });
    });
    near.forEach((one, index) => {
      for (const two of near.slice(index + 1)) {
        const cosine =
          one.to.reduce((sum, value, axis) => sum + value * two.to[axis]!, 0) / (one.distance * two.distance);
        const angle = Math.acos(NEARLY * cosine);
        const mean = (one.distance + two.distance) / 2;
        const both = 2 * cutoff(one.distance, angular) * cutoff(two.distance, angular);
        const pair = pairOf(Math.min(one.kind, two.kind), Math.max(one.kind, two.kind));
        const at = ELEMENTS.length * shiftsR.length + perPair * pair;
        shiftsA.forEach((shiftA, a) => {
          const part = both * Math.exp(-etaA * (mean - shiftA) ** 2);
          shiftsZ.forEach((shiftZ, z) => {
            const term = part * ((1 + Math.cos(angle - shiftZ)) / 2) ** zeta;
            visit(center, at + a * shiftsZ.length + z, term, one.other, two.other);
          });
        });
      }
    });
  });
}

/** The place of a pair of elements, `first <= second`, in the order HH, HC, HN, HO, CC, … */
const pairOf = (first: number, second: number): number =>
  first * ELEMENTS.length - (first * (first - 1)) / 2 + (second - first);
