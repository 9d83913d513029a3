import { composites, explainTop } from "../lrp/composites.js";
import type { ExplainerCase } from "./case.js";

/** LRP's composites at batch 1; `npm run bench -- lrp` has more batches and models. */
export const lrpCases: readonly ExplainerCase[] = Object.keys(composites).map((name) => ({
  name,
  peer: "zennit",
  request: {},
  run: (model, x) => explainTop(model, name, x),
}));
