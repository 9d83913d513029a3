import type { Architecture, RandomNetOptions } from "../../../src/explainers/shattering/index.js";

/** A small net of each architecture. */
export const smallNets: { [name in Architecture]: RandomNetOptions } = {
  plain: { architecture: "plain", depth: 3, width: 12, seed: 5 },
  "mean-centered": { architecture: "mean-centered", depth: 4, width: 10, seed: 6 },
  "batch-norm": { architecture: "batch-norm", depth: 4, width: 10, seed: 7 },
  residual: { architecture: "residual", depth: 5, width: 8, beta: 0.5, seed: 8 },
};
