import * as tf from "@tensorflow/tfjs-node";
import * as fc from "fast-check";

/*
 * Random architectures as lists of steps, so that a failing net shrinks to the few steps that matter and prints as a list.
 * A step that does not fit where it stands (pooling one pixel, say) is left out.
 */

type Pair = 1 | 2;
type Step =
  | { step: "conv"; filters: number; kernel: 1 | 2 | 3; stride: Pair; dilation: Pair; padding: "same" | "valid" }
  | { step: "depthwise"; multiplier: Pair; kernel: 1 | 2 | 3; stride: Pair; padding: "same" | "valid" }
  | { step: "transpose"; filters: number; kernel: 2 | 3; stride: Pair; padding: "same" | "valid" }
  | { step: "conv1d"; filters: number; kernel: 1 | 3; padding: "same" | "valid" }
  | { step: "dense"; units: number }
  | { step: "activation"; name: "relu" | "relu6" | "tanh" | "leakyRelu" | "elu" | "sigmoid" }
  | { step: "max" | "average"; size: 2 | 3; stride: Pair; padding: "same" | "valid" }
  | { step: "batchNorm" }
  | { step: "residual"; inner: Step[] }
  | { step: "concat"; inner: Step[] }
  /** The same convolution twice. */
  | { step: "shared" }
  | { step: "nested"; inner: Step[] }
  | { step: "upsample" | "zeroPad" | "crop" | "permute" };

export interface Net {
  steps: Step[];
  pooling: "flatten" | "average" | "max";
  /** Whether a vector comes in beside the image. */
  vector: "none" | "add" | "concat";
  outputs: Pair;
  bias: boolean;
  seed: number;
}

const padding = fc.constantFrom("same" as const, "valid" as const);
const pair = fc.constantFrom(1 as const, 2 as const);
const kernel = fc.constantFrom(1 as const, 3 as const, 2 as const);

function steps(homogeneous: boolean, depth: number): fc.Arbitrary<Step[]> {
  const filters = fc.integer({ min: 1, max: 4 });
  const kinds: fc.Arbitrary<Step>[] = [
    fc.record({ step: fc.constant("conv" as const), filters, kernel, stride: pair, dilation: pair, padding }),
    fc.record({ step: fc.constant("depthwise" as const), multiplier: pair, kernel, stride: pair, padding }),
    fc.record({
      step: fc.constant("transpose" as const),
      filters,
      kernel: fc.constantFrom(2 as const, 3 as const),
      stride: pair,
      padding,
    }),
    fc.record({
      step: fc.constant("conv1d" as const),
      filters,
      kernel: fc.constantFrom(1 as const, 3 as const),
      padding,
    }),
    fc.record({ step: fc.constant("dense" as const), units: filters }),
    fc.record({
      step: fc.constant("activation" as const),
      name: homogeneous
        ? fc.constantFrom("relu" as const, "leakyRelu" as const)
        : fc.constantFrom("relu", "relu6", "tanh", "leakyRelu", "elu", "sigmoid"),
    }),
    fc.record({
      step: fc.constantFrom("max" as const, "average" as const),
      size: fc.constantFrom(2 as const, 3 as const),
      stride: pair,
      padding,
    }),
    fc.record({ step: fc.constantFrom("batchNorm", "shared", "upsample", "zeroPad", "crop", "permute") }),
  ];
  if (depth > 0) {
    kinds.push(
      fc.record({
        step: fc.constantFrom("residual" as const, "concat" as const, "nested" as const),
        inner: steps(homogeneous, depth - 1),
      }),
    );
  }
  return fc.array(fc.oneof(...kinds), { maxLength: depth === 0 ? 2 : 6 });
}

/** Nets without biases and with activations of degree one only, or of every kind. */
const nets = (kind: "homogeneous" | "any"): fc.Arbitrary<Net> =>
  fc.record({
    steps: steps(kind === "homogeneous", 1),
    pooling: fc.constantFrom("flatten", "average", "max"),
    vector: fc.constantFrom("none", "add", "concat"),
    outputs: pair,
    bias: kind === "homogeneous" ? fc.constant(false) : fc.boolean(),
    seed: fc.integer({ min: 1, max: 1000 }),
  });

/** The layers of a net, one a line. */
function describeNet({ steps, pooling, vector, outputs, bias, seed }: Net): string {
  const line = (step: Step, indent: string): string => {
    const { step: name, inner, ...rest } = step as Step & { inner?: Step[] };
    const options = Object.entries(rest).map(([key, value]) => `${key} ${value}`);
    return `${indent}${[name, ...options].join(", ")}${(inner ?? []).map((s) => `\n${line(s, `${indent}  `)}`).join("")}`;
  };
  return [
    `image [6, 6, 2]${vector === "none" ? "" : ` and vector [3], joined by ${vector}`}; biases: ${bias}; seed ${seed}`,
    ...steps.map((step) => line(step, "  ")),
    `  ${pooling}, then ${outputs} dense head${outputs > 1 ? "s" : ""}`,
  ].join("\n");
}

/** Builds the tfjs layers model of a net. */
export function build(net: Net): tf.LayersModel {
  let seed = net.seed;
  const normal = (stddev = 0.6) => tf.initializers.randomNormal({ stddev, seed: seed++ });
  const weights = () => ({ useBias: net.bias, kernelInitializer: normal(), biasInitializer: normal(0.3) });
  type T = tf.SymbolicTensor;
  const call = (layer: tf.layers.Layer, input: T | T[]): T => layer.apply(input) as T;
  const sides = (x: T): [number, number, number] => x.shape.slice(1) as [number, number, number];

  const run = (x: T, step: Step): T => {
    const [height, width, channels] = sides(x);
    switch (step.step) {
      case "conv": {
        const { filters, kernel: kernelSize, padding } = step;
        const reach = (kernelSize - 1) * step.dilation + 1;
        if (padding === "valid" && Math.min(height, width) < reach) return x;
        // Kernels have a stride or a dilation, not both.
        const strides = step.dilation > 1 ? 1 : step.stride;
        const options = { filters, kernelSize, strides, dilationRate: step.dilation, padding, ...weights() };
        return call(tf.layers.conv2d(options), x);
      }
      case "depthwise": {
        if (step.padding === "valid" && Math.min(height, width) < step.kernel) return x;
        const { kernelInitializer, ...rest } = weights();
        const options = { kernelSize: step.kernel, depthMultiplier: step.multiplier, strides: step.stride };
        const depthwiseInitializer = kernelInitializer;
        return call(tf.layers.depthwiseConv2d({ ...options, depthwiseInitializer, padding: step.padding, ...rest }), x);
      }
      case "transpose": {
        if (Math.max(height, width) > 8) return x;
        const { filters, kernel: kernelSize, stride: strides, padding } = step;
        return call(tf.layers.conv2dTranspose({ filters, kernelSize, strides, padding, ...weights() }), x);
      }
      case "conv1d": {
        const rows = call(tf.layers.reshape({ targetShape: [height * width, channels] }), x);
        if (step.padding === "valid" && height * width < step.kernel) return x;
        const { filters, kernel: kernelSize, padding } = step;
        const y = call(tf.layers.conv1d({ filters, kernelSize, padding, ...weights() }), rows);
        return call(tf.layers.reshape({ targetShape: [y.shape[1]!, 1, filters] }), y);
      }
      case "dense":
        return call(tf.layers.dense({ units: step.units, ...weights() }), x);
      case "activation": {
        if (step.name === "relu") return call(tf.layers.reLU(), x);
        if (step.name === "relu6") return call(tf.layers.reLU({ maxValue: 6 }), x);
        if (step.name === "leakyRelu") return call(tf.layers.leakyReLU({ alpha: 0.2 }), x);
        return call(tf.layers.activation({ activation: step.name }), x);
      }
      case "max":
      case "average": {
        if (Math.min(height, width) < step.size) return x;
        const options = { poolSize: step.size, strides: step.stride, padding: step.padding } as const;
        return call(step.step === "max" ? tf.layers.maxPooling2d(options) : tf.layers.averagePooling2d(options), x);
      }
      case "batchNorm":
        return call(
          tf.layers.batchNormalization({
            center: net.bias,
            betaInitializer: normal(0.3),
            gammaInitializer: tf.initializers.randomUniform({ minval: 0.5, maxval: 2, seed: seed++ }),
            movingMeanInitializer: net.bias ? normal(0.3) : "zeros",
            movingVarianceInitializer: tf.initializers.randomUniform({ minval: 0.5, maxval: 2, seed: seed++ }),
          }),
          x,
        );
      case "residual": {
        const branch = step.inner.reduce(run, x);
        const [rows, columns, depth] = sides(branch);
        if (rows !== height || columns !== width) return branch;
        const kernelOptions = { filters: depth, kernelSize: 1, ...weights() };
        const skip = depth === channels ? x : call(tf.layers.conv2d(kernelOptions), x);
        return call(tf.layers.add(), [skip, branch]);
      }
      case "concat": {
        const branch = step.inner.reduce(run, x);
        const [rows, columns] = sides(branch);
        if (rows !== height || columns !== width || branch === x) return branch;
        return call(tf.layers.concatenate(), [x, branch]);
      }
      case "shared": {
        const layer = tf.layers.conv2d({ filters: channels, kernelSize: 3, padding: "same", ...weights() });
        return call(layer, call(tf.layers.reLU(), call(layer, x)));
      }
      case "nested": {
        const input = tf.input({ shape: [height, width, channels] });
        const output = step.inner.reduce(run, input);
        if (output === input) return x;
        return call(tf.model({ inputs: input, outputs: output }) as unknown as tf.layers.Layer, x);
      }
      case "upsample":
        return Math.max(height, width) > 8 ? x : call(tf.layers.upSampling2d({ size: [2, 2] }), x);
      case "zeroPad":
        return Math.max(height, width) > 12
          ? x
          : call(
              tf.layers.zeroPadding2d({
                padding: [
                  [1, 0],
                  [0, 2],
                ],
              }),
              x,
            );
      case "crop":
        return Math.min(height, width) < 3
          ? x
          : call(
              tf.layers.cropping2D({
                cropping: [
                  [1, 0],
                  [0, 1],
                ],
              }),
              x,
            );
      case "permute":
        return call(tf.layers.permute({ dims: [2, 1, 3] }), x);
    }
  };

  const image = tf.input({ shape: [6, 6, 2] });
  const inputs = [image];
  let x = net.steps.reduce(run, image);
  if (net.pooling === "flatten") x = call(tf.layers.flatten(), x);
  else if (net.pooling === "average") x = call(tf.layers.globalAveragePooling2d({}), x);
  else x = call(tf.layers.globalMaxPooling2d({}), x);
  if (net.vector !== "none") {
    const vector = tf.input({ shape: [3] });
    inputs.push(vector);
    const units = net.vector === "add" ? x.shape[1]! : 2;
    const y = call(tf.layers.dense({ units, ...weights() }), vector);
    x = call(net.vector === "add" ? tf.layers.add() : tf.layers.concatenate(), [x, y]);
  }
  const outputs = Array.from({ length: net.outputs }, () => call(tf.layers.dense({ units: 3, ...weights() }), x));
  return tf.model({ inputs, outputs });
}

/** A batch of inputs for `net`. */
export const inputsFor = (net: Net, batch: number): tf.Tensor[] => [
  tf.randomUniform([batch, 6, 6, 2], -1, 1, "float32", net.seed),
  ...(net.vector === "none" ? [] : [tf.randomUniform([batch, 3], -1, 1, "float32", net.seed + 1)]),
];

/** Checks `holds` on random nets; where it does not, the error names the smallest net found, layer by layer. */
export async function onRandomNets(
  kind: "homogeneous" | "any",
  options: { seed: number; runs: number },
  holds: (net: Net) => void | Promise<void>,
): Promise<void> {
  const details = await fc.check(
    fc.asyncProperty(nets(kind), async (net) => void (await holds(net))),
    {
      seed: options.seed,
      numRuns: options.runs,
    },
  );
  if (!details.failed) return;
  const [net] = details.counterexample!;
  const error = details.errorInstance;
  throw new Error(
    `Does not hold (seed ${details.seed}, ${details.numShrinks} times made smaller) for the net\n${describeNet(net)}\n` +
      `${error instanceof Error ? error.stack : String(error)}`,
  );
}
