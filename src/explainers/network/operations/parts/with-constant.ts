import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Typed } from "./attributes.js";
import type { Call, Made } from "./call.js";

/** Entry by entry with a constant on one side (`a` or `b`), which must not enlarge the other. */
export function withConstant(
  call: Call,
  build: (x: Made, constant: Tensor, constantFirst: boolean) => Typed | undefined,
): Made[] | undefined {
  const [a, b] = [call.constant("a"), call.constant("b")];
  const constant = a ?? b;
  const x = call.input(a === undefined ? "a" : "b");
  if (constant === undefined || x === undefined) return undefined;
  const operation = build(x, oneRow(constant, x), a !== undefined);
  return operation && [call.make(operation, [x])];
}

/** A constant that was made for the traced batch, such as a cell's initial state, as one row where all rows are alike. */
export function oneRow(constant: Tensor, { shape }: Pick<Made, "shape">): Tensor {
  const rows = constant.shape[0];
  if (rows === undefined || rows === 1 || constant.rank !== shape.length || rows !== shape[0]) return constant;
  const first = tf.slice(constant, 0, 1);
  return tf.all(tf.equal(constant, first)).dataSync()[0] === 1 ? first : constant;
}
