import * as tf from "@tensorflow/tfjs-core";
import { checkBias, checkNumber, type Rule, type RuleOptions } from "../rule.js";
import { type Stabilizer, stabilizerOf } from "../stabilizer.js";

/**
 * LRP-ε: `R_i = a_i Σ_j w_ij R_j / (z_j + ε sign z_j)`; LRP-0 with a vanishing ε. Bach et al. 2015, eq. 58.
 *
 * @param options.epsilon above 0, in units of `z`; default 1e-6
 */
export function epsilon(options: RuleOptions & { epsilon?: number; stabilizer?: Stabilizer } = {}): Rule {
  const ε = checkNumber("epsilon", options.epsilon ?? 1e-6, 0);
  const stabilizer = options.stabilizer ?? "add";
  return {
    name: "epsilon",
    parameters: { epsilon: ε, stabilizer },
    bias: checkBias(options.bias),
    weighted: true,
    zero: "nothing",
    form: `epsilon ${stabilizer}`,
    numbers: { epsilon: ε },
    share({ a, z, w, b, usesBias }, R, { epsilon }) {
      const bias = usesBias ? b : null;
      const zb = b === null || usesBias ? z : tf.sub(z, b);
      const δ = stabilizerOf(zb, epsilon, stabilizer);
      const s = tf.div(R, tf.add(zb, δ));
      return { inputs: tf.mul(a, w.vjp(s, a.shape)), terms: [{ s, bias, stabilizer: δ }] };
    },
  };
}

/** LRP-0: `R_i = a_i Σ_j w_ij R_j / z_j`; the denominator is kept from 0 by 1e-9. Bach et al. 2015, eq. 56. */
export function zero(options: RuleOptions = {}): Rule {
  return { ...epsilon({ ...options, epsilon: 1e-9 }), name: "zero", parameters: {} };
}
