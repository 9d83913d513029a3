import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { KernelRecord, Trace } from "../capture/record.js";
import type { ActivationFunction, Attributes, Operation } from "../graph.js";
import { poolWindow, windowOf } from "../operations/window.js";
import { sameShape, sizeOf } from "../shapes.js";
import { Draft } from "./draft.js";

/** What a translator sees of a kernel. */
class Call {
  constructor(
    readonly record: KernelRecord,
    readonly trace: Trace,
    readonly draft: (value: number) => Draft,
  ) {}

  get attributes(): Attributes {
    return this.record.attributes;
  }

  /** The drafts of the arguments that depend on the input, in the kernel's order. */
  get inputs(): Draft[] {
    return Object.values(this.record.arguments).flatMap((argument) =>
      "value" in argument ? [this.draft(argument.value)] : [],
    );
  }

  input(name: string): Draft | undefined {
    const argument = this.record.arguments[name];
    return argument !== undefined && "value" in argument ? this.draft(argument.value) : undefined;
  }

  constant(name: string): Tensor | undefined {
    const argument = this.record.arguments[name];
    return argument !== undefined && "constant" in argument ? argument.constant : undefined;
  }

  get constants(): Record<string, Tensor> {
    return Object.fromEntries(
      Object.entries(this.record.arguments).flatMap(([key, argument]) =>
        "constant" in argument ? [[key, argument.constant]] : [],
      ),
    );
  }

  output(index = 0): Tensor {
    return this.trace.values[this.record.outputs[index]!]!;
  }

  make(operation: Operation, inputs: Draft[] = this.inputs, index = 0): Draft[] {
    const value = this.output(index);
    return [new Draft(operation, inputs, this.name, value.shape, value)];
  }

  /** A node that has no value of its own in the trace. */
  intermediate(operation: Operation, inputs: Draft[], shape: readonly number[]): Draft {
    return new Draft(operation, inputs, this.name, shape);
  }

  get name(): string {
    return this.record.name || this.record.kernel;
  }
}

type Translator = (call: Call) => Draft[] | undefined;

/** The nodes of a kernel's outputs, in their order. A kernel nothing is known about becomes an `unknown` node. */
export function translate(record: KernelRecord, trace: Trace, draft: (value: number) => Draft): Draft[] {
  const call = new Call(record, trace, draft);
  return translators[record.kernel]?.(call) ?? unknown(call);
}

const unknown = (call: Call): Draft[] =>
  call.record.outputs.flatMap((_, output) =>
    call.make(
      {
        kind: "unknown",
        kernel: call.record.kernel,
        attributes: call.attributes,
        arguments: Object.entries(call.record.arguments).flatMap(([key, argument]) =>
          "value" in argument ? [key] : [],
        ),
        constants: call.constants,
        output,
      },
      call.inputs,
      output,
    ),
  );

const activation =
  (name: ActivationFunction): Translator =>
  (call) =>
    call.make({ kind: "activation", function: name });

const rearrange: Translator = (call) =>
  call.inputs.length === 1 && Object.keys(call.record.arguments)[0] !== "indices"
    ? call.make({
        kind: "rearrange",
        kernel: call.record.kernel,
        attributes: call.attributes,
        constants: call.constants,
      })
    : undefined;

const numbers = (value: unknown): number[] => (typeof value === "number" ? [value] : [...(value as number[])]);

const axesOf = (value: unknown, rank: number): number[] =>
  (value == null ? Array.from({ length: rank }, (_, axis) => axis) : numbers(value)).map((axis) =>
    axis < 0 ? axis + rank : axis,
  );

const reduce =
  (kind: "max" | "min" | "mean" | "sum", attribute: "axis" | "reductionIndices"): Translator =>
  (call) => {
    const [x] = call.inputs;
    const axes = axesOf(call.attributes[attribute], x!.shape.length);
    const keepDims = call.attributes["keepDims"] === true || call.output().rank === x!.shape.length;
    // Without axes to reduce, the input itself.
    if (axes.length === 0) return [x!];
    return call.make({ kind: "reduce", reduce: kind, axes, keepDims });
  };

/** Entry-by-entry with a constant on one side, which must not enlarge the other. */
const withConstant = (
  call: Call,
  build: (x: Draft, constant: Tensor, constantFirst: boolean) => Operation | undefined,
): Draft[] | undefined => {
  const [a, b] = [call.constant("a"), call.constant("b")];
  const constant = a ?? b;
  const x = call.input(a === undefined ? "a" : "b");
  if (constant === undefined || x === undefined) return undefined;
  const operation = build(x, oneRow(constant, x), a !== undefined);
  return operation && call.make(operation, [x]);
};

/** A constant that was made for the traced batch, such as a cell's initial state, as one row where all rows are alike. */
function oneRow(constant: Tensor, { shape }: Draft): Tensor {
  const rows = constant.shape[0];
  if (rows === undefined || rows === 1 || constant.rank !== shape.length || rows !== shape[0]) return constant;
  const first = tf.slice(constant, 0, 1);
  return tf.all(tf.equal(constant, first)).dataSync()[0] === 1 ? first : constant;
}

const channels = (filter: Tensor): [number, number] => [filter.shape[0]!, filter.shape[1]!];

const isChannelsLast = (call: Call): boolean => (call.attributes["dataFormat"] ?? "NHWC") === "NHWC";

/** A matrix from a constant factor of any rank, if its leading axes are 1. */
function matrixOf(constant: Tensor, transpose: boolean): Tensor2D | undefined {
  if (sizeOf(constant.shape.slice(0, -2)) !== 1) return undefined;
  const matrix = tf.reshape(constant, [constant.shape.at(-2)!, constant.shape.at(-1)!]) as Tensor2D;
  return transpose ? tf.transpose(matrix) : matrix;
}

const translators: Readonly<Record<string, Translator>> = {
  // An alias, but one that a layer may be named after (Dropout, InputLayer).
  Identity: (call) => [call.inputs[0]!],
  Cast: (call) => (call.attributes["dtype"] === call.inputs[0]!.value().dtype ? [call.inputs[0]!] : undefined),

  Conv2D(call) {
    const [x, filter] = [call.input("x"), call.constant("filter")];
    if (x === undefined || filter === undefined || !isChannelsLast(call)) return undefined;
    return call.make(
      {
        kind: "conv2d",
        weights: filter as Tensor4D,
        bias: null,
        window: windowOf(call.attributes, x.shape, channels(filter)),
      },
      [x],
    );
  },
  DepthwiseConv2dNative(call) {
    const [x, filter] = [call.input("x"), call.constant("filter")];
    if (x === undefined || filter === undefined || !isChannelsLast(call)) return undefined;
    return call.make(
      {
        kind: "depthwise",
        weights: filter as Tensor4D,
        bias: null,
        window: windowOf(call.attributes, x.shape, channels(filter)),
      },
      [x],
    );
  },
  Conv2DBackpropInput(call) {
    const [x, filter] = [call.input("dy"), call.constant("filter")];
    if (x === undefined || filter === undefined || !isChannelsLast(call)) return undefined;
    const size = call.output().shape;
    return call.make(
      {
        kind: "conv2dTranspose",
        weights: filter as Tensor4D,
        bias: null,
        window: windowOf(call.attributes, size, channels(filter)),
        size: [size[1]!, size[2]!],
      },
      [x],
    );
  },
  BatchMatMul(call) {
    const { transposeA, transposeB } = call.attributes as { transposeA: boolean; transposeB: boolean };
    const weights = call.constant("b");
    const a = call.input("a");
    if (a !== undefined && weights !== undefined && !transposeA) {
      const matrix = matrixOf(weights, transposeB);
      if (matrix !== undefined) return call.make({ kind: "dense", weights: matrix, bias: null }, [a]);
    }
    return call.inputs.length === 2
      ? call.make({ kind: "matmul", transposeA: !!transposeA, transposeB: !!transposeB })
      : undefined;
  },
  FusedBatchNorm(call) {
    const x = call.input("x");
    const [mean, variance] = [call.constant("mean"), call.constant("variance")];
    if (x === undefined) return undefined;
    if (mean === undefined || variance === undefined) return normalizedByItself(call, x);
    const deviation = tf.sqrt(tf.add(variance, call.attributes["varianceEpsilon"] as number));
    const scale = call.constant("scale");
    const factor = scale === undefined ? tf.reciprocal(deviation) : tf.div(scale, deviation);
    const shift = tf.neg(tf.mul(mean, factor));
    const offset = call.constant("offset");
    return call.make(
      { kind: "scale", weights: factor, bias: offset === undefined ? shift : tf.add(shift, offset), normalizes: true },
      [x],
    );
  },

  Add: (call) =>
    withConstant(call, (_, bias) => ({ kind: "scale", weights: null, bias })) ??
    call.make({ kind: "sum", signs: [1, 1] }),
  AddN: (call) =>
    Object.keys(call.constants).length === 0
      ? call.make({ kind: "sum", signs: call.inputs.map(() => 1 as const) })
      : undefined,
  Sub: (call) =>
    withConstant(call, (_, constant, first) =>
      first
        ? { kind: "scale", weights: tf.scalar(-1), bias: constant }
        : { kind: "scale", weights: null, bias: tf.neg(constant) },
    ) ??
    fromOne(call) ??
    call.make({ kind: "sum", signs: [1, -1] }),
  Neg: (call) => call.make({ kind: "scale", weights: tf.scalar(-1), bias: null }),
  Multiply: (call) => withConstant(call, (_, weights) => ({ kind: "scale", weights, bias: null })) ?? product(call),
  RealDiv: (call) =>
    withConstant(call, (_, constant, first) =>
      first ? undefined : { kind: "scale", weights: tf.reciprocal(constant), bias: null },
    ) ?? divided(call),
  Maximum: (call) => bounded(call, "maximum"),
  Minimum: (call) => bounded(call, "minimum"),
  SquaredDifference: (call) =>
    call.inputs.length === 2
      ? call.make({ kind: "activation", function: "square" }, [
          call.intermediate({ kind: "sum", signs: [1, -1] }, call.inputs, call.output().shape),
        ])
      : undefined,

  Relu: activation("relu"),
  Relu6: activation("relu6"),
  Elu: activation("elu"),
  Selu: activation("selu"),
  Sigmoid: activation("sigmoid"),
  Tanh: activation("tanh"),
  Softplus: activation("softplus"),
  Abs: activation("abs"),
  Exp: activation("exp"),
  Expm1: activation("expm1"),
  Log: activation("log"),
  Log1p: activation("log1p"),
  Sqrt: activation("sqrt"),
  Rsqrt: activation("rsqrt"),
  Square: activation("square"),
  Reciprocal: activation("reciprocal"),
  Erf: activation("erf"),
  Sin: activation("sin"),
  Cos: activation("cos"),
  LeakyRelu: (call) =>
    call.make({
      kind: "activation",
      function: "leakyRelu",
      alpha: (call.attributes["alpha"] as number | undefined) ?? 0.2,
    }),
  Step: (call) =>
    call.make({ kind: "activation", function: "step", alpha: (call.attributes["alpha"] as number | undefined) ?? 0 }),
  ClipByValue(call) {
    const [low, high] = [call.attributes["clipValueMin"] as number, call.attributes["clipValueMax"] as number];
    if (low === 0 && high === 6) return call.make({ kind: "activation", function: "relu6" });
    return call.make({ kind: "activation", function: "clip", bounds: [low, high] });
  },
  Prelu(call) {
    const parameter = call.constant("alpha");
    const x = call.input("x");
    return parameter && x && call.make({ kind: "activation", function: "prelu", parameter }, [x]);
  },
  Pow: (call) =>
    withConstant(call, (_, parameter, first) =>
      first ? undefined : { kind: "activation", function: "power", parameter },
    ),
  Softmax: (call) => call.make({ kind: "softmax" }),

  MaxPool: (call) =>
    call.make({ kind: "pool", reduce: "max", window: poolWindow(call.attributes, call.inputs[0]!.shape) }),
  AvgPool: (call) =>
    call.make({ kind: "pool", reduce: "average", window: poolWindow(call.attributes, call.inputs[0]!.shape) }),
  Mean: reduce("mean", "axis"),
  Sum: reduce("sum", "axis"),
  Max: reduce("max", "reductionIndices"),
  Min: reduce("min", "axis"),

  Concat(call) {
    if (Object.keys(call.constants).length > 0) return undefined;
    const axis = call.attributes["axis"] as number;
    return call.make({ kind: "concat", axis: axis < 0 ? axis + call.output().rank : axis });
  },
  Pack(call) {
    if (Object.keys(call.constants).length > 0) return undefined;
    const axis = call.attributes["axis"] as number;
    const shape = [...call.output().shape];
    const position = axis < 0 ? axis + shape.length : axis;
    const slice = shape.with(position, 1);
    const expanded = call.inputs.map((input) => call.intermediate(reshapeTo(call, slice), [input], slice));
    return call.make({ kind: "concat", axis: position }, expanded);
  },
  SplitV(call) {
    const [x] = call.inputs;
    const axis = axesOf(call.attributes["axis"], x!.shape.length)[0]!;
    let begin = 0;
    return call.record.outputs.map((value) => {
      const tensor = call.trace.values[value]!;
      const node = new Draft(sliceAt(tensor.shape, axis, begin), [x!], call.name, tensor.shape, tensor);
      begin += tensor.shape[axis]!;
      return node;
    });
  },
  Unpack(call) {
    const [x] = call.inputs;
    const axis = axesOf(call.attributes["axis"], x!.shape.length)[0]!;
    const row = x!.shape.with(axis, 1);
    return call.record.outputs.map((value, index) => {
      const tensor = call.trace.values[value]!;
      const slice = call.intermediate(sliceAt(row, axis, index), [x!], row);
      return new Draft(reshapeTo(call, tensor.shape), [slice], call.name, tensor.shape, tensor);
    });
  },
  Reshape: (call) => reshaped(call),
  ExpandDims: (call) => reshaped(call),
  Squeeze: (call) => reshaped(call),
  Slice(call) {
    const { begin, size } = call.attributes as { begin: number[]; size: number[] };
    const shape = call.inputs[0]!.shape;
    // -1 keeps whole axes whole at any batch size.
    const sizes = shape.map((full, axis) => {
      const start = numbers(begin)[axis]!;
      const length = numbers(size)[axis]!;
      return length === -1 || (start === 0 && length === full) ? -1 : length;
    });
    return call.make({
      kind: "rearrange",
      kernel: "Slice",
      attributes: { begin: numbers(begin), size: sizes },
      constants: {},
    });
  },
  Transpose: rearrange,
  StridedSlice: rearrange,
  PadV2: (call) => (call.attributes["constantValue"] === 0 ? rearrange(call) : undefined),
  MirrorPad: rearrange,
  Reverse: rearrange,
  Tile: rearrange,
  GatherV2(call) {
    const [table, indices] = [call.constant("x"), call.input("indices")];
    const { axis, batchDims } = call.attributes as { axis: number; batchDims: number };
    return table !== undefined && indices !== undefined && axis === 0 && !batchDims
      ? call.make({ kind: "lookup", table }, [indices])
      : rearrange(call);
  },
  SpaceToBatchND: rearrange,
  BatchToSpaceND: rearrange,
  DepthToSpace: rearrange,
  ResizeNearestNeighbor: rearrange,
  ResizeBilinear(call) {
    const { size, alignCorners, halfPixelCenters } = call.attributes as {
      size: [number, number];
      alignCorners: boolean;
      halfPixelCenters: boolean;
    };
    return call.make({
      kind: "resize",
      method: "bilinear",
      size,
      alignCorners: !!alignCorners,
      halfPixelCenters: !!halfPixelCenters,
    });
  },
};

/** A layer or instance norm: its mean and variance are computed from the input. */
function normalizedByItself(call: Call, x: Draft): Draft[] | undefined {
  const [mean, variance] = [call.input("mean"), call.input("variance")];
  if (mean === undefined || variance === undefined) return undefined;
  const centered = call.intermediate({ kind: "sum", signs: [1, -1] }, [x, mean], x.shape);
  const shifted = call.intermediate(
    { kind: "scale", weights: null, bias: tf.scalar(call.attributes["varianceEpsilon"] as number) },
    [variance],
    variance.shape,
  );
  const deviation = call.intermediate({ kind: "activation", function: "sqrt" }, [shifted], variance.shape);
  const [weights, bias] = [call.constant("scale"), call.constant("offset")];
  if (weights === undefined && bias === undefined) return call.make({ kind: "quotient" }, [centered, deviation]);
  const normal = call.intermediate({ kind: "quotient" }, [centered, deviation], x.shape);
  return call.make({ kind: "scale", weights: weights ?? null, bias: bias ?? null }, [normal]);
}

/** `1 − x`, where the ones were made in the shape of something computed (a mask). */
function fromOne(call: Call): Draft[] | undefined {
  const [ones, x] = [call.input("a"), call.input("b")];
  if (ones?.operation.kind !== "unknown" || ones.operation.kernel !== "OnesLike" || x === undefined) return undefined;
  return call.make({ kind: "scale", weights: tf.scalar(-1), bias: tf.scalar(1) }, [x]);
}

function product(call: Call): Draft[] {
  const [a, b] = call.inputs;
  return a === b ? call.make({ kind: "activation", function: "square" }, [a!]) : call.make({ kind: "product" });
}

function divided(call: Call): Draft[] | undefined {
  if (call.inputs.length === 2) return call.make({ kind: "quotient" });
  const constant = call.constant("a")!;
  const denominator = call.input("b")!;
  const inverse = call.intermediate({ kind: "activation", function: "reciprocal" }, [denominator], denominator.shape);
  return call.make({ kind: "scale", weights: constant, bias: null }, [inverse]);
}

function bounded(call: Call, kind: "maximum" | "minimum"): Draft[] | undefined {
  if (call.inputs.length === 2) return call.make({ kind });
  const constant = call.constant("a") ?? call.constant("b")!;
  const x = call.input("a") ?? call.input("b")!;
  if (constant.size !== 1 || !sameShape(x.shape, call.output().shape)) return undefined;
  const bound = constant.dataSync()[0]!;
  if (kind === "maximum" && bound === 0) return call.make({ kind: "activation", function: "relu" }, [x]);
  const bounds: [number, number] = kind === "maximum" ? [bound, Infinity] : [-Infinity, bound];
  return call.make({ kind: "activation", function: "clip", bounds }, [x]);
}

/** Remembers the batch size for which `shape` was recorded. */
const reshapeTo = (call: Call, shape: readonly number[]): Operation => ({
  kind: "rearrange",
  kernel: "Reshape",
  attributes: { shape: [...shape], batch: call.trace.values[call.trace.inputs[0]!]!.shape[0] ?? 1 },
  constants: {},
});

function sliceAt(shape: readonly number[], axis: number, begin: number): Operation {
  return {
    kind: "rearrange",
    kernel: "Slice",
    attributes: {
      begin: shape.map((_, index) => (index === axis ? begin : 0)),
      size: shape.map((size, index) => (index === axis ? size : -1)),
    },
    constants: {},
  };
}

function reshaped(call: Call): Draft[] {
  const [x] = call.inputs;
  const { shape } = call.output();
  return sameShape(x!.shape, shape) ? [x!] : call.make(reshapeTo(call, shape));
}
