import type { Family } from "./method.js";

/** What the methods of a family have in common. */
export interface FamilyEntry {
  readonly title: string;
  /** What they look at, and how many passes that takes. */
  readonly about: string;
}

/** In the order of a list to choose from. */
export const families: Readonly<Record<Family, FamilyEntry>> = {
  propagation: {
    title: "Relevance propagation",
    about:
      "One forward and one backward pass. The output is sent back through the layers by rules; the result says for every layer " +
      "what came in, what went out and what biases kept.",
  },
  gradient: {
    title: "Gradients",
    about:
      "Derivatives of the output: at the input, along a path, around it, or at a layer. One to some dozens of passes.",
  },
  patterns: {
    title: "Patterns",
    about: "Backward passes with patterns of signal that were fitted to data, in place of weights.",
  },
  perturbation: {
    title: "Perturbation",
    about:
      "Only inputs and outputs are looked at, so any function of tensors can be explained; hundreds to thousands of passes.",
  },
};
