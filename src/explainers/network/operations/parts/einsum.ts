import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/**
 * What Einstein summation needs of the values that it works on: tensors, or nodes of a graph that is being made.
 */
export interface Algebra<T> {
  shapeOf(x: T): readonly number[];
  transpose(x: T, permutation: readonly number[]): T;
  reshape(x: T, shape: readonly number[]): T;
  sum(x: T, axes: readonly number[]): T;
  /** Keeps the entries at which two axes have the same index, others become 0. */
  diagonal(x: T, axes: readonly [number, number]): T;
}

/** An operand with the label of each of its axes. */
export interface Labelled<T> {
  readonly x: T;
  readonly labels: readonly string[];
}

/** An equation whose labels are one character an axis; those that an ellipsis stands for are numbers, from the last axis on. */
interface Equation {
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/** Reads `"...ij,jk->...ik"` for operands of these ranks; `undefined` where it does not fit them. */
function parse(equation: string, ranks: readonly number[]): Equation | undefined {
  const [left, right] = equation.replaceAll(/\s/g, "").split("->") as [string, string?];
  const terms = left.split(",");
  if (terms.length !== ranks.length) return undefined;
  let most = 0;
  const labelsOf = (term: string, count: number): string[] => {
    most = Math.max(most, count);
    const rest = Array.from({ length: count }, (_, index) => String(count - 1 - index));
    const [before, after] = term.split("...") as [string, string?];
    return after === undefined ? [...before] : [...before, ...rest, ...after];
  };
  const operands = terms.map((term, index) => labelsOf(term, ranks[index]! - term.replace("...", "").length));
  if (operands.some((labels, index) => labels.length !== ranks[index])) return undefined;
  if (right !== undefined) return { operands, output: labelsOf(right, right.includes("...") ? most : 0) };
  // Without an output all labels that stand once, in the order of the alphabet.
  const all = operands.flat();
  const once = [...new Set(all)].filter((label) => /\d/.test(label) || all.indexOf(label) === all.lastIndexOf(label));
  const rest = Array.from({ length: most }, (_, index) => String(most - 1 - index));
  return { operands, output: [...rest, ...once.filter((label) => !/\d/.test(label)).sort()] };
}

/** The roles of the labels of two operands, once those that only one of them has and the output lacks are summed over. */
interface Roles {
  /** In both and the output, in the order of the first. */
  readonly batch: readonly string[];
  /** In both, summed over. */
  readonly contracted: readonly string[];
  /** In the first and the output. */
  readonly rows: readonly string[];
  /** In the second and the output. */
  readonly columns: readonly string[];
}

/** Operands that are ready to be multiplied, and the order that the output's labels are to have. */
export interface Prepared<A, B> {
  readonly first: Labelled<A>;
  /** Absent where there is one operand: the result is the first, transposed. */
  readonly second?: Labelled<B>;
  readonly roles: Roles;
  readonly output: readonly string[];
  readonly size: (label: string) => number;
}

/** Brings the operands of an equation to labels that stand once and are needed; `undefined` where the equation does not fit them. */
export function prepare<A, B>(
  equation: string,
  [first, onFirst]: readonly [A, Algebra<A>],
  second?: readonly [B, Algebra<B>],
): Prepared<A, B> | undefined {
  const shapes = [onFirst.shapeOf(first), ...(second === undefined ? [] : [second[1].shapeOf(second[0])])];
  const read = parse(
    equation,
    shapes.map(({ length }) => length),
  );
  if (read === undefined) return undefined;
  const sizes = new Map<string, number>();
  read.operands.forEach((labels, operand) => {
    labels.forEach((label, axis) => {
      sizes.set(label, Math.max(sizes.get(label) ?? 0, shapes[operand]![axis]!));
    });
  });
  const output = read.output;
  const others = (operand: number): readonly string[] => read.operands[1 - operand] ?? [];
  const needed = (operand: number) => [...output, ...others(operand)];
  const [a, b] = read.operands as [readonly string[], (readonly string[])?];
  // A 1 that is broadcast against the other operand is no axis of its own.
  const isBroadcast = (operand: number) => (label: string, axis: number) =>
    shapes[operand]![axis] === 1 && sizes.get(label) !== 1 && others(operand).includes(label);
  const ready = {
    first: reduced(onFirst, first, a, needed(0), isBroadcast(0)),
    ...(second !== undefined && { second: reduced(second[1], second[0], b!, needed(1), isBroadcast(1)) }),
  };
  const [of1, of2] = [ready.first.labels, ready.second?.labels ?? []];
  const inOutput = (label: string) => output.includes(label);
  const roles: Roles = {
    batch: of1.filter((label) => of2.includes(label) && inOutput(label)),
    contracted: of1.filter((label) => of2.includes(label) && !inOutput(label)),
    rows: of1.filter((label) => !of2.includes(label)),
    columns: of2.filter((label) => !of1.includes(label)),
  };
  return { ...ready, roles, output, size: (label) => sizes.get(label)! };
}

/** Takes diagonals where a label stands twice, and sums over those that nothing needs. */
function reduced<T>(
  algebra: Algebra<T>,
  given: T,
  all: readonly string[],
  needed: readonly string[],
  isBroadcast: (label: string, axis: number) => boolean,
): Labelled<T> {
  let x = given;
  let labels = [...all];
  const dropped = labels.map(isBroadcast);
  for (let axis = labels.length - 1; axis >= 0; axis--) {
    const first = labels.indexOf(labels[axis]!);
    if (first === axis) continue;
    x = algebra.sum(algebra.diagonal(x, [first, axis]), [axis]);
    labels.splice(axis, 1);
    dropped.splice(axis, 1);
  }
  if (dropped.includes(true)) {
    const shape = algebra.shapeOf(x).filter((_, axis) => !dropped[axis]);
    labels = labels.filter((_, axis) => !dropped[axis]);
    x = algebra.reshape(x, shape);
  }
  const unneeded = labels.flatMap((label, axis) => (needed.includes(label) ? [] : [axis]));
  if (unneeded.length > 0) x = algebra.sum(x, unneeded);
  return { x, labels: labels.filter((_, axis) => !unneeded.includes(axis)) };
}

/** An operand with its labels in another order. */
export function ordered<T>(algebra: Algebra<T>, { x, labels }: Labelled<T>, order: readonly string[]): T {
  const permutation = order.map((label) => labels.indexOf(label));
  return permutation.every((axis, index) => axis === index) ? x : algebra.transpose(x, permutation);
}

/** The same in another shape, if it is another one. */
export function shaped<T>(algebra: Algebra<T>, x: T, shape: readonly number[]): T {
  return String(algebra.shapeOf(x)) === String(shape) ? x : algebra.reshape(x, shape);
}

/** How two operands of one sort are multiplied: as matrices, or entry by entry. */
export interface Products<T> extends Algebra<T> {
  /** `[…, rows, k] · […, k, columns]` */
  matmul(a: T, b: T): T;
  multiply(a: T, b: T): T;
}

/** 1 where two axes of `shape` have the same index, broadcast along the others. */
export function diagonalOf(shape: readonly number[], axes: readonly [number, number]): Tensor {
  const size = shape[axes[0]]!;
  return tf.reshape(
    tf.eye(size),
    shape.map((_, axis) => (axes.includes(axis) ? size : 1)),
  );
}

/** Einstein summation in operations that every backend has. */
export const onTensors: Products<Tensor> = {
  shapeOf: ({ shape }) => shape,
  transpose: (x, permutation) => tf.transpose(x, [...permutation]),
  reshape: (x, shape) => tf.reshape(x, [...shape]),
  sum: (x, axes) => tf.sum(x, [...axes]),
  diagonal: (x, axes) => tf.mul(x, diagonalOf(x.shape, axes)),
  matmul: (a, b) => tf.matMul(a, b),
  multiply: (a, b) => tf.mul(a, b),
};

/** Einstein summation of one or two operands; `undefined` where the equation does not fit them. */
export function einsum<T>(on: Products<T>, equation: string, first: T, second?: T): T | undefined {
  const ready = prepare(equation, [first, on], second === undefined ? undefined : [second, on]);
  if (ready === undefined) return undefined;
  const { roles, size, output } = ready;
  const sizes = (labels: readonly string[]) => labels.map(size);
  const count = (labels: readonly string[]) => sizes(labels).reduce((product, n) => product * n, 1);
  if (ready.second === undefined) return ordered(on, ready.first, output);
  const { batch, contracted, rows, columns } = roles;
  const a = ordered(on, ready.first, [...batch, ...rows, ...contracted]);
  const b = ordered(on, ready.second, [...batch, ...contracted, ...columns]);
  const labels = [...batch, ...rows, ...columns];
  if (contracted.length === 0) {
    const ones = (some: readonly string[]) => some.map(() => 1);
    const left = shaped(on, a, [...sizes([...batch, ...rows]), ...ones(columns)]);
    const right = shaped(on, b, [...sizes(batch), ...ones(rows), ...sizes(columns)]);
    return ordered(on, { x: on.multiply(left, right), labels }, output);
  }
  const product = on.matmul(
    shaped(on, a, [...sizes(batch), count(rows), count(contracted)]),
    shaped(on, b, [...sizes(batch), count(contracted), count(columns)]),
  );
  return ordered(on, { x: shaped(on, product, sizes(labels)), labels }, output);
}
