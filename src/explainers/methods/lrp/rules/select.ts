import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { OperationOf } from "../../../network/index.js";
import { type Side, sideOf } from "../../../network/operations/select.js";
import type { Rule } from "../rule.js";

/**
 * `where(condition, t, e)`: entry by entry, all relevance goes to the side that was chosen, as in a winner-take-all pool;
 * the condition gets nothing. A constant side keeps what it was chosen for; with `"distribute"` the other side has it.
 */
export function select(): Rule {
  return {
    name: "select",
    form: "select",
    share({ node, inputs, bias }, R) {
      const operation = node.operation as OperationOf<"select">;
      const names = operation.arguments;
      const isSignal = (side: Side): boolean => names.includes(side);
      const chosen = tf.cast(sideOf(operation, inputs, "condition"), "float32");
      const share = (side: Side, other: Side, factor: Tensor): Tensor | null => {
        if (!isSignal(side)) return null;
        return bias === "distribute" && !isSignal(other) ? tf.clone(R) : tf.mul(R, factor);
      };
      const shares: Record<string, Tensor | null> = {
        t: share("t", "e", chosen),
        e: share("e", "t", tf.sub(1, chosen)),
      };
      const parts = names.map((name) => shares[name] ?? null);
      const isWhole = bias === "distribute" && parts.some((part) => part !== null);
      return isWhole ? { inputs: parts, terms: [] } : { inputs: parts };
    },
  };
}
