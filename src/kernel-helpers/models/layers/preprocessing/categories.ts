import * as tf from "@tensorflow/tfjs-core";
import { defineLayer, type Shape } from "../define-layer.js";

type Mode = "int" | "one_hot" | "multi_hot" | "count" | "tf_idf";

/** Settings arrive in camel case, values of settings too. */
const modeOf = (value: string | undefined, unsaid: Mode): Mode =>
  (value ?? unsaid).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) as Mode;

/** Numbers of categories as the output says: themselves, or what is true of, or counted for, each category. */
function encoded(indices: tf.Tensor, mode: Mode, count: number, weights?: tf.Tensor): tf.Tensor {
  if (mode === "int") return indices;
  const isAlone = mode === "one_hot" && indices.shape.at(-1) === 1;
  const each = tf.cast(tf.oneHot(tf.cast(indices, "int32"), count), "float32");
  if (mode === "one_hot") return isAlone ? tf.squeeze(each, [each.rank - 2]) : each;
  if (mode === "multi_hot") return tf.max(each, -2);
  return tf.sum(weights ? tf.mul(each, tf.expandDims(weights, -1)) : each, -2);
}

const encodedShape = (input: Shape, mode: Mode, count: number): Shape => {
  if (mode === "int" || (mode === "one_hot" && input.at(-1) !== 1)) return mode === "int" ? input : [...input, count];
  return [...input.slice(0, -1), count];
};

interface Encoding {
  numTokens: number;
  outputMode?: string;
}

/** `CategoryEncoding`: numbers of categories as one-hot, multi-hot or counts, which may be weighted. */
export const categoryEncoding = defineLayer<Encoding>({
  className: "CategoryEncoding",
  call(x, { numTokens, outputMode }, _weights, inputs, { call }) {
    const weights = (call?.named["count_weights"] ?? call?.positional[1]) as tf.Tensor | undefined;
    return encoded(x, modeOf(outputMode, "multi_hot"), numTokens, weights ?? inputs[1]);
  },
  outputShape: (input, { numTokens, outputMode }) => encodedShape(input, modeOf(outputMode, "multi_hot"), numTokens),
});

interface Bins {
  binBoundaries: number[];
  outputMode?: string;
}

/** `Discretization`: in which bin a number falls, a boundary belonging to the bin above it. */
export const discretization = defineLayer<Bins>({
  className: "Discretization",
  call(x, { binBoundaries, outputMode }) {
    const above = tf.greaterEqual(tf.expandDims(x, -1), tf.tensor1d(binBoundaries));
    return encoded(tf.sum(tf.cast(above, "float32"), -1), modeOf(outputMode, "int"), binBoundaries.length + 1);
  },
  outputShape: (input, { binBoundaries, outputMode }) =>
    encodedShape(input, modeOf(outputMode, "int"), binBoundaries.length + 1),
});

interface Lookup {
  vocabulary: number[];
  numOovIndices?: number;
  maskToken?: number | null;
  oovToken?: number;
  invert?: boolean;
  outputMode?: string;
  idfWeights?: number[] | null;
  maxTokens?: number | null;
  padToMaxTokens?: boolean;
}

/** How many numbers stand before the vocabulary's: for the mask (where numbers are the output), and for what is unknown. */
function before({ maskToken, numOovIndices = 1 }: Lookup, mode: Mode): number {
  return (maskToken !== null && maskToken !== undefined && mode === "int" ? 1 : 0) + numOovIndices;
}

const countOf = (settings: Lookup, mode: Mode): number =>
  settings.padToMaxTokens && settings.maxTokens
    ? settings.maxTokens
    : before(settings, mode) + settings.vocabulary.length;

/** `IntegerLookup`: the place of a number in a vocabulary, or the number at a place (`invert`). */
export const integerLookup = defineLayer<Lookup>({
  className: "IntegerLookup",
  call(x, settings) {
    const { vocabulary, maskToken, oovToken = -1, invert } = settings;
    const mode = modeOf(settings.outputMode, "int");
    const given = tf.cast(x, "float32");
    const places = vocabulary.map((_, index) => index + before(settings, mode));
    const hasMask = maskToken !== null && maskToken !== undefined;
    const [from, to] = invert ? [places, vocabulary] : [vocabulary, places];
    const masks = hasMask && (mode === "int" || invert) ? [invert ? 0 : maskToken] : [];
    const keys = tf.tensor1d([...masks, ...from]);
    const values = tf.tensor1d([...masks.map(() => (invert ? maskToken! : 0)), ...to]);
    const unknown = invert ? oovToken : before(settings, mode) - 1;
    const equal = tf.cast(tf.equal(tf.expandDims(given, -1), keys), "float32");
    const indices = tf.add(tf.sum(tf.mul(equal, tf.sub(values, unknown)), -1), unknown);
    if (mode !== "tf_idf") return encoded(indices, mode, countOf(settings, mode));
    const { idfWeights } = settings;
    const mean = idfWeights!.reduce((sum, weight) => sum + weight, 0) / idfWeights!.length;
    const all = [...Array<number>(before(settings, mode)).fill(mean), ...idfWeights!];
    const padded = [...all, ...Array<number>(countOf(settings, mode) - all.length).fill(0)];
    return tf.mul(encoded(indices, "count", countOf(settings, mode)), tf.tensor1d(padded));
  },
  outputShape(input, settings) {
    const mode = modeOf(settings.outputMode, "int");
    return encodedShape(input, mode === "tf_idf" ? "count" : mode, countOf(settings, mode));
  },
});
