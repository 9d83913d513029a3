import type { Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { affineKind } from "../parts/affine.js";
import type { Made, Translator } from "../parts/call.js";
import { convolutionMap } from "../parts/convolution.js";
import { type LinearMap, lazily } from "../parts/linear-map.js";
import { isUnpadded, type Window } from "../parts/window.js";
import { isRearrange } from "../rearrange.js";
import type { Conv2d } from "./conv2d.js";

/** Convolutions beside each other, each from its own part of the channels to its own part. */
export interface GroupedConv2d {
  readonly kind: "groupedConv2d";
  /** `[height, width, in / groups, out]` */
  readonly weights: Tensor4D;
  readonly bias: Tensor1D | null;
  readonly window: Window;
  readonly groups: number;
}

/** TensorFlow.js has no kernel for it: it is written as the parts of a split, each convolved, then joined. */
const joined: Translator = (call) => {
  const { inputs } = call;
  const axis = call.attributes["axis"] as number;
  if (inputs.length < 2 || Object.keys(call.constants).length > 0) return undefined;
  if (axis !== 3 && axis !== -1) return undefined;
  const parts = inputs.map(partOf);
  const [first] = parts;
  if (first === undefined) return undefined;
  const isGroup = parts.every(
    (part, index) =>
      part !== undefined &&
      part.source === first.source &&
      part.begin === index * first.count &&
      part.count === first.count &&
      String(part.convolution.weights.shape) === String(first.convolution.weights.shape) &&
      JSON.stringify(part.convolution.window) === JSON.stringify(first.convolution.window),
  );
  if (!isGroup || first.source.shape[3] !== parts.length * first.count) return undefined;
  const operation: GroupedConv2d = {
    kind: "groupedConv2d",
    weights: tf.concat4d(
      parts.map((part) => part!.convolution.weights),
      3,
    ),
    bias: null,
    window: first.convolution.window,
    groups: parts.length,
  };
  return [call.make(operation, [first.source])];
};

/** A convolution of some channels, if that is how a value was made. */
function partOf({ operation, inputs }: Made) {
  if (operation.kind !== "conv2d") return undefined;
  const convolution = operation as Conv2d;
  const slice = inputs[0]!;
  if (convolution.bias !== null || !isRearrange(slice.operation, "Slice")) return undefined;
  const source = slice.inputs[0]!;
  const { begin, size } = slice.operation.attributes as { begin: number[]; size: number[] };
  const isWhole = begin.slice(0, 3).every((start) => start === 0) && size.slice(0, 3).every((length) => length === -1);
  if (begin.length !== 4 || !isWhole || source.shape.length !== 4) return undefined;
  return { convolution, source, begin: begin[3]!, count: slice.shape[3]! };
}

export const groupedConv2d = affineKind<GroupedConv2d>({
  kind: "groupedConv2d",
  translate: { Concat: joined },
  map({ window, groups }, weights, owner) {
    const width = weights.shape[3]! / groups;
    const filters = Array.from({ length: groups }, (_, group) =>
      lazily(owner, () => tf.slice(weights as Tensor4D, [0, 0, 0, group * width], [-1, -1, -1, width])),
    );
    let made: LinearMap[] | undefined;
    const maps = (): LinearMap[] => {
      made ??= filters.map((filter) => convolutionMap(filter(), window, owner));
      return made;
    };
    return {
      weights,
      forward: (a) =>
        tf.tidy(() => {
          const parts = tf.split(a, groups, 3);
          return tf.concat(
            maps().map((map, group) => map.forward(parts[group]!)),
            3,
          );
        }),
      vjp: (s, shape) =>
        tf.tidy(() => {
          const parts = tf.split(s, groups, 3);
          const own = shape.with(3, shape[3]! / groups);
          return tf.concat(
            maps().map((map, group) => map.vjp(parts[group]!, own)),
            3,
          );
        }),
    };
  },
  channels: { input: null, output: [3] },
  seesNoPadding: ({ window }) => isUnpadded(window.padding),
});
