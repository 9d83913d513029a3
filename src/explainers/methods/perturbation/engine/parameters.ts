import { whole } from "../../../parameters.js";
import { type NamedReference, reference } from "../../reference.js";
import { DEFAULT_MEMORY_BUDGET } from "./batches.js";

export const memoryBudget = whole(
  DEFAULT_MEMORY_BUDGET,
  "What perturbed inputs and their activations may take at once",
  { least: 1, unit: "bytes", label: "Memory", minor: true },
);

/** The parameter that says what stands for what is taken away. */
export const hidden = (initial: NamedReference) => reference(initial, "What shows in the place of what is taken away");
