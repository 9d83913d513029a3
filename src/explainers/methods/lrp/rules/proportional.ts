import * as tf from "@tensorflow/tfjs-core";
import type { Operation } from "../../../network/index.js";
import type { Layer } from "../layer.js";
import { checkNumber, type Rule } from "../rule.js";
import { stabilizerOf } from "../stabilizer.js";

/**
 * In proportion to the contributions to a sum or average: `R_i = Σ_j z_ij R_j / (z_j + ε sign z_j)`, `z_j = Σ_i z_ij`, which is
 * the ε-rule with the weights that averages and sums have. A maximum shares as the average of its entries would.
 *
 * @param options.epsilon default 1e-6
 */
export function proportional(options: { epsilon?: number } = {}): Rule {
  const ε = checkNumber("epsilon", options.epsilon ?? 1e-6, 0);
  return {
    name: "proportional",
    parameters: { epsilon: ε },
    zero: "nothing",
    form: "proportional",
    numbers: { epsilon: ε },
    share(layer, R, { epsilon }) {
      const sum = averaging(layer);
      const δ = stabilizerOf(sum.z, epsilon!);
      const s = tf.div(R, tf.add(sum.z, δ));
      const inputs = sum.vjp(s).map((part, index) => tf.mul(part, sum.inputs[index]!));
      return { inputs, terms: [{ s, bias: null, stabilizer: δ }], of: sum };
    },
  };
}

/** The layer, or in place of a maximum or minimum what averages or adds up the same entries. */
function averaging(layer: Layer): Layer {
  const average = averageFor(layer.node.operation);
  return average === undefined ? layer : layer.like({ ...layer.node, operation: average });
}

/** What averages or adds up the entries of which a maximum takes one. */
export function averageFor(operation: Operation): Operation | undefined {
  switch (operation.kind) {
    case "pool":
      return operation.reduce === "max" ? { ...operation, reduce: "average" } : undefined;
    case "pool3d":
      return operation.reduce === "max" ? { ...operation, reduce: "average" } : undefined;
    case "reduce":
      return operation.reduce === "max" || operation.reduce === "min" ? { ...operation, reduce: "mean" } : undefined;
    case "maximum":
    case "minimum":
      return { kind: "sum", signs: [1, 1] };
    default:
      return undefined;
  }
}
