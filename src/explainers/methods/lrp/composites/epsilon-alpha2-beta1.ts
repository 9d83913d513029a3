import { alphaBeta, epsilon, flat } from "../rules/index.js";
import { anyInput, convolutions, epsilonOf, published, settingsOfEpsilon } from "./published.js";

/** ε for dense layers, α2β1 for convolutions. */
export const epsilonAlpha2Beta1 = published({
  id: "epsilon-alpha2-beta1",
  name: "ε-α2β1",
  rules: "dense ε, convolutions α2β1",
  description: "Twice what speaks for, minus once what speaks against: shows evidence of both signs",
  reference: "Lapuschkin et al. 2017, ICCV workshop; Kohlbrenner et al. 2020, IJCNN",
  inputs: anyInput,
  parameters: { epsilon: epsilonOf(1e-6, "the dense layers") },
  settings: settingsOfEpsilon,
  make: ({ epsilon: ε, bias, stabilizer, guard }) => ({
    bias,
    guard,
    byKind: convolutions(alphaBeta({ bias, epsilon: guard })),
    otherwise: epsilon({ epsilon: ε, bias, stabilizer }),
  }),
});

/** ε for dense layers, α2β1 for convolutions, flat for the first layer. */
export const epsilonAlpha2Beta1Flat = published({
  id: "epsilon-alpha2-beta1-flat",
  name: "ε-α2β1-flat",
  rules: "ε-α2β1, pixels evenly",
  description: "As ε-α2β1; the first layer shares evenly among its pixels",
  reference: "Kohlbrenner et al. 2020, IJCNN",
  inputs: anyInput,
  parameters: epsilonAlpha2Beta1.parameters,
  settings: settingsOfEpsilon,
  make: (values) => ({
    first: flat({ bias: values.bias, epsilon: values.guard }),
    bias: values.bias,
    otherwise: epsilonAlpha2Beta1(values),
  }),
});
