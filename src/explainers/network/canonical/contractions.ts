import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Dense } from "../operations/affine/dense.js";
import type { GroupedConv2d } from "../operations/affine/grouped-conv2d.js";
import type { Scale } from "../operations/affine/scale.js";
import type { Matmul } from "../operations/matmul.js";
import type { Call, Made, Translator } from "../operations/parts/call.js";
import {
  diagonalOf,
  einsum,
  type Labelled,
  onTensors,
  ordered,
  type Products,
  prepare,
  shaped,
} from "../operations/parts/einsum.js";
import type { Product } from "../operations/product.js";
import { type Rearrange, reshapeTo } from "../operations/rearrange.js";
import type { Reduce } from "../operations/reduce.js";

const onNodes = (call: Call): Products<Made> => ({
  shapeOf: ({ shape }) => shape,
  transpose(x, permutation) {
    const operation: Rearrange = {
      kind: "rearrange",
      kernel: "Transpose",
      attributes: { perm: [...permutation] },
      constants: {},
    };
    return call.intermediate(
      operation,
      [x],
      permutation.map((axis) => x.shape[axis]!),
    );
  },
  reshape: (x, shape) => call.intermediate(reshapeTo(call, shape), [x], shape),
  sum: (x, axes) =>
    call.intermediate<Reduce>(
      { kind: "reduce", reduce: "sum", axes, keepDims: false },
      [x],
      x.shape.filter((_, axis) => !axes.includes(axis)),
    ),
  diagonal: (x, axes) => scaled(call, x, diagonalOf(x.shape, axes), x.shape),
  matmul: (a, b) =>
    call.intermediate<Matmul>(
      { kind: "matmul", transposeA: false, transposeB: false },
      [a, b],
      [...a.shape.slice(0, -1), b.shape.at(-1)!],
    ),
  multiply: (a, b) =>
    call.intermediate<Product>(
      { kind: "product" },
      [a, b],
      a.shape.map((size, axis) => Math.max(size, b.shape[axis]!)),
    ),
});

const scaled = (call: Call, x: Made, weights: Tensor, shape: readonly number[]): Made =>
  call.intermediate<Scale>({ kind: "scale", weights, bias: null }, [x], shape);

/** `Σ x w` with constant weights: a dense layer, one for each batch label beside each other, or factors. */
function withWeights(call: Call, equation: string, x: Made, weights: Tensor): Made | undefined {
  const on = onNodes(call);
  const ready = prepare(equation, [x, on], [weights, onTensors]);
  if (ready?.second === undefined) return undefined;
  const { first, second, size, output } = ready;
  const { batch, contracted, rows, columns } = ready.roles;
  const sizes = (labels: readonly string[]) => labels.map(size);
  const count = (labels: readonly string[]) => sizes(labels).reduce((product, n) => product * n, 1);
  const finish = (z: Made, labels: readonly string[]) => ordered(on, { x: z, labels }, output);
  // Weights that know samples apart are no layer's.
  if (batch.includes(first.labels[0]!) && call.batch !== 1) return undefined;
  if (contracted.length === 0) return finish(...entrywise(call, on, first, second, columns));
  const w = ordered(onTensors, second, [...contracted, ...batch, ...columns]);
  if (batch.length === 0) {
    const a = ordered(on, first, [...rows, ...contracted]);
    const matrix = tf.reshape(w, [count(contracted), count(columns)]) as Tensor2D;
    const lead = rows.length === 0 ? [1] : sizes(rows);
    const z = call.intermediate<Dense>(
      { kind: "dense", weights: matrix, bias: null },
      [shaped(on, a, [...lead, count(contracted)])],
      [...lead, count(columns)],
    );
    return finish(shaped(on, z, sizes([...rows, ...columns])), [...rows, ...columns]);
  }
  const groups = count(batch);
  const pixels = count(rows);
  const a = ordered(on, first, [...rows, ...batch, ...contracted]);
  const filter = tf.reshape(w, [1, 1, count(contracted), groups * count(columns)]) as Tensor4D;
  const none = [0, 0] as const;
  const window = { size: [1, 1], strides: [1, 1], dilations: [1, 1], padding: [none, none] } as const;
  const z = call.intermediate<GroupedConv2d>(
    { kind: "groupedConv2d", weights: filter, bias: null, window, groups },
    [shaped(on, a, [pixels, 1, 1, groups * count(contracted)])],
    [pixels, 1, 1, groups * count(columns)],
  );
  const labels = [...rows, ...batch, ...columns];
  return finish(shaped(on, z, sizes(labels)), labels);
}

/** Factors of the entries, which come again for every column. */
function entrywise(
  call: Call,
  on: Products<Made>,
  { x, labels }: Labelled<Made>,
  weights: Labelled<Tensor>,
  columns: readonly string[],
): [Made, string[]] {
  const own = labels.filter((label) => weights.labels.includes(label));
  const factors = ordered(onTensors, weights, [...own, ...columns]);
  const wide = columns.map((label) => weights.x.shape[weights.labels.indexOf(label)]!);
  const aligned = [...labels.map((label, axis) => (own.includes(label) ? x.shape[axis]! : 1)), ...wide];
  const a = shaped(on, x, [...x.shape, ...columns.map(() => 1)]);
  return [scaled(call, a, tf.reshape(factors, aligned), [...x.shape, ...wide]), [...labels, ...columns]];
}

const summed = (call: Call, equation: string): Made[] | undefined => {
  const constants = Object.values(call.constants);
  const [first, second] = call.inputs;
  let made: Made | undefined;
  if (constants.length === 0) made = einsum(onNodes(call), equation, first!, second);
  else if (constants.length === 1 && call.inputs.length === 1) {
    const isFirst = call.inputNames[0]! < Object.keys(call.constants)[0]!;
    const [left, right] = equation.split("->");
    const swapped = isFirst ? left! : left!.split(",").reverse().join(",");
    made = withWeights(call, right === undefined ? swapped : `${swapped}->${right}`, first!, constants[0]!);
  }
  if (made === undefined) return undefined;
  // Where nothing is to be done but a step of an earlier kernel.
  return made === first || made === second ? [made] : [call.make(made.operation, made.inputs)];
};

/** Kernels that are several operations one after the other. */
export const contractions: Readonly<Record<string, Translator>> = {
  Einsum: (call) => summed(call, call.attributes["equation"] as string),
  /** A matrix product that is no dense layer: a constant on its left, or one for each head. */
  BatchMatMul(call) {
    const { transposeA, transposeB } = call.attributes;
    if (call.inputs.length !== 1) return undefined;
    return summed(call, `...${transposeA ? "ki" : "ik"},...${transposeB ? "jk" : "kj"}->...ij`);
  },
};
