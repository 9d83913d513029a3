import { whole } from "../../../parameters.js";
import { perInput, type Reference, reference } from "../../reference.js";

/** Half of it is for tensors, half for what kernels take beside them. */
export const memoryBudget = whole(256 * 2 ** 20, "What perturbed inputs and their activations may take at once", {
  least: 1,
  unit: "bytes",
  label: "Memory",
  minor: true,
});

/** The parameter that says what stands for what is taken away. */
export const hidden = (initial: Reference) =>
  perInput(reference(initial, "What shows in the place of what is taken away"));

/** How many perturbed inputs: from some to many. */
export const draws = (least: number, step: number, to: number) => ({ least, span: { from: step, to, step } });
