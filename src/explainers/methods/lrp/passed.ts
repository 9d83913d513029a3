import type { Tensor } from "@tensorflow/tfjs-core";
import type { Term } from "./rule.js";

/** What a layer without weights does with the relevance `R` at its output. */
export interface Passed {
  readonly inputs: (Tensor | null)[];
  readonly terms: readonly Term[];
  /** Whether all of `R` is in `inputs` by construction. */
  readonly whole: boolean;
}
