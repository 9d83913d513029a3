import type { Tensor } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import * as fc from "fast-check";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import { Sketch, type Tf, type Value } from "./sketch.js";
import { addSteps, type Step, stepsFor } from "./steps.js";

/*
 * Random Keras-like nets, as lists of steps: a net for which something does not hold shrinks to the few steps that matter, and is
 * printed as what builds it.
 */

const starts = {
  row: [5],
  sequence: [6, 3],
  /** Some steps are all zero and masked. */
  masked: [6, 3],
  /** Numbers of words. */
  words: [6],
  picture: [6, 5, 2],
  volume: [3, 4, 3, 2],
} as const;

type Start = keyof typeof starts;

export interface Net {
  readonly start: Start;
  readonly steps: readonly Step[];
  /** How the last steps become a row. */
  readonly end: "flatten" | "average" | "max";
  /** A second input: none, a row that is joined before the outputs, or another sample that goes through the same layers. */
  readonly second: "none" | "row" | "twin";
  readonly join: "add" | "concatenate" | "multiply" | "maximum" | "Subtract";
  readonly tail: "linear" | "softmax" | "sigmoid" | "one sigmoid";
  readonly outputs: number;
  readonly seed: number;
}

const VOCABULARY = 7;

const netsFrom = (start: Start, rank: number): fc.Arbitrary<Net> =>
  fc.record({
    start: fc.constant(start),
    steps: stepsFor(rank),
    end: fc.constantFrom("flatten", "average", "max"),
    second: fc.constantFrom("none", "none", "row", "twin"),
    join: fc.constantFrom("add", "concatenate", "multiply", "maximum", "Subtract"),
    tail: fc.constantFrom("linear", "softmax", "sigmoid", "one sigmoid"),
    outputs: fc.integer({ min: 1, max: 2 }),
    seed: fc.integer({ min: 1, max: 1000 }),
  });

/** Nets of all kinds. */
export const nets: fc.Arbitrary<Net> = fc.oneof(
  netsFrom("picture", 3),
  netsFrom("sequence", 2),
  netsFrom("row", 1),
  netsFrom("volume", 4),
  netsFrom("masked", 2),
  netsFrom("words", 2),
);

/** A net that was built. */
export interface Built {
  readonly model: LayersModel;
  /** The same layers without what follows the logits. */
  readonly logits: LayersModel;
  readonly tail: Net["tail"];
  /** TypeScript that builds `model`, weights included. */
  readonly text: string;
  /** Samples, `[batch, …]` for each input. */
  readonly draw: (batch: number, seed: number) => Tensor[];
  /** Whether inputs are numbers of words. */
  readonly words: boolean;
  /** Whether the output may jump: thresholds, masks. */
  readonly jumps: boolean;
  readonly dispose: () => void;
}

const ends = {
  1: {},
  2: { average: "globalAveragePooling1d", max: "globalMaxPooling1d" },
  3: { average: "globalAveragePooling2d", max: "globalMaxPooling2d" },
  4: { average: "GlobalAveragePooling3D", max: "GlobalMaxPooling3D" },
} as Readonly<Record<number, Partial<Record<Net["end"], string>>>>;

/** Builds a net with its weights. */
export function build(tf: Tf, net: Net): Built {
  const sketch = new Sketch(tf);
  const shape = starts[net.start];
  const isWords = net.start === "words";
  const first = sketch.input(shape, isWords ? "int32" : "float32");
  const row = (value: Value): Value => {
    const pool = ends[value.shape.length]?.[net.end];
    const pooled = pool === undefined ? undefined : sketch.add(pool, {}, value);
    if (pooled !== undefined) return pooled;
    return value.shape.length === 1 ? value : sketch.add("flatten", {}, value)!;
  };
  const run = (input: Value, steps: readonly Step[]): Value => {
    let x = input;
    if (isWords) {
      const settings = { inputDim: VOCABULARY, outputDim: 3, ...(net.seed % 2 === 0 && { maskZero: true }) };
      x = sketch.add("embedding", settings, x)!;
    }
    if (net.start === "masked") x = sketch.add("masking", {}, x)!;
    return addSteps(sketch, x, steps);
  };
  let y: Value;
  if (net.second === "twin") {
    const other = sketch.input(shape, isWords ? "int32" : "float32");
    // Words and masked sequences go through layers of their own: a nested model of TensorFlow.js hands no mask on.
    const [a, b] = (isWords || net.start === "masked" ? undefined : twins(sketch, first, other, net.steps)) ?? [
      run(first, net.steps),
      run(other, []),
    ];
    y = joinedRows(sketch, net.join, row(a), row(b));
  } else {
    y = row(run(first, net.steps));
    if (net.second === "row") y = joinedRows(sketch, net.join, y, sketch.input([3]));
  }
  const units = net.tail === "one sigmoid" ? 1 : 3;
  const logits = Array.from({ length: net.outputs }, () => sketch.add("dense", { units }, y)!);
  const function_ = net.tail === "one sigmoid" ? "sigmoid" : net.tail;
  const outputs =
    net.tail === "linear" ? logits : logits.map((z) => sketch.add("activation", { activation: function_ }, z)!);
  const model = sketch.model(outputs);
  const bare = sketch.model(logits);
  tf.tidy(() => model.setWeights(weightsFor(tf, model, net.seed)));
  const text = `${sketch.text(outputs)}\n${weightsText(net.seed)}`;
  return {
    model,
    logits: bare,
    tail: net.tail,
    text,
    words: isWords,
    jumps: net.start === "masked" || isWords || /thresholdedReLU|ReLU\[0\]|(Unit|RMS)Normalization/.test(text),
    draw: (batch, seed) =>
      sketch.inputs.map(({ shape: sizes }, index) => draw(tf, net, [batch, ...sizes], seed + 97 * index)),
    dispose: () => sketch.dispose(),
  };
}

/** Both inputs through one net. */
function twins(sketch: Sketch, a: Value, b: Value, steps: readonly Step[]): [Value, Value] | undefined {
  const layer = sketch.inner(a.shape, (within, start) => addSteps(within, start, steps));
  const [one, other] = layer === undefined ? [] : [sketch.call(layer, a), sketch.call(layer, b)];
  return one && other && [one, other];
}

function joinedRows(sketch: Sketch, join: Net["join"], a: Value, b: Value): Value {
  const isAlike = join === "concatenate" || String(a.shape) === String(b.shape);
  const other = isAlike ? b : sketch.add("dense", { units: a.shape[0]!, activation: "tanh" }, b)!;
  // Together they may be too many for a small net.
  return sketch.add(join, {}, a, other) ?? joinedRows(sketch, join, sketch.add("dense", { units: 8 }, a)!, b);
}

/** Numbers of the size that trained weights have; factors and variances are positive. */
function weightsFor(tf: Tf, model: LayersModel, seed: number): Tensor[] {
  return model.weights.map(({ shape, originalName }, index) => {
    const sizes = shape as number[];
    if (/gamma|variance|scale/.test(originalName)) return tf.randomUniform(sizes, 0.5, 1.5, "float32", seed + index);
    const inputs = sizes.length < 2 ? 10 : sizes.slice(0, -1).reduce((product, size) => product * size, 1);
    return tf.randomNormal(sizes, 0, 1.2 / Math.sqrt(inputs), "float32", seed + index);
  });
}

const weightsText = (seed: number): string => `model.setWeights(
  model.weights.map(({ shape, originalName }, index) =>
    /gamma|variance|scale/.test(originalName)
      ? tf.randomUniform(shape, 0.5, 1.5, "float32", ${seed} + index)
      : tf.randomNormal(shape, 0, 1.2 / Math.sqrt(shape.length < 2 ? 10 : shape.slice(0, -1).reduce((a, b) => a * b, 1)), "float32", ${seed} + index),
  ),
);`;

function draw(tf: Tf, { start, seed: own }: Net, shape: number[], seed: number): Tensor {
  const random = seededRandom(1000 * own + seed);
  const entries = shape.reduce((product, size) => product * size, 1);
  if (start === "words" && shape.length === 2 && shape[1] === starts.words[0]) {
    // No word twice, save masked ones at the end: which of two that are alike is the largest, rounding would decide.
    const words = Array.from({ length: shape[0]! }, () => {
      const all = [...Array(VOCABULARY).keys()].map((word) => [random.uniform(), word] as const);
      const drawn = all.toSorted(([a], [b]) => a - b).map(([, word]) => word);
      return drawn.slice(0, shape[1]).map((word, step) => (own % 2 === 0 && step > 3 ? 0 : word));
    }).flat();
    return tf.tensor(words, shape, "int32");
  }
  const numbers = Array.from({ length: entries }, () => 2 * random.uniform() - 1);
  if (start !== "masked" || shape.length !== 3) return tf.tensor(numbers, shape);
  const [, steps, channels] = shape as [number, number, number];
  // The last step of every sample, and the third of each other one.
  const isMasked = (index: number) => {
    const [sample, step] = [Math.floor(index / (steps * channels)), Math.floor(index / channels) % steps];
    return step === steps - 1 || (step === 2 && sample % 2 === 0);
  };
  return tf.tensor(
    numbers.map((value, index) => (isMasked(index) ? 0 : value)),
    shape,
  );
}
