import * as tf from "@tensorflow/tfjs-core";
import { nodesOfConditions } from "../../../network/conditions.js";
import { checkNumber, type Rule } from "../rule.js";
import { stabilizerOf } from "../stabilizer.js";

/**
 * A product of two matrices that both depend on the input, `z = A B`, half to each: `R_A = A ∘ (R / (2z + ε)) Bᵀ`. AttnLRP
 * (Achtibat et al. 2024), eq. 14. Where one of them is made of a mask alone, the other has all.
 *
 * @param options.epsilon default 1e-6
 */
export function bilinear(options: { epsilon?: number } = {}): Rule {
  const ε = checkNumber("epsilon", options.epsilon ?? 1e-6, 0);
  return {
    name: "bilinear",
    parameters: { epsilon: ε },
    form: "bilinear",
    numbers: { epsilon: ε },
    share(layer, R, { epsilon }) {
      const silent = nodesOfConditions(layer.graph);
      const isMasked = layer.node.inputs.some((id) => silent.has(id));
      const δ = stabilizerOf(layer.z, epsilon!);
      const s = tf.div(R, tf.add(isMasked ? layer.z : tf.mul(layer.z, 2), δ));
      const inputs = layer.vjp(s).map((part, index) => tf.mul(layer.inputs[index]!, part));
      const parts = inputs.map((part, index) => (isMasked && silent.has(layer.node.inputs[index]!) ? null : part));
      return { inputs: parts, terms: [{ s, bias: null, stabilizer: δ }] };
    },
  };
}
