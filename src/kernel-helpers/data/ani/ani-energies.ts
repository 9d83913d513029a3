import { ParameterError } from "../../../explainers/errors.js";
import type { Molecule } from "../../formats/molecules/molecule.js";
import type { AniNetworks, DenseLayer } from "../records/records.js";
import { ELEMENTS, symmetryFunctions } from "./symmetry-functions.js";

/** A molecule's energy and what each atom contributes to it, in hartree. */
export interface AniEnergies {
  /** Sum of `atoms`. */
  readonly total: number;
  /** Each atom's share: its element's own energy, and the mean over the ensemble of what the network of its element adds. */
  readonly atoms: Float64Array;
  /** Standard deviation over the ensemble of the total. */
  readonly spread: number;
}

/** Where the activation CELU levels off: at −0.1. */
export const ALPHA = 0.1;

/**
 * The energy of a molecule by ANI-1x, as atoms' shares that sum to it (Smith, Isayev & Roitberg 2017, eq. 2 to 4; Smith et al. 2018).
 *
 * @param networks `await loadAniNetworks()`.
 * @param molecule A geometry of H, C, N and O, neutral and in its ground state, as the networks were trained on.
 * @returns Energies in hartree (ωB97X/6-31G*); one hartree is 627.509 kcal/mol.
 * @throws ParameterError for other elements, for a drawing in the plane, and for two atoms at one place
 * @example
 * const { molecules } = await loadMolecules("molecules-g2");
 * const { total, atoms } = aniEnergies(await loadAniNetworks(), molecules.find(({ name }) => name === "CH4"));
 */
export function aniEnergies(networks: AniNetworks, molecule: Molecule): AniEnergies {
  checkMolecule(molecule);
  const { elements } = molecule;
  const features = symmetryFunctions(networks.constants, molecule);
  const members = networks.elements[ELEMENTS[0]!]!.members.length;
  const atoms = Float64Array.from(elements, (element) => networks.elements[element]!.self);
  const totals = new Float64Array(members).fill(atoms.reduce((sum, energy) => sum + energy, 0));
  elements.forEach((element, atom) => {
    networks.elements[element]!.members.forEach((layers, member) => {
      const energy = passed(layers, features[atom]!);
      atoms[atom]! += energy / members;
      totals[member]! += energy;
    });
  });
  const total = atoms.reduce((sum, energy) => sum + energy, 0);
  const spread = Math.sqrt(totals.reduce((sum, one) => sum + (one - total) ** 2, 0) / Math.max(1, members - 1));
  return { total, atoms, spread };
}

/** Refuses what the networks were not trained on. @throws ParameterError */
export function checkMolecule({ elements, name, flat, bonds }: Molecule): void {
  const unknown = elements.find((element) => !ELEMENTS.includes(element));
  if (unknown !== undefined)
    throw new ParameterError("molecule", `${name} with ${unknown}`, `one of ${ELEMENTS.join(", ")} alone`);
  if (flat && elements.length > 3 && bonds !== undefined) {
    throw new ParameterError("molecule", `${name}, drawn in the plane`, "a geometry in ångström");
  }
}

/** Dense layers with CELU between them. */
function passed(layers: readonly DenseLayer[], input: Float64Array): number {
  let values = input;
  layers.forEach(({ inputs, outputs, weights, bias }, index) => {
    const next = Float64Array.from(bias);
    for (let to = 0; to < outputs; to++) {
      let sum = next[to]!;
      for (let from = 0; from < inputs; from++) sum += weights[to * inputs + from]! * values[from]!;
      next[to] = index === layers.length - 1 || sum > 0 ? sum : ALPHA * Math.expm1(sum / ALPHA);
    }
    values = next;
  });
  return values[0]!;
}
