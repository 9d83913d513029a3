import { ParameterError } from "../../../errors.js";
import type { Parameter } from "../../../parameters.js";
import { attention } from "./attention.js";
import { deepTaylor } from "./deep-taylor.js";
import { epsilonAlpha2Beta1, epsilonAlpha2Beta1Flat } from "./epsilon-alpha2-beta1.js";
import { epsilonGammaBox } from "./epsilon-gamma-box.js";
import { epsilonPlus, epsilonPlusFlat } from "./epsilon-plus.js";
import { contrastiveExcitationBackprop, excitationBackprop } from "./excitation-backprop.js";
import { overview2019 } from "./overview-2019.js";
import type { Published } from "./published.js";
import { recurrent } from "./recurrent.js";
import { alpha1Beta0, uniform, uniformComposites } from "./uniform.js";

export type { Published } from "./published.js";
export {
  alpha1Beta0,
  attention,
  contrastiveExcitationBackprop,
  deepTaylor,
  epsilonAlpha2Beta1,
  epsilonAlpha2Beta1Flat,
  epsilonGammaBox,
  epsilonPlus,
  epsilonPlusFlat,
  excitationBackprop,
  overview2019,
  recurrent,
  uniform,
};

/** Every published composite, in the order of a list to choose from. */
export const composites: readonly Published[] = [
  epsilonGammaBox,
  epsilonPlus,
  epsilonPlusFlat,
  epsilonAlpha2Beta1,
  epsilonAlpha2Beta1Flat,
  overview2019,
  alpha1Beta0,
  deepTaylor,
  excitationBackprop,
  contrastiveExcitationBackprop,
  ...uniformComposites,
  recurrent,
  attention,
];

/** @throws ParameterError naming the composites there are */
export function findComposite(id: string): Published {
  const found = composites.find((composite) => composite.id === id);
  if (found === undefined) {
    throw ParameterError.notOneOf(
      "composite",
      id,
      composites.map((composite) => composite.id),
    );
  }
  return found;
}

type CompositeParameter = "epsilon" | "gamma" | "alpha" | "biasFactor";

/** The parameters of `composites` together, each left to the composite unless given. */
export function parametersOfComposites(): Readonly<Record<CompositeParameter, Parameter<number | undefined>>> {
  const together: Record<string, Parameter<number | undefined>> = {};
  for (const { id, parameters } of composites) {
    for (const [name, parameter] of Object.entries(parameters)) {
      const users = composites.filter((other) => name in other.parameters).map((other) => other.id);
      together[name] ??= {
        ...(parameter as Parameter<number>),
        description: `${parameter.description.split(" of ")[0]!} of the composite (${users.join(", ")}); by default the composite's own`,
        default: undefined,
      };
      if (together[name].range !== parameter.range) throw new Error(`${id} gives ${name} another range than others do`);
    }
  }
  return together as ReturnType<typeof parametersOfComposites>;
}
