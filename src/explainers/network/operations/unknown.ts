import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { sumTo } from "../shapes.js";
import type { Typed } from "./parts/attributes.js";
import { axesOf, type Made } from "./parts/call.js";
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

/** Kernels that are flat wherever they have a slope; TensorFlow.js differentiates `⌊a / b⌋` as `a / b`. */
const flat: ReadonlySet<string> = new Set([...conditions, "FloorDiv"]);

/** Entrywise kernels whose registered gradients do not sum over what was broadcast. */
const unsummed: ReadonlySet<string> = new Set(["Maximum", "Minimum", "SquaredDifference"]);

/** Whether something was made by a kernel of which no more is known. */
export const isKernel = ({ operation }: Pick<Made, "operation">, kernel: string): boolean =>
  isUnknown(operation) && operation.kernel === kernel;

const isUnknown = (operation: Typed): operation is Unknown => operation.kind === "unknown";

/** Whether a kernel answers yes or no. */
export const isConditionKernel = (kernel: string): boolean => conditions.has(kernel);

/** Whether an operation answers yes or no: no number goes through it. */
export const isCondition = (operation: Typed): boolean => isUnknown(operation) && isConditionKernel(operation.kernel);

/** Registered gradients take an axis for one that is counted from the front. */
function countedFromFront(operation: Unknown, [x]: readonly Tensor[]): Unknown {
  const { axis } = operation.attributes;
  const isNegative = (entry: unknown) => typeof entry === "number" && entry < 0;
  if (!(Array.isArray(axis) ? axis.some(isNegative) : isNegative(axis)) || x === undefined) return operation;
  const axes = axesOf(axis, x.rank);
  return { ...operation, attributes: { ...operation.attributes, axis: Array.isArray(axis) ? axes : axes[0] } };
}

/** Comes last in the list of kinds: it takes what no other has taken. */
export const unknown: Kind<Unknown> = {
  kind: "unknown",
  translate: {},
  forward: (operation, inputs) => runKernel(operation, inputs)[operation.output]!,
  vjp(operation, dy, { inputs }, { name }) {
    if (flat.has(operation.kernel)) return inputs.map((input) => tf.zeros(input.shape));
    const { shape } = dy;
    if (unsummed.has(operation.kernel)) {
      const wide = inputs.map((input) => tf.broadcastTo(input, shape as [number]));
      const parts = taped(name, operation.kernel, wide, dy, (given) => runKernel(operation, given)[operation.output]!);
      return parts.map((part, index) => sumTo(part, inputs[index]!.shape));
    }
    const call = countedFromFront(operation, inputs);
    return taped(name, operation.kernel, inputs, dy, (given) => runKernel(call, given)[operation.output]!);
  },
  facts: ({ kernel }) => ({ gates: conditions.has(kernel) ? "always" : undefined }),
  relevance: () => "unknown",
};
