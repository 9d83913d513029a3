import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { OperationOf, Values } from "../../../network/index.js";
import { axesOf } from "../../../network/operations/parts/call.js";
import { type Side, sideOf } from "../../../network/operations/select.js";
import { sameShape, sumTo } from "../../../network/shapes.js";

/*
 * Multipliers of what is flat but where it jumps: conditions, choices by them, roundings. All of them are exact: a jump is
 * shared by whatever made it.
 */

const numbers = (x: Tensor): Tensor => tf.cast(x, "float32");

/** `a / b`, and 0 where b is 0: nothing changed there, and so nothing jumped. */
const slope = (a: Tensor, b: Tensor): Tensor => tf.divNoNan(a, b);

/** Of `a` and `b` by their values and those at the reference, both broadcast to the output. */
type Pair = (Δy: Tensor, a: Tensor, b: Tensor, a0: Tensor, b0: Tensor) => [Tensor, Tensor];

/** A comparison looks at `a − b` alone: `Δy / Δ(a − b)`. */
const compared: Pair = (Δy, a, b, a0, b0) => {
  const m = slope(Δy, tf.sub(tf.sub(a, b), tf.sub(a0, b0)));
  return [m, tf.neg(m)];
};

/** `a ∧ b = a b` */
const both: Pair = (_, a, b, a0, b0) => [tf.mul(tf.add(b, b0), 0.5), tf.mul(tf.add(a, a0), 0.5)];

/** `a ∨ b = a + b − a b` */
const either: Pair = (Δy, a, b, a0, b0) => both(Δy, a, b, a0, b0).map((m) => tf.sub(1, m)) as [Tensor, Tensor];

const pairs: Readonly<Record<string, Pair>> = {
  Greater: compared,
  GreaterEqual: compared,
  Less: compared,
  LessEqual: compared,
  Equal: compared,
  NotEqual: compared,
  LogicalAnd: both,
  LogicalOr: either,
};

/** Kernels with one number in and one out, entry by entry. */
const single: ReadonlySet<string> = new Set([
  ...["LogicalNot", "Floor", "Ceil", "Round", "Sign", "IsNan", "IsInf", "IsFinite"],
  ...["Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh"],
]);

/** Kernels of two entries that have no multipliers where both are computed. */
const entrywise: ReadonlySet<string> = new Set(["FloorDiv", "Mod", "Pow", "Atan2", "LogicalXor"]);

/** Multipliers at the inputs of a kernel of no kind of its own; `undefined` where it has none. */
export function stepped(
  operation: OperationOf<"unknown">,
  m: Tensor,
  values: Values,
  there: Values,
): Tensor[] | undefined {
  const { kernel, constants, arguments: names } = operation;
  const Δy = tf.sub(numbers(values.output), numbers(there.output));
  if (single.has(kernel)) {
    const [x, x0] = [numbers(values.inputs[0]!), numbers(there.inputs[0]!)];
    return [tf.mul(m, slope(Δy, tf.sub(x, x0)))];
  }
  // Of two entries one of which is constant, the other one has all.
  if (names.length === 1 && entrywise.has(kernel) && sameShape(values.inputs[0]!.shape, values.output.shape)) {
    return [tf.mul(m, slope(Δy, tf.sub(numbers(values.inputs[0]!), numbers(there.inputs[0]!))))];
  }
  if (kernel === "Any" || kernel === "All") return [extreme(m, Δy, operation, values, there)];
  const pair = pairs[kernel];
  if (pair === undefined) return undefined;
  const at = (name: string, { inputs }: Values): Tensor =>
    numbers(names.includes(name) ? inputs[names.indexOf(name)]! : constants[name]!);
  const [a, b] = pair(Δy, at("a", values), at("b", values), at("a", there), at("b", there));
  return names.map((name, index) => sumTo(tf.mul(m, name === "a" ? a : b), values.inputs[index]!.shape));
}

/** Whether any, or all, of some entries hold: a change is due to the entries that changed the same way, in equal parts. */
function extreme(m: Tensor, Δy: Tensor, { attributes }: OperationOf<"unknown">, { inputs }: Values, there: Values) {
  const [x, x0] = [numbers(inputs[0]!), numbers(there.inputs[0]!)];
  const axes = axesOf(attributes["axis"], x.rank);
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const [sent, jump] = [tf.reshape(m, kept), tf.reshape(Δy, kept)];
  const alike = numbers(tf.greater(tf.mul(tf.sub(x, x0), jump), 0));
  return tf.mul(tf.divNoNan(alike, tf.sum(alike, axes, true)), sent);
}

/**
 * `where(c, t, e) = c t + (1 − c) e`, products by halves: what was chosen both times has its own difference; a change of the
 * choice itself counts with the mean of `t − e`.
 */
export function choice(operation: OperationOf<"select">, m: Tensor, values: Values, there: Values): Tensor[] {
  const of = (side: Side, { inputs }: Values): Tensor => numbers(sideOf(operation, inputs, side));
  const [chosen, before] = [of("condition", values), of("condition", there)];
  const c = tf.mul(tf.add(chosen, before), 0.5);
  const sides = {
    // Where the choice is the same, sides may be infinite, as masked scores are.
    condition: () => {
      const gap = tf.sub(tf.add(of("t", values), of("t", there)), tf.add(of("e", values), of("e", there)));
      return tf.where(tf.equal(chosen, before), tf.zerosLike(gap), tf.mul(gap, 0.5));
    },
    t: () => c,
    e: () => tf.sub(1, c),
  };
  return operation.arguments.map((side, index) => sumTo(tf.mul(m, sides[side]()), values.inputs[index]!.shape));
}
