import * as tf from "@tensorflow/tfjs-core";
import type { Typed } from "./parts/attributes.js";
import type { Made } from "./parts/call.js";
import type { Kind } from "./parts/kind.js";
import { type KernelCall, runKernel, taped } from "./parts/run-kernel.js";

/** Anything else: it can be run again and differentiated by TensorFlow.js, but rules do not know it. */
export interface Unknown extends KernelCall {
  readonly kind: "unknown";
  /** Which of the kernel's outputs this node is. */
  readonly output: number;
}

/** Kernels whose outputs are true or false, and so have no slope. */
const conditions: ReadonlySet<string> = new Set([
  "Equal",
  "NotEqual",
  "Less",
  "LessEqual",
  "Greater",
  "GreaterEqual",
  "LogicalAnd",
  "LogicalOr",
  "LogicalNot",
  "Any",
  "All",
]);

/** Whether something was made by a kernel of which no more is known. */
export const isKernel = ({ operation }: Pick<Made, "operation">, kernel: string): boolean =>
  isUnknown(operation) && operation.kernel === kernel;

const isUnknown = (operation: Typed): operation is Unknown => operation.kind === "unknown";

/** Comes last in the list of kinds: it takes what no other has taken. */
export const unknown: Kind<Unknown> = {
  kind: "unknown",
  translate: {},
  forward: (operation, inputs) => runKernel(operation, inputs)[operation.output]!,
  vjp(operation, dy, { inputs }, { name }) {
    if (conditions.has(operation.kernel)) return inputs.map((input) => tf.zeros(input.shape));
    return taped(name, operation.kernel, inputs, dy, (given) => runKernel(operation, given)[operation.output]!);
  },
  facts: ({ kernel }) => ({ gates: conditions.has(kernel) ? "always" : undefined }),
  relevance: () => "unknown",
};
