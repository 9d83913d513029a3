import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";

/**
 * The canonical graph: what a model computes from its input, in the few kinds of operation that explanation methods
 * tell apart. Weights are inside the operations; activations are not (a `Recording` holds those), so one graph serves
 * every input of the same shape, at any batch size.
 */
export interface Graph {
  /** In topological order; `nodes[i].id === i`. */
  readonly nodes: readonly Node[];
  /** Ids of the input nodes, one per input of the model. */
  readonly inputs: readonly number[];
  /** Ids of the explained outputs (logits where the model ends in a softmax), one per output of the model. */
  readonly outputs: readonly number[];
  /** What was dropped behind each output: the outputs of `nodes` are probabilities only after it. */
  readonly tails: readonly Tail[];
  /** The batch size at which the graph was traced. */
  readonly batch: number;
}

/** The function between an explained output and the model's own output. */
export type Tail = "linear" | "softmax" | "logSoftmax";

export interface Node {
  readonly id: number;
  /** The layer's name in the model (`block/conv` in a nested model), or the kernel's name in a plain function. */
  readonly name: string;
  /** Names of the layers (batch norm, say) that were folded into this node. */
  readonly folded: readonly string[];
  readonly operation: Operation;
  readonly inputs: readonly number[];
  /** Shape at tracing time, batch first. */
  readonly shape: readonly number[];
}

/** Rows then columns: `[[top, bottom], [left, right]]`, in entries. */
export type Padding = readonly [readonly [number, number], readonly [number, number]];

/** How a window moves over `[batch, height, width, channel]`. */
export interface Window {
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly padding: Padding;
}

/** `z = weights · a + bias`; every kind has a bilinear map in `linear.ts`. */
export type Affine =
  /** weights `[height, width, in, out]`. */
  | { readonly kind: "conv2d"; readonly weights: Tensor4D; readonly bias: Tensor1D | null; readonly window: Window }
  /** weights `[height, width, in, multiplier]`; output channel `c · multiplier + m`. */
  | { readonly kind: "depthwise"; readonly weights: Tensor4D; readonly bias: Tensor1D | null; readonly window: Window }
  /** The transpose of a convolution: weights `[height, width, out, in]`; `size` is the output's height and width. */
  | {
      readonly kind: "conv2dTranspose";
      readonly weights: Tensor4D;
      readonly bias: Tensor1D | null;
      readonly window: Window;
      readonly size: readonly [number, number];
    }
  /** On the last axis: weights `[in, out]`. */
  | { readonly kind: "dense"; readonly weights: Tensor2D; readonly bias: Tensor1D | null }
  /** Entry by entry: `weights` and `bias` broadcast against the input; `null` means 1 and 0. */
  | {
      readonly kind: "scale";
      readonly weights: Tensor | null;
      readonly bias: Tensor | null;
      /** It is a batch norm. */
      readonly normalizes?: boolean;
    };

export type ActivationFunction =
  | "relu"
  | "relu6"
  | "leakyRelu"
  | "prelu"
  | "elu"
  | "selu"
  | "sigmoid"
  | "tanh"
  | "softplus"
  | "clip"
  | "abs"
  | "exp"
  | "log"
  | "log1p"
  | "expm1"
  | "sqrt"
  | "rsqrt"
  | "square"
  | "reciprocal"
  | "power"
  | "erf"
  | "sin"
  | "cos"
  | "step";

export type Operation =
  | { readonly kind: "input"; readonly index: number }
  | Affine
  | {
      readonly kind: "activation";
      readonly function: ActivationFunction;
      /** Slope of `leakyRelu` and `step`. */
      readonly alpha?: number;
      /** Bounds of `clip`. */
      readonly bounds?: readonly [number, number];
      /** Slopes of `prelu`, exponent of `power`; broadcast against the input. */
      readonly parameter?: Tensor;
    }
  | { readonly kind: "pool"; readonly reduce: "max" | "average"; readonly window: Window }
  /** Over whole axes, e.g. global pooling. */
  | {
      readonly kind: "reduce";
      readonly reduce: "max" | "min" | "mean" | "sum";
      readonly axes: readonly number[];
      readonly keepDims: boolean;
    }
  /** `Σ signs[i] · inputs[i]`, broadcast. */
  | { readonly kind: "sum"; readonly signs: readonly (1 | -1)[] }
  /** `inputs[0] · inputs[1]`, both of them computed from the model's input. */
  | { readonly kind: "product" }
  | {
      readonly kind: "quotient";
      /** A denominator of 0 gives 0. */
      readonly orZero?: boolean;
    }
  | { readonly kind: "maximum" | "minimum" }
  | { readonly kind: "matmul"; readonly transposeA: boolean; readonly transposeB: boolean }
  | { readonly kind: "softmax" }
  /** Rows of a table by the input's whole numbers: an embedding. */
  | { readonly kind: "lookup"; readonly table: Tensor }
  | { readonly kind: "concat"; readonly axis: number }
  /** Moves, repeats, leaves out or zero-pads entries: a linear map of zeros and ones. */
  | {
      readonly kind: "rearrange";
      readonly kernel: string;
      readonly attributes: Attributes;
      readonly constants: Constants;
    }
  | {
      readonly kind: "resize";
      readonly method: "bilinear";
      readonly size: readonly [number, number];
      readonly alignCorners: boolean;
      readonly halfPixelCenters: boolean;
    }
  /** Anything else: it can be run again and differentiated by TensorFlow.js, but rules do not know it. */
  | {
      readonly kind: "unknown";
      readonly kernel: string;
      readonly attributes: Attributes;
      /** Names of the kernel's arguments that are inputs of the node, in their order. */
      readonly arguments: readonly string[];
      readonly constants: Constants;
      /** Which of the kernel's outputs this node is. */
      readonly output: number;
    };

export type OperationOf<Kind extends Operation["kind"]> = Extract<Operation, { kind: Kind }>;
export type Attributes = Readonly<Record<string, unknown>>;
export type Constants = Readonly<Record<string, Tensor>>;

const affine: ReadonlySet<string> = new Set<Affine["kind"]>([
  "conv2d",
  "depthwise",
  "conv2dTranspose",
  "dense",
  "scale",
]);

/** Whether a node is `z = w·a + b`. */
export function isAffine(operation: Operation): operation is Affine {
  return affine.has(operation.kind);
}

/** Ids of the nodes that read each node. */
export function consumersOf(nodes: readonly Node[]): number[][] {
  const consumers: number[][] = nodes.map(() => []);
  for (const node of nodes) for (const input of node.inputs) consumers[input]!.push(node.id);
  return consumers;
}
