import type { Tensor } from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../explainers/errors.js";
import { integratedGradients } from "../../../explainers/methods/gradient/paths/integrated-gradients.js";
import type { ProgressOptions } from "../../../explainers/progress.js";
import type { Molecule } from "../../formats/molecules/molecule.js";
import { loadModel } from "../../models/index.js";
import { tensorflow } from "../../tensorflow/backend.js";
import type { AniNetworks } from "../records/records.js";
import { ALPHA, checkMolecule } from "./ani-energies.js";
import { eachTerm, featureCount, symmetryFunctions } from "./symmetry-functions.js";

/** An energy shared among pairs of atoms, in hartree. */
export interface AniBonds {
  /** Each pair within the networks' sight (5.2 Å), the smaller index first; not only those that are bound. */
  readonly bonds: readonly { readonly from: number; readonly to: number; readonly value: number }[];
  /** What the networks give each atom where it sees no other: what no pair speaks for. */
  readonly alone: Float64Array;
  /** The sum of both: the molecule's energy, but for the error of the integral. */
  readonly total: number;
}

/**
 * The energy of ANI-1x shared among pairs of atoms: integrated gradients from an atom that sees nothing (all symmetry functions 0) to the
 * atom as it stands, shared among the neighbors that each function is the sum of; a term of two neighbors goes half to each. A pair gets what
 * either of its atoms says of the other.
 *
 * @param networks `await loadAniNetworks()`
 * @param molecule as `aniEnergies` takes it
 * @param options `steps` of the integral, default 64; a `signal`, `onProgress`
 * @returns energies in hartree (ωB97X/6-31G*)
 * @throws ParameterError as `aniEnergies`; AbortedError
 * @see M. Sundararajan, A. Taly and Q. Yan, ICML 2017; J. S. Smith, O. Isayev and A. E. Roitberg, Chem. Sci. 8 (2017) 3192
 * @example
 * const { bonds, alone, total } = await aniBonds(networks, methane);
 */
export async function aniBonds(
  networks: AniNetworks,
  molecule: Molecule,
  { steps = 64, onProgress, ...run }: ProgressOptions & { steps?: number } = {},
): Promise<AniBonds> {
  checkMolecule(molecule);
  const { elements } = molecule;
  const tf = await tensorflow();
  const size = featureCount(networks.constants);
  const features = symmetryFunctions(networks.constants, molecule);
  const relevance = features.map(() => new Float32Array(size));
  const alone = new Float64Array(elements.length);
  const kinds = [...new Set(elements)];
  for (const [place, element] of kinds.entries()) {
    const rows = elements.flatMap((one, atom) => (one === element ? [atom] : []));
    const { self } = networks.elements[element]!;
    const model = await loadModel(energyOf(tf, networks, element), { input: { shape: [size] } });
    const flat = new Float32Array(rows.length * size);
    rows.forEach((atom, row) => void flat.set(features[atom]!, row * size));
    const [x, nothing] = [tf.tensor2d(flat, [rows.length, size]), tf.zeros([1, size])];
    try {
      const before = tf.tidy(() => model.predict(nothing)).dataSync()[0]!;
      const shared = await integratedGradients(model, { steps, baseline: 0 })(x, {
        ...run,
        target: 0,
        onProgress: ({ done, total }) => onProgress?.({ done: place * total + done, total: kinds.length * total }),
      });
      rows.forEach((atom, row) => {
        relevance[atom]!.set(shared.relevance.subarray(row * size, (row + 1) * size));
        alone[atom] = self + before;
      });
    } finally {
      tf.dispose([x, nothing]);
      model.dispose();
    }
  }
  const pairs = new Map<string, { from: number; to: number; value: number }>();
  const give = (center: number, other: number, value: number) => {
    const [from, to] = [Math.min(center, other), Math.max(center, other)];
    const pair = pairs.get(`${from} ${to}`);
    if (pair === undefined) pairs.set(`${from} ${to}`, { from, to, value });
    else pair.value += value;
  };
  eachTerm(networks.constants, molecule, (center, feature, value, one, two) => {
    // Terms that are no number of a float32 have no relevance either.
    const whole = features[center]![feature]!;
    const share = whole === 0 ? 0 : (relevance[center]![feature]! * value) / whole;
    give(center, one, two === undefined ? share : share / 2);
    if (two !== undefined) give(center, two, share / 2);
  });
  const bonds = [...pairs.values()].sort((a, b) => a.from - b.from || a.to - b.to);
  const total = alone.reduce((sum, value) => sum + value, 0) + bonds.reduce((sum, { value }) => sum + value, 0);
  if (!Number.isFinite(total)) throw new ParameterError("networks", networks.name, "networks of finite weights");
  return { bonds, alone, total };
}

type Tf = Awaited<ReturnType<typeof tensorflow>>;

/** The ensemble's mean for atoms of one element: symmetry functions `[atoms, features]` to energies `[atoms, 1]`, without the element's own. */
function energyOf(tf: Tf, networks: AniNetworks, element: string): (x: Tensor) => Tensor {
  const members = networks.elements[element]!.members.map((layers) =>
    layers.map(({ inputs, outputs, weights, bias }) => ({
      weights: { values: weights, shape: [outputs, inputs] as [number, number] },
      bias,
    })),
  );
  return (x) =>
    tf.tidy(() => {
      const energies = members.map((layers) =>
        layers.reduce((values, { weights, bias }, index) => {
          const kernel = tf.tensor2d(weights.values, weights.shape);
          const sum = tf.add(tf.matMul(values as never, kernel, false, true), tf.tensor1d(bias));
          // CELU: α (exp(x/α) − 1) below 0.
          return index === layers.length - 1 ? sum : tf.mul(tf.elu(tf.div(sum, ALPHA)), ALPHA);
        }, x),
      );
      return tf.div(tf.addN(energies), energies.length);
    });
}
