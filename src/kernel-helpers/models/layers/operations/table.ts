import * as tf from "@tensorflow/tfjs-core";
import { activate } from "../activation/class.js";
import { softmaxOver } from "../attention/attend.js";
import { einsum } from "../einsum.js";
import { interpolations } from "../resampling/matrices.js";
import { resize } from "../resampling/resize.js";
import { getItem } from "./get-item.js";
import { type Arguments, axesOf, axisOf, conditionOf, tensorOf } from "./values.js";

/** An operation of Keras 3: how its call's arguments are called in order, and what it computes from them and its settings. */
export interface Operation {
  parameters: readonly string[];
  /** Its settings; one that is not among them, and is set, is refused. */
  settings?: readonly string[];
  /** Whether it can be computed with such settings; unsaid, with all. */
  accepts?(given: Arguments): boolean;
  compute(given: Arguments): tf.Tensor | tf.Tensor[];
}

const unary = (
  f: (x: tf.Tensor, given: Arguments) => tf.Tensor | tf.Tensor[],
  settings: readonly string[] = [],
  accepts?: (given: Arguments) => boolean,
): Operation => ({
  parameters: ["x"],
  settings,
  ...(accepts && { accepts }),
  compute: (given) => f(tensorOf(given["x"]), given),
});

const binary = (f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Operation => ({
  parameters: ["x1", "x2"],
  compute: ({ x1, x2 }) => f(tensorOf(x1), tensorOf(x2)),
});

const reduction = (f: (x: tf.Tensor, axes: number[] | undefined, keep: boolean) => tf.Tensor): Operation =>
  unary((x, { axis, keepdims }) => f(x, axesOf(axis, x.rank), Boolean(keepdims)), ["axis", "keepdims"]);

/** Over several tensors that are given as one list. */
const joining = (f: (tensors: tf.Tensor[], given: Arguments) => tf.Tensor): Operation => ({
  parameters: ["xs"],
  settings: ["axis"],
  compute: (given) => f([given["xs"]].flat().map(tensorOf), given),
});

const activation = (name: string, settings: { [ours: string]: string } = {}): Operation =>
  unary((x, given) => {
    const config = Object.fromEntries(
      Object.entries(settings).flatMap(([ours, keras]) => (given[keras] === undefined ? [] : [[ours, given[keras]]])),
    );
    return activate({ className: name, config }, x);
  }, Object.values(settings));

/** The settings that all Keras' axes-moving operations share. */
const moved = (x: tf.Tensor, from: unknown, to: unknown): tf.Tensor => {
  const [sources, goals] = [axesOf(from, x.rank)!, axesOf(to, x.rank)!];
  const order = x.shape.map((_, axis) => axis).filter((axis) => !sources.includes(axis));
  for (const [goal, source] of goals
    .map((goal, index) => [goal, sources[index]!] as const)
    .sort((a, b) => a[0] - b[0])) {
    order.splice(goal, 0, source);
  }
  return tf.transpose(x, order);
};

/** Softmax over one axis or several. */
const softmax = (x: tf.Tensor, axis: unknown): tf.Tensor => {
  const axes = axesOf(axis ?? -1, x.rank)!;
  const order = [...x.shape.map((_, index) => index).filter((index) => !axes.includes(index)), ...axes];
  if (order.every((from, to) => from === to)) return softmaxOver(x, axes.length);
  const back = order.map((_, index) => order.indexOf(index));
  return tf.transpose(softmaxOver(tf.transpose(x, order), axes.length), back);
};

const variance = (x: tf.Tensor, axes: number[] | undefined, keep: boolean): tf.Tensor =>
  tf.mean(tf.square(tf.sub(x, tf.mean(x, axes, true))), axes, keep);

/** The batch's size may vary; sizes that the file states for one batch do not hold for the next. */
const reshaped = (x: tf.Tensor, shape: unknown): tf.Tensor => {
  const sizes = ([shape].flat() as (number | null)[]).map((size) => size ?? -1);
  return tf.reshape(x, sizes.filter((size) => size < 0).length > 1 ? [x.shape[0]!, ...sizes.slice(1)] : sizes);
};

function split(x: tf.Tensor, sections: unknown, along: unknown): tf.Tensor[] {
  const axis = axisOf(along ?? 0, x.rank);
  if (!Array.isArray(sections)) return tf.split(x, sections as number, axis);
  const ends = [...(sections as number[]), x.shape[axis]!];
  return tf.split(
    x,
    ends.map((end, index) => end - (ends[index - 1] ?? 0)),
    axis,
  );
}

function padded(x: tf.Tensor, given: Arguments): tf.Tensor {
  const width = given["pad_width"] as number | number[] | number[][];
  const pairs = x.shape.map((_, axis) => {
    if (typeof width === "number") return [width, width];
    const of = (width[axis] ?? width[0]) as number | number[];
    if (typeof of === "number") return width.length === 1 ? [of, of] : (width as number[]);
    return of.length === 1 ? [of[0]!, of[0]!] : of;
  }) as [number, number][];
  const mode = ((given["mode"] as string | undefined) ?? "constant").toLowerCase();
  if (mode === "constant") return tf.pad(x, pairs, Number(given["constant_values"] ?? 0));
  return tf.mirrorPad(x, pairs, mode as "reflect" | "symmetric");
}

function repeated(x: tf.Tensor, repeats: number, along: unknown): tf.Tensor {
  const line = along === null || along === undefined ? tf.reshape(x, [-1]) : x;
  const axis = along === null || along === undefined ? 0 : axisOf(along, x.rank);
  if (repeats === 1) return line;
  const copies = tf.concat(Array<tf.Tensor>(repeats).fill(tf.expandDims(line, axis + 1)), axis + 1);
  return tf.reshape(copies, line.shape.with(axis, line.shape[axis]! * repeats));
}

function rolled(x: tf.Tensor, shift: number, along: unknown): tf.Tensor {
  const axis = axisOf(along, x.rank);
  const size = x.shape[axis]!;
  const by = ((shift % size) + size) % size;
  if (by === 0) return tf.clone(x);
  const [front, back] = tf.split(x, [size - by, by], axis) as [tf.Tensor, tf.Tensor];
  return tf.concat([back, front], axis);
}

const norm = (x: tf.Tensor, { ord, axis, keepdims }: Arguments): tf.Tensor => {
  const axes = axesOf(axis, x.rank);
  if (ord === 1) return tf.sum(tf.abs(x), axes, Boolean(keepdims));
  return tf.sqrt(tf.sum(tf.square(x), axes, Boolean(keepdims)));
};

const unit = (x: tf.Tensor, axis: unknown, epsilon: number): tf.Tensor =>
  tf.mul(x, tf.rsqrt(tf.maximum(tf.sum(tf.square(x), axesOf(axis, x.rank), true), epsilon)));

const identity = unary((x) => tf.clone(x));

/** Operations of Keras 3 by the name of their class. What is not here is refused. */
export const operations: { readonly [name: string]: Operation } = {
  // Entry by entry
  Absolute: unary(tf.abs),
  Abs: unary(tf.abs),
  Negative: unary(tf.neg),
  Exp: unary(tf.exp),
  Exp2: unary((x) => tf.exp(tf.mul(x, Math.LN2))),
  Expm1: unary(tf.expm1),
  Log: unary(tf.log),
  Log1p: unary(tf.log1p),
  Log2: unary((x) => tf.mul(tf.log(x), Math.LOG2E)),
  Log10: unary((x) => tf.mul(tf.log(x), Math.LOG10E)),
  Sqrt: unary(tf.sqrt),
  Rsqrt: unary(tf.rsqrt),
  Square: unary(tf.square),
  Reciprocal: unary((x) => tf.div(1, x)),
  Sin: unary(tf.sin),
  Cos: unary(tf.cos),
  Tanh: unary(tf.tanh),
  Erf: unary(tf.erf),
  Sign: unary(tf.sign),
  Copy: identity,
  StopGradient: identity,
  Cast: unary(
    (x, { dtype }) =>
      /int|bool/.test(String(dtype)) ? tf.cast(tf.cast(x, "int32"), "float32") : tf.cast(x, "float32"),
    ["dtype"],
    ({ dtype }) => /^(float|bfloat)/.test(String(dtype)),
  ),
  ConvertToTensor: identity,
  Clip: unary(
    (x, given) => tf.clipByValue(x, given["x_min"] as number, given["x_max"] as number),
    ["x_min", "x_max"],
    ({ x_min: low, x_max: high }) => typeof low === "number" && typeof high === "number",
  ),

  // Activations
  Relu: unary(tf.relu),
  Relu6: unary((x) => tf.relu6(x)),
  Sigmoid: unary(tf.sigmoid),
  Softplus: unary(tf.softplus),
  Softsign: activation("softsign"),
  Silu: activation("swish"),
  Selu: unary(tf.selu),
  Elu: activation("scaledElu", { alpha: "alpha" }),
  Celu: activation("celu", { alpha: "alpha" }),
  Gelu: unary(
    (x, { approximate }) => activate({ className: "kerasGelu", config: { approximate: approximate ?? true } }, x),
    ["approximate"],
  ),
  /** TensorFlow's, which is exact unless it is told otherwise. */
  GeluExact: unary(
    (x, { approximate }) => activate({ className: "kerasGelu", config: { approximate: approximate ?? false } }, x),
    ["approximate"],
  ),
  LeakyRelu: activation("leakyRelu", { negativeSlope: "negative_slope" }),
  HardSigmoid: activation("keras3HardSigmoid"),
  HardSilu: activation("hardSilu"),
  HardTanh: activation("hardTanh"),
  HardShrink: activation("hardShrink", { threshold: "threshold" }),
  SoftShrink: activation("softShrink", { threshold: "threshold" }),
  TanhShrink: activation("tanhShrink"),
  LogSigmoid: activation("logSigmoid"),
  SparsePlus: activation("sparsePlus"),
  SparseSigmoid: activation("sparseSigmoid"),
  Squareplus: activation("squareplus", { b: "b" }),
  Softmax: unary((x, { axis }) => softmax(x, axis), ["axis"]),
  LogSoftmax: unary((x, { axis }) => tf.sub(x, tf.logSumExp(x, axesOf(axis ?? -1, x.rank), true)), ["axis"]),

  // Between two
  Add: binary(tf.add),
  Subtract: binary(tf.sub),
  Multiply: binary(tf.mul),
  Divide: binary(tf.div),
  TrueDivide: binary(tf.div),
  DivideNoNan: binary(tf.divNoNan),
  Maximum: binary(tf.maximum),
  Minimum: binary(tf.minimum),
  Power: {
    parameters: ["x1", "x2"],
    compute({ x1, x2 }) {
      const x = tensorOf(x1);
      if (x2 === 2) return tf.square(x);
      if (x2 === 0.5) return tf.sqrt(x);
      if (x2 === 1) return tf.clone(x);
      return tf.pow(x, tensorOf(x2));
    },
  },
  Matmul: {
    parameters: ["x1", "x2"],
    settings: ["transpose_a", "transpose_b"],
    compute: ({ x1, x2, transpose_a: a, transpose_b: b }) =>
      tf.matMul(tensorOf(x1), tensorOf(x2), Boolean(a), Boolean(b)),
  },
  Greater: binary((a, b) => tf.greater(a, b)),
  GreaterEqual: binary((a, b) => tf.greaterEqual(a, b)),
  Less: binary((a, b) => tf.less(a, b)),
  LessEqual: binary((a, b) => tf.lessEqual(a, b)),
  Equal: binary((a, b) => tf.equal(a, b)),
  NotEqual: binary((a, b) => tf.notEqual(a, b)),
  LogicalAnd: { parameters: ["x1", "x2"], compute: ({ x1, x2 }) => tf.logicalAnd(conditionOf(x1), conditionOf(x2)) },
  LogicalOr: { parameters: ["x1", "x2"], compute: ({ x1, x2 }) => tf.logicalOr(conditionOf(x1), conditionOf(x2)) },
  Any: unary(
    (x, { axis, keepdims }) => tf.any(tf.notEqual(x, 0), axesOf(axis, x.rank), Boolean(keepdims)),
    ["axis", "keepdims"],
  ),
  All: unary(
    (x, { axis, keepdims }) => tf.all(tf.notEqual(x, 0), axesOf(axis, x.rank), Boolean(keepdims)),
    ["axis", "keepdims"],
  ),
  LogicalNot: { parameters: ["x"], compute: ({ x }) => tf.logicalNot(conditionOf(x)) },
  Where: {
    parameters: ["condition", "x1", "x2"],
    compute({ condition, x1, x2 }) {
      const chosen = conditionOf(condition);
      const [a, b] = [tensorOf(x1), tensorOf(x2)];
      const { shape } = tf.add(tf.add(tf.zeros(chosen.shape), tf.zeros(a.shape)), tf.zeros(b.shape));
      const spread = (x: tf.Tensor) => (String(x.shape) === String(shape) ? x : tf.broadcastTo(x, shape));
      return tf.where(tf.cast(spread(tf.cast(chosen, "float32")), "bool"), spread(a), spread(b));
    },
  },

  // Over axes
  Mean: reduction((x, axes, keep) => tf.mean(x, axes, keep)),
  Sum: reduction((x, axes, keep) => tf.sum(x, axes, keep)),
  Max: reduction((x, axes, keep) => tf.max(x, axes, keep)),
  Amax: reduction((x, axes, keep) => tf.max(x, axes, keep)),
  Min: reduction((x, axes, keep) => tf.min(x, axes, keep)),
  Amin: reduction((x, axes, keep) => tf.min(x, axes, keep)),
  Prod: reduction((x, axes, keep) => tf.prod(x, axes, keep)),
  Var: reduction(variance),
  Std: reduction((x, axes, keep) => tf.sqrt(variance(x, axes, keep))),
  Logsumexp: reduction((x, axes, keep) => tf.logSumExp(x, axes, keep)),
  Cumsum: unary(
    (x, { axis }) => tf.cumsum(x, axisOf(axis, x.rank)),
    ["axis"],
    ({ axis }) => typeof axis === "number",
  ),
  Norm: unary(
    norm,
    ["ord", "axis", "keepdims"],
    ({ ord = null, axis }) => [null, 1, 2].includes(ord as null) && [axis].flat().length === 1 && axis !== null,
  ),
  Normalize: unary(
    (x, { axis, epsilon }) => unit(x, axis ?? -1, Number(epsilon ?? 1e-12)),
    ["axis", "order", "epsilon"],
    ({ order = 2 }) => order === 2,
  ),

  // Products
  Einsum: {
    parameters: ["*operands"],
    settings: ["subscripts"],
    compute: (given) => einsum(given["subscripts"] as string, ...(given["operands"] as unknown[]).map(tensorOf)),
  },

  /** TensorFlow's `image.resize`. */
  ResizeImages: unary(
    (x, { size, method }) => resize(x, size as [number, number], String(method ?? "bilinear").toLowerCase()),
    ["size", "method"],
    ({ size, method }) => Array.isArray(size) && interpolations.includes(String(method ?? "bilinear").toLowerCase()),
  ),

  // Shapes
  Reshape: unary((x, { newshape, shape }) => reshaped(x, newshape ?? shape), ["newshape", "shape"]),
  Ravel: unary((x) => tf.reshape(x, [-1])),
  Transpose: unary((x, { axes }) => tf.transpose(x, axesOf(axes, x.rank)), ["axes"]),
  Swapaxes: unary(
    (x, { axis1, axis2 }) => {
      const [a, b] = [axisOf(axis1, x.rank), axisOf(axis2, x.rank)];
      return tf.transpose(
        x,
        x.shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis)),
      );
    },
    ["axis1", "axis2"],
  ),
  Moveaxis: unary((x, { source, destination }) => moved(x, source, destination), ["source", "destination"]),
  ExpandDims: unary(
    (x, { axis }) => {
      const count = [axis].flat().length;
      const axes = axesOf(axis, x.rank + count)!;
      return [...axes].sort((a, b) => a - b).reduce<tf.Tensor>((y, at) => tf.expandDims(y, at), x);
    },
    ["axis"],
  ),
  Squeeze: unary(
    (x, { axis }) => {
      const axes = axesOf(axis, x.rank) ?? x.shape.flatMap((size, at) => (size === 1 && at > 0 ? [at] : []));
      return tf.squeeze(x, axes);
    },
    ["axis"],
  ),
  GetItem: { parameters: ["x", "key"], compute: ({ x, key }) => getItem(tensorOf(x), key) },
  Concatenate: joining((tensors, { axis }) => tf.concat(tensors, axisOf(axis ?? 0, tensors[0]!.rank))),
  Stack: joining((tensors, { axis }) => tf.stack(tensors, axisOf(axis ?? 0, tensors[0]!.rank + 1))),
  Hstack: joining((tensors) => tf.concat(tensors, tensors[0]!.rank === 1 ? 0 : 1)),
  Split: unary((x, given) => split(x, given["indices_or_sections"], given["axis"]), ["indices_or_sections", "axis"]),
  /** TensorFlow's: into a number of equal parts, or into parts of these sizes. */
  SplitSizes: unary(
    (x, { sections, axis }) => tf.split(x, sections as number | number[], axisOf(axis ?? 0, x.rank)),
    ["sections", "axis"],
  ),
  Unstack: unary((x, { axis }) => tf.unstack(x, axisOf(axis ?? 0, x.rank)), ["axis", "num"]),
  Flip: unary((x, { axis }) => tf.reverse(x, axesOf(axis, x.rank)), ["axis"]),
  Roll: unary(
    (x, { shift, axis }) => rolled(x, shift as number, axis),
    ["shift", "axis"],
    ({ shift, axis }) => typeof shift === "number" && typeof axis === "number",
  ),
  Repeat: unary(
    (x, { repeats, axis }) => repeated(x, repeats as number, axis),
    ["repeats", "axis"],
    ({ repeats }) => typeof repeats === "number",
  ),
  Tile: unary(
    (x, { repeats }) => {
      const given = [repeats].flat() as number[];
      return tf.tile(x, [...Array<number>(Math.max(x.rank - given.length, 0)).fill(1), ...given]);
    },
    ["repeats"],
  ),
  Pad: {
    parameters: ["x", "constant_values"],
    settings: ["pad_width", "mode"],
    accepts: ({ mode = "constant" }) => /^(constant|reflect|symmetric)$/i.test(String(mode)),
    compute: (given) => padded(tensorOf(given["x"]), given),
  },
  BroadcastTo: unary(
    (x, { shape }) =>
      tf.broadcastTo(
        x,
        (shape as (number | null)[]).map((size, axis) => size ?? x.shape[axis]!),
      ),
    ["shape"],
  ),
  Take: {
    parameters: ["x", "indices"],
    settings: ["axis"],
    accepts: ({ axis }) => typeof axis === "number",
    compute({ x, indices, axis }) {
      const tensor = tensorOf(x);
      const at = axisOf(axis, tensor.rank);
      const places = tensorOf(indices);
      const size = tensor.shape[at]!;
      const fromFront = tf.where(tf.less(places, 0), tf.add(places, size), places);
      return tf.gather(tensor, tf.cast(fromFront, "int32"), at);
    },
  },
};
