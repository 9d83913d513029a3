import type { Rule } from "../rule.js";

/** Winner takes all: a maximum's (or minimum's) relevance goes to the entry that it is; those that tie share. Bach et al. 2015. */
export function winner(): Rule {
  return {
    name: "winner",
    zero: "passes",
    form: "winner",
    share: (layer, R) => ({ inputs: layer.vjp(R), terms: [] }),
  };
}
