import { epsilon, flat, zPlus } from "../rules/index.js";
import { anyInput, convolutions, epsilonOf, published, settingsOfEpsilon } from "./published.js";

const reference = "Kohlbrenner et al. 2020, IJCNN";

/** ε for dense layers, z⁺ for convolutions. */
export const epsilonPlus = published({
  id: "epsilon-plus",
  name: "ε-plus",
  rules: "dense ε, convolutions z⁺",
  description: "Convolutions pass on only what speaks for their output: no evidence against survives them",
  reference,
  inputs: anyInput,
  parameters: { epsilon: epsilonOf(1e-6, "the dense layers") },
  settings: settingsOfEpsilon,
  make: ({ epsilon: ε, bias, stabilizer, guard }) => ({
    bias,
    guard,
    byKind: convolutions(zPlus({ bias, epsilon: guard })),
    otherwise: epsilon({ epsilon: ε, bias, stabilizer }),
  }),
});

/** ε for dense layers, z⁺ for convolutions, flat for the first layer. */
export const epsilonPlusFlat = published({
  id: "epsilon-plus-flat",
  name: "ε-plus-flat",
  rules: "ε-plus, pixels evenly",
  description: "As ε-plus; the first layer shares evenly among its pixels: smooth maps",
  reference,
  inputs: anyInput,
  parameters: epsilonPlus.parameters,
  settings: settingsOfEpsilon,
  make: (values) => ({
    first: flat({ bias: values.bias, epsilon: values.guard }),
    bias: values.bias,
    otherwise: epsilonPlus(values),
  }),
});
