import * as tf from "@tensorflow/tfjs-core";
import { type CallArguments, callArguments } from "./call-arguments.js";
import { baseLayer, type Layer, type LayerClass } from "./layer-class.js";

/** Sizes of a tensor, batch first; null where any size goes. */
export type Shape = (number | null)[];

/** A layer as a function: of its inputs, its settings as the file names them (in camel case), and its weights. */
export interface LayerDefinition<Settings> {
  /** The class that a file names. */
  className: string;
  /** Shapes of the weights by Keras' names, in Keras' order. */
  weights?(input: Shape, settings: Settings, inputs: Shape[]): { [name: string]: Shape };
  /**
   * Computes the output, or several; called inside `tf.tidy`. A layer with several inputs finds them in `inputs`, and in `beside` what
   * else it was called with and the mask that came with its input.
   */
  call(
    x: tf.Tensor,
    settings: Settings,
    weights: { [name: string]: tf.Tensor },
    inputs: tf.Tensor[],
    beside: { call: CallArguments | undefined; mask: tf.Tensor | undefined },
  ): tf.Tensor | tf.Tensor[];
  /** The output's shape, or "computed": as a run on zeros shows; unsaid, the input's. */
  outputShape?: "computed" | ((input: Shape, settings: Settings, inputs: Shape[]) => Shape | Shape[]);
  /** Whether a mask on steps goes on behind the layer; unsaid, where the shape stays. */
  keepsMask?: boolean | ((settings: Settings) => boolean);
}

type Settings = { [setting: string]: unknown };

/** A variable of a layer, and how the base class makes one; its types hide both. */
interface Weighted {
  addWeight(name: string, shape: Shape, dtype: string, initializer: { apply(shape: number[]): tf.Tensor }): Variable;
}
interface Variable {
  read(): tf.Tensor;
}

/** The initializer of weights that a file's follow. */
const zeros = { apply: (shape: number[]) => tf.zeros(shape) };

/** The class of TensorFlow.js layers for `definition`; made when TensorFlow.js has been loaded. */
export function defineLayer<S>(definition: LayerDefinition<S>): () => LayerClass<Settings> {
  return () => {
    const { className, weights, call, outputShape } = definition;
    const { keepsMask = outputShape === undefined } = definition;
    return class extends baseLayer<Settings>() {
      static className = className;
      readonly settings: S;
      #weights: [name: string, variable: Variable][] = [];

      constructor(settings: Settings) {
        super(settings);
        this.settings = settings as S;
        this.supportsMasking = typeof keepsMask === "function" ? keepsMask(this.settings) : keepsMask;
      }

      override build(given: Shape | Shape[]): void {
        const add = (this as unknown as Weighted).addWeight.bind(this);
        const inputs = shapesOf(given);
        const shapes = weights?.(inputs[0]!, this.settings, inputs) ?? {};
        this.#weights = Object.entries(shapes).map(([name, shape]) => [name, add(name, shape, "float32", zeros)]);
        this.built = true;
      }

      override call(given: tf.Tensor | tf.Tensor[], named?: { mask?: tf.Tensor | null }): tf.Tensor | tf.Tensor[] {
        const inputs = [given].flat();
        return tf.tidy(() => {
          const values = Object.fromEntries(this.#weights.map(([name, weight]) => [name, weight.read()]));
          const beside = { call: callArguments(this.settings as object, inputs), mask: named?.mask ?? undefined };
          return call(inputs[0]!, this.settings, values, inputs, beside);
        });
      }

      override computeOutputShape(given: Shape | Shape[]): Shape | Shape[] {
        const inputs = shapesOf(given);
        if (outputShape === "computed") return computedShape((tensors) => this.call(tensors), inputs);
        return outputShape?.(inputs[0]!, this.settings, inputs) ?? inputs[0]!;
      }

      override getConfig(): ReturnType<Layer["getConfig"]> {
        return { ...this.settings, ...super.getConfig() };
      }
    };
  };
}

/** The shapes of what `compute` gives for zeros: sizes that vary with the open ones (null) are open. */
function computedShape(compute: (inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[], inputs: Shape[]): Shape | Shape[] {
  const [some, other] = [2, 3].map((open) =>
    tf.tidy(() => {
      const zeros = inputs.map((shape) => tf.zeros(shape.map((size, axis) => size ?? (axis === 0 ? open : open + 6))));
      const outputs = compute(zeros);
      return Array.isArray(outputs) ? outputs.map(({ shape }) => shape) : outputs.shape;
    }),
  ) as [number[] | number[][], number[] | number[][]];
  const common = (first: number[], second: number[]): Shape =>
    first.map((size, axis) => (size === second[axis] ? size : null));
  return Array.isArray(some[0])
    ? (some as number[][]).map((shape, index) => common(shape, (other as number[][])[index]!))
    : common(some as number[], other as number[]);
}

const shapesOf = (given: Shape | Shape[]): Shape[] => (Array.isArray(given[0]) ? (given as Shape[]) : [given as Shape]);

/** `axis` counted from the front. */
export const fromFront = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** A setting that is one number for all axes, or one an axis. */
export const perAxis = (value: number | number[] | undefined, axes: number, unsaid = 1): number[] => {
  const given = [value ?? unsaid].flat();
  return given.length === axes ? given : Array.from({ length: axes }, () => given[0]!);
};

/** How long an axis is behind a window that moves over it; null stays null. */
export function convolved(
  size: number | null,
  kernel: number,
  { padding, stride, dilation = 1 }: { padding: string; stride: number; dilation?: number },
): number | null {
  if (size === null || size === undefined) return null;
  const reach = (kernel - 1) * dilation + 1;
  return Math.ceil((padding === "valid" ? size - reach + 1 : size) / stride);
}
