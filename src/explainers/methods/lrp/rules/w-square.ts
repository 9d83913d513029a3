import * as tf from "@tensorflow/tfjs-core";
import { checkBias, checkNumber, type Rule, type RuleOptions } from "../rule.js";

/** w²: `R_i = Σ_j w_ij² / Σ_i w_ij² R_j`, whatever the input. Montavon et al. 2017, eq. 12. */
export function wSquare(options: RuleOptions & { epsilon?: number } = {}): Rule {
  const ε = checkNumber("epsilon", options.epsilon ?? 1e-6, 0);
  return {
    name: "wSquare",
    parameters: { epsilon: ε },
    bias: checkBias(options.bias),
    weighted: true,
    form: `wSquare ${ε}`,
    share(layer, R) {
      const { a, b, wSquare: w2, usesBias } = layer;
      const shape = [1, ...a.shape.slice(1)];
      const linear = layer.constant(`square ${shape}`, () => w2.forward(tf.ones(shape)));
      const offset = layer.offset("square", (b) => tf.square(b), ε);
      const s = tf.div(R, tf.add(linear, offset));
      const bias = b !== null && usesBias ? layer.constant("square bias", () => tf.square(b)) : null;
      return { inputs: w2.vjp(s, a.shape), terms: [{ s, bias, stabilizer: ε }] };
    },
  };
}

/** Flat: `R_i = Σ_j R_j / (number of inputs of j)`. Lapuschkin et al. 2019. */
export function flat(options: RuleOptions & { epsilon?: number } = {}): Rule {
  const ε = checkNumber("epsilon", options.epsilon ?? 1e-6, 0);
  return {
    name: "flat",
    parameters: { epsilon: ε },
    bias: checkBias(options.bias),
    weighted: true,
    form: `flat ${ε}`,
    share(layer, R) {
      const { a, one } = layer;
      const shape = [1, ...a.shape.slice(1)];
      const linear = layer.constant(`flat ${shape}`, () => one.forward(tf.ones(shape)));
      const s = tf.div(R, tf.add(linear, ε));
      return { inputs: one.vjp(s, a.shape), terms: [{ s, bias: null, stabilizer: ε }] };
    },
  };
}
