import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { sumTo } from "../shapes.js";
import type { Kind } from "./parts/kind.js";
import { oneRow } from "./parts/with-constant.js";

const sides = ["condition", "t", "e"] as const;
export type Side = (typeof sides)[number];

/** `where(condition, t, e)`, entry by entry. */
export interface Select {
  readonly kind: "select";
  /** Which of the three are computed from the model's input, in the order of the node's inputs. */
  readonly arguments: readonly Side[];
  /** The others. */
  readonly constants: Readonly<Partial<Record<Side, Tensor>>>;
}

/** One of the three. */
export const sideOf = ({ arguments: names, constants }: Select, inputs: readonly Tensor[], side: Side): Tensor =>
  names.includes(side) ? inputs[names.indexOf(side)]! : constants[side]!;

export const select: Kind<Select> = {
  kind: "select",
  translate: {
    Select: (call) => {
      const constants = Object.fromEntries(
        Object.entries(call.constants).map(([side, constant]) => [side, oneRow(constant, call.outputs[0]!)]),
      );
      const operation: Select = { kind: "select", arguments: call.inputNames as Side[], constants };
      return [call.make(operation)];
    },
  },
  forward: (operation, inputs) => {
    const [condition, t, e] = sides.map((side) => sideOf(operation, inputs, side)) as [Tensor, Tensor, Tensor];
    return tf.where(condition, t, e);
  },
  vjp(operation, dy, { inputs }) {
    const chosen = tf.cast(sideOf(operation, inputs, "condition"), "float32");
    const factors = { condition: 0, t: chosen, e: tf.sub(1, chosen) };
    return operation.arguments.map((side, index) => sumTo(tf.mul(dy, factors[side]), inputs[index]!.shape));
  },
  facts: ({ arguments: names }) => ({
    // A choice between constants.
    gates: names.length === 1 && names[0] === "condition" ? "always" : undefined,
  }),
  relevance: () => "select",
};
