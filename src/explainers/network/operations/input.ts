import type { Kind } from "./parts/kind.js";

/** An input of the model: nodes of this kind are given their values. */
export interface Input {
  readonly kind: "input";
  /** Which of the model's inputs. */
  readonly index: number;
}

export const input: Kind<Input> = {
  kind: "input",
  translate: {},
  forward() {
    throw new Error("input nodes have no forward pass");
  },
  vjp() {
    throw new Error("input nodes have no gradient");
  },
  facts: () => ({}),
  relevance: () => "unknown",
};
