import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { rebatch, sameShape, sizeOf } from "../shapes.js";
import type { Attributes, Constants, Typed } from "./parts/attributes.js";
import { axesOf, type Call, type Made, numbers, type Translator } from "./parts/call.js";
import type { Kind } from "./parts/kind.js";
import { resampledBack } from "./parts/resample.js";
import { runKernel, taped } from "./parts/run-kernel.js";

/** Moves, repeats, leaves out or pads entries: a linear map of zeros and ones, and a constant where it pads. */
export interface Rearrange {
  readonly kind: "rearrange";
  readonly kernel: string;
  readonly attributes: Attributes;
  readonly constants: Constants;
}

export const isRearrange = (operation: Typed, kernel: string): operation is Rearrange =>
  operation.kind === "rearrange" && (operation as Rearrange).kernel === kernel;

/** A kernel with its attributes as they are. */
const moved: Translator = (call) => {
  const { kernel, attributes, constants } = call;
  if (call.inputs.length !== 1 || call.inputNames[0] === "indices") return undefined;
  return [call.make<Rearrange>({ kind: "rearrange", kernel, attributes, constants })];
};

const reshaped: Translator = (call) => {
  const x = call.inputs[0]!;
  const { shape } = call.outputs[0]!;
  return sameShape(x.shape, shape) ? [x] : [call.make(reshapeTo(call, shape))];
};

/** Remembers the batch size for which `shape` was recorded. */
export const reshapeTo = ({ batch }: Call, shape: readonly number[]): Rearrange => ({
  kind: "rearrange",
  kernel: "Reshape",
  attributes: { shape: [...shape], batch },
  constants: {},
});

const slice = (begin: readonly number[], size: readonly number[]): Rearrange => ({
  kind: "rearrange",
  kernel: "Slice",
  attributes: { begin, size },
  constants: {},
});

/** The entries of one axis from `begin` on, as many as `shape` has; the other axes whole. */
const sliceAt = (shape: readonly number[], axis: number, begin: number): Rearrange =>
  slice(
    shape.map((_, index) => (index === axis ? begin : 0)),
    shape.map((size, index) => (index === axis ? size : -1)),
  );

export const rearrange: Kind<Rearrange> = {
  kind: "rearrange",
  translate: {
    // An alias, but one that a layer may be named after (Dropout, InputLayer).
    Identity: (call) => [call.inputs[0]!],
    Reshape: reshaped,
    ExpandDims: reshaped,
    Squeeze: reshaped,
    SplitV(call) {
      const x = call.inputs[0]!;
      const axis = axesOf(call.attributes["axis"], x.shape.length)[0]!;
      let begin = 0;
      return call.outputs.map(({ shape }, output) => {
        const node = call.make(sliceAt(shape, axis, begin), [x], output);
        begin += shape[axis]!;
        return node;
      });
    },
    Unpack(call) {
      const x = call.inputs[0]!;
      const axis = axesOf(call.attributes["axis"], x.shape.length)[0]!;
      const row = x.shape.with(axis, 1);
      return call.outputs.map(({ shape }, output): Made => {
        const part = call.intermediate(sliceAt(row, axis, output), [x], row);
        return call.make(reshapeTo(call, shape), [part], output);
      });
    },
    Slice(call) {
      const { shape } = call.inputs[0]!;
      const [begin, size] = [numbers(call.attributes["begin"]), numbers(call.attributes["size"])];
      // -1 keeps whole axes whole at any batch size.
      const sizes = shape.map((full, axis) => (begin[axis] === 0 && size[axis] === full ? -1 : size[axis]!));
      return [call.make(slice(begin, sizes))];
    },
    Transpose: moved,
    StridedSlice: moved,
    PadV2: moved,
    MirrorPad: moved,
    Reverse: moved,
    Tile: moved,
    GatherV2: moved,
    GatherNd: moved,
    SpaceToBatchND: moved,
    BatchToSpaceND: moved,
    DepthToSpace: moved,
    ResizeNearestNeighbor: moved,
  },
  forward: (operation, [x]) => run(operation, x!),
  vjp: (operation, dy, { inputs }) => [back(operation, dy, inputs[0]!)],
  linearPart: (operation) =>
    operation.kernel === "PadV2"
      ? { ...operation, attributes: { ...operation.attributes, constantValue: 0 } }
      : operation,
  facts: ({ kernel, attributes }) => ({
    linear: true,
    nonNegative: kernel === "PadV2" && (attributes["constantValue"] as number) < 0 ? undefined : "kept",
    inserts: kernel === "PadV2" || kernel === "SpaceToBatchND",
  }),
  relevance: () => "move",
};

/** What kernels call that which they move, where not `x`. */
const argumentOf: Readonly<Record<string, string>> = { ResizeNearestNeighbor: "images", GatherNd: "params" };

function run({ kernel, attributes, constants }: Rearrange, x: Tensor): Tensor {
  if (kernel === "Reshape") {
    const { shape, batch } = attributes as { shape: number[]; batch: number };
    // Multiplied first: 27 · (122 / 27) is 121.99….
    return tf.reshape(x, rebatch(shape, batch, (batch * x.size) / sizeOf(shape)));
  }
  if (kernel === "Slice") return tf.slice(x, attributes["begin"] as number[], attributes["size"] as number[]);
  const name = argumentOf[kernel] ?? "x";
  return runKernel({ kernel, attributes, arguments: [name], constants }, [x])[0]!;
}

function back(operation: Rearrange, dy: Tensor, x: Tensor): Tensor {
  const { kernel, attributes } = operation;
  switch (kernel) {
    case "Reshape":
      return tf.reshape(dy, x.shape);
    case "Transpose": {
      const permutation = attributes["perm"] as number[];
      return tf.transpose(
        dy,
        permutation.map((_, axis) => permutation.indexOf(axis)),
      );
    }
    case "Slice": {
      const begin = attributes["begin"] as number[];
      const paddings = begin.map((start, axis): [number, number] => [start, x.shape[axis]! - start - dy.shape[axis]!]);
      return tf.pad(dy, paddings);
    }
    case "PadV2": {
      const paddings = attributes["paddings"] as [number, number][];
      return tf.slice(
        dy,
        paddings.map(([before]) => before),
        x.shape,
      );
    }
    case "Reverse":
      return run(operation, dy);
    case "MirrorPad":
      // The gradient that TensorFlow.js registers leaves out what was mirrored.
      return scattered(operation, dy, x);
    case "ResizeNearestNeighbor":
      return resampledBack(dy, x.shape, (image, size) =>
        run({ ...operation, attributes: { ...attributes, size: [...size] } }, image),
      );
    default:
      // WebAssembly lacks kernels that registered gradients need.
      if (tf.getGradient(kernel) == null || tf.getBackend() === "wasm") return scattered(operation, dy, x);
      return taped(kernel, kernel, [x], dy, ([given]) => run(operation, given!))[0]!;
  }
}

/** Where each entry went is seen by rearranging their numbers; 0 stands for entries that came from nowhere. */
function scattered(operation: Rearrange, dy: Tensor, x: Tensor): Tensor {
  // WebAssembly's StridedSlice takes every number for a float32, which is exact up to 2²⁴ entries.
  const dtype = tf.getBackend() === "wasm" ? "float32" : "int32";
  const numbered = tf.reshape(tf.range(1, x.size + 1, 1, dtype), x.shape);
  const origin = tf.cast(tf.reshape(run(operation, numbered), [-1, 1]), "int32");
  // Unlike UnsortedSegmentSum, every backend has it; what goes to the same place is added up.
  const total = tf.scatterND(origin, tf.reshape(dy, [-1]), [x.size + 1]);
  return tf.reshape(tf.slice(total, 1), x.shape);
}
