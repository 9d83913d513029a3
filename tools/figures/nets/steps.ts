import * as fc from "fast-check";
import type { Sketch, Value } from "./sketch.js";

/** One step of a net, by its kind; it prints as it is and shrinks to its first choices. */
export interface Step {
  readonly step: string;
  readonly [setting: string]: unknown;
}

/** Adds a step to a net; `undefined` where it does not fit. */
type Add<S> = (net: Sketch, x: Value, settings: S) => Value | undefined;

interface StepKind {
  readonly step: string;
  /** How many axes a sample has where it can stand: 1 rows, 2 sequences, 3 pictures, 4 volumes or frames. */
  readonly ranks: readonly number[];
  readonly arbitrary: (inner: fc.Arbitrary<Step[]>) => fc.Arbitrary<Step>;
  readonly add: Add<never>;
}

type Drawn<S> = { [K in keyof S]: fc.Arbitrary<S[K]> };

const kind = <S extends object>(
  step: string,
  ranks: readonly number[],
  settings: Drawn<S> | ((inner: fc.Arbitrary<Step[]>) => Drawn<S>),
  add: Add<S>,
): StepKind => ({
  step,
  ranks,
  arbitrary: (inner) => {
    const drawn = typeof settings === "function" ? settings(inner) : settings;
    return fc.record({ step: fc.constant(step), ...drawn }) as fc.Arbitrary<Step>;
  },
  add: add as Add<never>,
});

const one = fc.constantFrom;
const whole = (min: number, max: number) => fc.integer({ min, max });
const units = whole(1, 4);
const padding = one("valid", "same");
const size = whole(1, 3);
const pair = whole(1, 2);
const flag = fc.boolean();
const every = [1, 2, 3, 4];

const functions = [
  ...["linear", "relu", "tanh", "sigmoid", "elu", "selu", "relu6", "softplus", "softsign", "hardSigmoid"],
  ...["softmax", "swish", "mish", "gelu", "gelu_new", "logSoftmax"],
];
const activation = one(...functions);
const simple = one("linear", "relu", "tanh", "sigmoid", "elu");

/** As many channels as `x` has. */
const channels = (x: Value): number => x.shape.at(-1)!;

const sameSizes = (a: Value, b: Value): boolean => String(a.shape) === String(b.shape);

/** Whether there is more than one value to normalize: of one, nothing or a sign is left. */
const spread = (x: Value): true | undefined => channels(x) > 1 || undefined;

/** Joins two values of one shape, or the second one brought to the first's by a dense layer. */
function joined(net: Sketch, merge: string, a: Value, b: Value): Value | undefined {
  const isAlike = String(a.shape.slice(0, -1)) === String(b.shape.slice(0, -1));
  if (!isAlike) return undefined;
  const fits = merge === "concatenate" || sameSizes(a, b);
  const other = fits ? b : net.add("dense", { units: channels(a) }, b);
  return other && net.add(merge, {}, a, other);
}

const merges = ["add", "multiply", "average", "maximum", "minimum", "concatenate", "Subtract"];
const merge = one(...merges);

/** Sizes of the same number of entries: `outer` times the rest. */
function regrouped(shape: readonly number[], rank: number, outer: number): number[] | undefined {
  const entries = shape.reduce((product, entry) => product * entry, 1);
  const sizes: number[] = [];
  let rest = entries;
  for (let axis = 1; axis < rank; axis++) {
    const factor = [outer + 1, 2, 3, 1].find((candidate) => rest % candidate === 0)!;
    sizes.push(factor);
    rest /= factor;
  }
  return rank === 0 ? undefined : [...sizes, rest];
}

const recurrentLayers = ["lstm", "gru", "simpleRNN", "KerasGRU"];

interface Recurrent {
  cell: string;
  units: number;
  every: boolean;
  backwards: boolean;
  activation: string;
}

const recurrentOf = ({ cell, units: count, every: each, backwards, activation: name }: Recurrent) => ({
  layer: cell,
  config: {
    units: count,
    ...(each && { returnSequences: true }),
    ...(backwards && { goBackwards: true }),
    ...(name !== "tanh" && { activation: name }),
    ...(cell === "gru" && { resetAfter: false }),
  },
});

const recurrent: Drawn<Recurrent> = {
  cell: one(...recurrentLayers),
  units: whole(1, 3),
  every: flag,
  backwards: flag,
  activation: one("tanh", "relu"),
};

/** Every kind of step, a line or a few each. */
const stepKinds: readonly StepKind[] = [
  kind("dense", every, { units, activation: simple, useBias: flag }, (net, x, settings) =>
    net.add("dense", settings, x),
  ),
  kind("activation", every, { activation }, (net, x, settings) => net.add("activation", settings, x)),
  kind("leakyReLU", every, { alpha: one(0.2, 0.01) }, (net, x, settings) => net.add("leakyReLU", settings, x)),
  kind("ELU", every, { alpha: one(1, 0.5) }, (net, x, settings) => net.add("ELU", settings, x)),
  kind("prelu", every, {}, (net, x) => net.add("prelu", {}, x)),
  kind("thresholdedReLU", every, { theta: one(0.25) }, (net, x, settings) => net.add("thresholdedReLU", settings, x)),
  kind("reLU", every, { maxValue: one(0.5, 6) }, (net, x, settings) => net.add("reLU", settings, x)),
  kind(
    "ReLU",
    every,
    { maxValue: one(1), negativeSlope: one(0, 0.1), threshold: one(0, 0.2) },
    (net, x, { maxValue, negativeSlope, threshold }) => net.add("ReLU", { maxValue, negativeSlope, threshold }, x),
  ),
  // TensorFlow.js' own knows samples of up to three axes.
  kind("batchNormalization", [1, 2, 3], { scale: flag, center: flag }, (net, x, settings) =>
    net.add("batchNormalization", settings, x),
  ),
  kind("BatchNormalization", every, { axis: whole(1, 4), scale: flag, center: flag }, (net, x, { axis, ...rest }) =>
    net.add("BatchNormalization", { ...rest, ...(axis <= x.shape.length && { axis }) }, x),
  ),
  kind(
    "layerNormalization",
    every,
    { center: flag, layer: one("layerNormalization", "LayerNormalization") },
    (net, x, { layer, ...settings }) => spread(x) && net.add(layer, settings, x),
  ),
  kind("GroupNormalization", [2, 3, 4], { groups: one(1, -1, 2) }, (net, x, { groups }) => {
    const isPlace = x.shape.slice(0, -1).every((size) => size === 1);
    return isPlace
      ? undefined
      : net.add("GroupNormalization", { groups: channels(x) % 2 === 1 ? Math.min(groups, 1) : groups }, x);
  }),
  kind("RMSNormalization", every, {}, (net, x) => spread(x) && net.add("RMSNormalization", {}, x)),
  kind("UnitNormalization", every, {}, (net, x) => spread(x) && net.add("UnitNormalization", {}, x)),
  kind("dropout", every, { rate: one(0.3) }, (net, x, settings) => net.add("dropout", settings, x)),
  kind("gaussianNoise", every, { stddev: one(0.3) }, (net, x, settings) => net.add("gaussianNoise", settings, x)),
  kind("rescaling", every, { scale: one(0.5), offset: one(0, -0.25) }, (net, x, settings) =>
    net.add("rescaling", settings, x),
  ),
  kind("flatten", [2, 3, 4], {}, (net, x) => net.add("flatten", {}, x)),
  kind("reshape", every, { rank: whole(1, 4), outer: whole(1, 3) }, (net, x, { rank, outer }) => {
    const targetShape = regrouped(x.shape, rank, outer);
    return targetShape && net.add("reshape", { targetShape }, x);
  }),
  kind("permute", [2, 3, 4], { turn: whole(1, 3), swap: flag }, (net, x, { turn, swap }) => {
    const axes = x.shape.map((_, axis) => axis + 1);
    const dims = axes.map((_, axis) => axes[(axis + turn) % axes.length]!);
    if (swap) dims.splice(0, 2, dims[1]!, dims[0]!);
    return net.add("permute", { dims }, x);
  }),
  kind("shared", every, { activation: simple }, (net, x, { activation: name }) => {
    const layer = net.layer("dense", { units: channels(x), activation: name });
    const y = net.call(layer, x);
    return y && net.call(layer, y);
  }),
  kind("siamese", every, { activation: simple, merge }, (net, x, { activation: name, merge: join }) => {
    const layer = net.layer("dense", { units: 3, activation: name });
    const [a, half] = [net.call(layer, x), net.add("rescaling", { scale: 0.5 }, x)];
    const b = half && net.call(layer, half);
    return a && b && joined(net, join, a, b);
  }),
  kind("gate", every, {}, (net, x) => {
    const gate = net.add("dense", { units: channels(x), activation: "sigmoid" }, x);
    return gate && net.add("multiply", {}, x, gate);
  }),
  kind(
    "branch",
    every,
    (inner) => ({ merge, inner }),
    (net, x, { merge: join, inner }: { merge: string; inner: Step[] }) => {
      const y = addSteps(net, x, inner);
      return y === x ? undefined : (joined(net, join, x, y) ?? y);
    },
  ),
  kind(
    "nested",
    every,
    (inner) => ({ inner }),
    (net, x, { inner }: { inner: Step[] }) => {
      const layer = net.inner(x.shape, (within, start) => addSteps(within, start, inner));
      return layer && net.call(layer, x);
    },
  ),
  // Rows.
  kind("repeatVector", [1], { n: pair }, (net, x, settings) => net.add("repeatVector", settings, x)),
  // Sequences.
  kind(
    "conv1d",
    [2],
    {
      filters: units,
      kernelSize: size,
      strides: pair,
      dilationRate: pair,
      padding,
      useBias: flag,
    },
    (net, x, settings) => net.add("conv1d", { ...settings, ...(settings.strides > 1 && { dilationRate: 1 }) }, x),
  ),
  kind(
    "KerasConv1D",
    [2],
    { filters: pair, kernelSize: size, dilationRate: pair, groups: pair, padding: one("causal", "same", "valid") },
    (net, x, { filters, groups, ...settings }) =>
      channels(x) % groups === 0
        ? net.add("KerasConv1D", { ...settings, filters: filters * groups, groups }, x)
        : undefined,
  ),
  kind(
    "SeparableConv1D",
    [2],
    { filters: units, kernelSize: size, depthMultiplier: pair, padding },
    (net, x, settings) => net.add("SeparableConv1D", settings, x),
  ),
  kind(
    "DepthwiseConv1D",
    [2],
    { kernelSize: size, depthMultiplier: pair, strides: pair, padding },
    (net, x, settings) => net.add("DepthwiseConv1D", settings, x),
  ),
  kind("Conv1DTranspose", [2], { filters: units, kernelSize: size, strides: pair, padding }, (net, x, settings) =>
    net.add("Conv1DTranspose", settings, x),
  ),
  kind(
    "pool1d",
    [2],
    { pool: one("maxPooling1d", "averagePooling1d"), poolSize: size, strides: pair, padding },
    (net, x, { pool, ...settings }) => net.add(pool, settings, x),
  ),
  kind("globalPool1d", [2], { pool: one("globalAveragePooling1d", "globalMaxPooling1d") }, (net, x, { pool }) =>
    net.add(pool, {}, x),
  ),
  kind("edges1d", [2], { layer: one("UpSampling1D", "ZeroPadding1D", "Cropping1D") }, (net, x, { layer }) =>
    net.add(layer, {}, x),
  ),
  kind("recurrent", [2], recurrent, (net, x, settings) => {
    const { layer, config } = recurrentOf(settings);
    return net.add(layer, config, x);
  }),
  kind(
    "bidirectional",
    [2],
    { ...recurrent, mergeMode: one("concat", "sum", "mul", "ave") },
    (net, x, { mergeMode, ...settings }) => net.add("bidirectional", { layer: recurrentOf(settings), mergeMode }, x),
  ),
  kind("timeDistributed", [2], { units, activation: simple }, (net, x, config) =>
    net.add("timeDistributed", { layer: { layer: "dense", config } }, x),
  ),
  kind("attention", [2], { units: whole(1, 3) }, (net, x, config) => {
    const [query, key, value] = [0, 1, 2].map(() => net.add("dense", config, x));
    const scores = query && key && net.add("dot", { axes: [2, 2] }, query, key);
    const weights = scores && net.add("activation", { activation: "softmax" }, scores);
    return weights && value && net.add("dot", { axes: [2, 1] }, weights, value);
  }),
  // Pictures.
  kind(
    "conv2d",
    [3],
    {
      filters: units,
      kernelSize: fc.tuple(size, size),
      strides: fc.tuple(pair, pair),
      dilationRate: pair,
      padding,
      useBias: flag,
      activation: simple,
    },
    (net, x, { kernelSize, strides, ...settings }) => {
      const isStrided = strides.some((stride) => stride > 1);
      return net.add("conv2d", { ...settings, kernelSize, strides, ...(isStrided && { dilationRate: 1 }) }, x);
    },
  ),
  kind(
    "KerasConv2D",
    [3],
    { filters: pair, kernelSize: size, strides: pair, groups: pair, padding },
    (net, x, { filters, groups, ...settings }) =>
      channels(x) % groups === 0
        ? net.add("KerasConv2D", { ...settings, filters: filters * groups, groups }, x)
        : undefined,
  ),
  kind(
    "separableConv2d",
    [3],
    { filters: units, kernelSize: size, depthMultiplier: pair, strides: pair, padding },
    (net, x, settings) => net.add("separableConv2d", settings, x),
  ),
  kind(
    "depthwiseConv2d",
    [3],
    { kernelSize: size, depthMultiplier: pair, strides: pair, padding, dilationRate: pair },
    (net, x, { dilationRate, ...settings }) =>
      dilationRate === 1
        ? net.add("depthwiseConv2d", settings, x)
        : net.add("DepthwiseConv2D", { ...settings, dilationRate }, x),
  ),
  kind("conv2dTranspose", [3], { filters: units, kernelSize: size, strides: pair, padding }, (net, x, settings) =>
    net.add("conv2dTranspose", settings, x),
  ),
  kind(
    "pool2d",
    [3],
    {
      pool: one("maxPooling2d", "averagePooling2d"),
      poolSize: fc.tuple(size, size),
      strides: fc.tuple(pair, pair),
      padding,
    },
    (net, x, { pool, ...settings }) => net.add(pool, settings, x),
  ),
  kind("globalPool2d", [3], { pool: one("globalAveragePooling2d", "globalMaxPooling2d") }, (net, x, { pool }) =>
    net.add(pool, {}, x),
  ),
  kind(
    "upSampling2d",
    [3],
    {
      size: fc.tuple(pair, pair),
      interpolation: one("nearest", "bilinear"),
      layer: one("upSampling2d", "KerasUpSampling2D"),
    },
    (net, x, { layer, ...settings }) =>
      settings.interpolation === "nearest" ? net.add("upSampling2d", settings, x) : net.add(layer, settings, x),
  ),
  kind("zeroPadding2d", [3], { a: whole(0, 2), b: whole(0, 2) }, (net, x, { a, b }) =>
    net.add(
      "zeroPadding2d",
      {
        padding: [
          [a, b],
          [b, 1],
        ],
      },
      x,
    ),
  ),
  kind("cropping2D", [3], { a: whole(0, 1), b: whole(0, 1) }, (net, x, { a, b }) =>
    net.add(
      "cropping2D",
      {
        cropping: [
          [a, b],
          [b, a],
        ],
      },
      x,
    ),
  ),
  kind(
    "resizing",
    [3],
    { height: whole(1, 5), width: whole(1, 5), interpolation: one("nearest", "bilinear") },
    (net, x, settings) => net.add("resizing", settings, x),
  ),
  kind("rows", [3], { units: whole(1, 3), cell: one(...recurrentLayers) }, (net, x, { units: count, cell }) =>
    net.add(
      "timeDistributed",
      { layer: recurrentOf({ cell, units: count, every: false, backwards: false, activation: "tanh" }) },
      x,
    ),
  ),
  // Volumes and frames.
  kind("conv3d", [4], { filters: units, kernelSize: size, strides: pair, padding, useBias: flag }, (net, x, settings) =>
    net.add("conv3d", settings, x),
  ),
  kind("conv3dTranspose", [4], { filters: units, kernelSize: size, strides: pair, padding }, (net, x, settings) =>
    net.add("conv3dTranspose", settings, x),
  ),
  kind(
    "pool3d",
    [4],
    { pool: one("maxPooling3d", "averagePooling3d"), poolSize: pair, strides: pair, padding },
    (net, x, { pool, poolSize, strides, padding: pad }) =>
      net.add(pool, { poolSize: [poolSize, 2, poolSize], strides: [strides, strides, 1], padding: pad }, x),
  ),
  kind("globalPool3d", [4], { pool: one("GlobalAveragePooling3D", "GlobalMaxPooling3D") }, (net, x, { pool }) =>
    net.add(pool, {}, x),
  ),
  kind("edges3d", [4], { layer: one("UpSampling3D", "ZeroPadding3D", "Cropping3D") }, (net, x, { layer }) =>
    net.add(layer, {}, x),
  ),
  kind("convLstm2d", [4], { filters: pair, padding, returnSequences: flag }, (net, x, settings) =>
    net.add("convLstm2d", { ...settings, kernelSize: 2 }, x),
  ),
  kind("frames", [4], { filters: units, padding, activation: simple }, (net, x, settings) =>
    net.add("timeDistributed", { layer: { layer: "conv2d", config: { ...settings, kernelSize: 2 } } }, x),
  ),
  kind("flatFrames", [3, 4], {}, (net, x) =>
    net.add("timeDistributed", { layer: { layer: "flatten", config: {} } }, x),
  ),
];

const byName = new Map(stepKinds.map((entry) => [entry.step, entry]));

/** Adds steps one after the other; one that does not fit where it stands is left out. */
export function addSteps(net: Sketch, x: Value, steps: readonly Step[]): Value {
  let y = x;
  for (const { step, ...settings } of steps) {
    const { ranks, add } = byName.get(step)!;
    if (ranks.includes(y.shape.length)) y = add(net, y, settings as never) ?? y;
  }
  return y;
}

/** Steps for samples of `rank` axes, and some for those that they become. */
export function stepsFor(rank: number, maxLength = 7): fc.Arbitrary<Step[]> {
  const ofRank = (wanted: number, depth: number): fc.Arbitrary<Step> => {
    const inner = depth === 0 ? fc.constant<Step[]>([]) : fc.array(ofRank(wanted, depth - 1), { maxLength: 3 });
    const fitting = stepKinds.filter(({ ranks, step }) => ranks.includes(wanted) && (depth > 0 || !composed.has(step)));
    // A rank's own steps are drawn as often as those that stand anywhere.
    const [own, others] = [
      fitting.filter(({ ranks }) => ranks.length === 1),
      fitting.filter(({ ranks }) => ranks.length > 1),
    ];
    const choice = (kinds: StepKind[]) => fc.oneof(...kinds.map(({ arbitrary }) => arbitrary(inner)));
    return own.length === 0
      ? choice(others)
      : fc.oneof({ weight: 3, arbitrary: choice(own) }, { weight: 2, arbitrary: choice(others) });
  };
  const others = [1, 2, 3].filter((other) => other < rank);
  return fc.array(
    fc.oneof(
      { weight: 4, arbitrary: ofRank(rank, 1) },
      ...others.map((other) => ({ weight: 1, arbitrary: ofRank(other, 1) })),
    ),
    { maxLength },
  );
}

const composed: ReadonlySet<string> = new Set(["branch", "nested"]);
