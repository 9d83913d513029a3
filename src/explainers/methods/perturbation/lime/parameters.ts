import { choice, real, type ValuesOf, whole } from "../../../parameters.js";

/** The parameters of the linear model that stands for a network near one sample; its words are the authors' package's. */
export const surrogateParameters = {
  surrogate: choice(["ridge", "lasso", "leastSquares"], "ridge", "The linear model", {
    notes: { leastSquares: { label: "least squares" } },
  }),
  alpha: real(undefined, "Penalty of the linear model; by default 1 for ridge, 0.01 for the lasso", {
    least: 0,
    label: "Penalty",
    minor: true,
  }),
  featureSelection: choice(
    ["auto", "none", "forward_selection", "highest_weights", "lasso_path"],
    "auto",
    "How features are chosen where there are more than numFeatures",
    {
      label: "Selection",
      minor: true,
      notes: {
        forward_selection: { label: "forward selection" },
        highest_weights: { label: "highest weights" },
        lasso_path: { label: "lasso path" },
      },
    },
  ),
  numFeatures: whole(undefined, "How many features the linear model may use; by default all", {
    least: 1,
    label: "Use at most",
    minor: true,
  }),
};

export type SurrogateValues = ValuesOf<typeof surrogateParameters>;
