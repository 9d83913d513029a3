import * as tf from "@tensorflow/tfjs-core";
import { UnsupportedOperationError } from "../../../errors.js";
import { nameOf } from "../../../network/index.js";
import { checkNumber, type Rule } from "../rule.js";
import { stabilizerOf } from "../stabilizer.js";

/** Times the derivative, `R_i = Σ_j ∂z_j/∂a_i R_j`, as a gradient goes; relevance is not conserved. */
export function gradient(): Rule {
  return { name: "gradient", zero: "passes", form: "gradient", share: (layer, R) => ({ inputs: layer.vjp(R) }) };
}

/**
 * In proportion to gradient × input, `R_i = a_i Σ_j ∂z_j/∂a_i R_j / (z_j + ε sign z_j)`, for what no other rule covers. What
 * its shares lack of `R` is kept, or with `"distribute"` shared over all inputs of the sample.
 *
 * @param options.epsilon default 1e-6
 */
export function gradientProportional(options: { epsilon?: number } = {}): Rule {
  const ε = checkNumber("epsilon", options.epsilon ?? 1e-6, 0);
  return {
    name: "gradientProportional",
    parameters: { epsilon: ε },
    form: "gradientProportional",
    numbers: { epsilon: ε },
    share(layer, R, { epsilon }) {
      const s = tf.div(R, tf.add(layer.z, stabilizerOf(layer.z, epsilon!)));
      const inputs = layer.vjp(s).map((part, index) => {
        const input = layer.inputs[index]!;
        // A condition or an index has no gradient and gets nothing.
        return input.dtype === "float32" ? tf.mul(part, input) : null;
      });
      return { inputs };
    },
  };
}

/** Refuses the operation by its name and its layer's: what no rule covers, unless the caller says `fallback: "gradient"`. */
export function refuse(): Rule {
  return {
    name: "refuse",
    form: "refuse",
    share({ node: { name, operation } }) {
      throw new UnsupportedOperationError(name, nameOf(operation), "LRP");
    },
  };
}
