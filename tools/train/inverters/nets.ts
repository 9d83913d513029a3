import * as tf from "@tensorflow/tfjs-node";

/** Makes the network that inverts a layer, from the shape of its values to a picture; `seed` is of its weights. */
export type InverterMaker = (shape: readonly number[], seed: number) => tf.Sequential;

/** Up-convolutional nets (Dosovitskiy & Brox 2016), by layer, in the order of the network. */
export type InverterMakers = Readonly<Record<string, InverterMaker>>;

/** A net whose layers follow one another, each followed by a leaky ReLU but the last. */
function upConvolutional(
  name: string,
  shape: readonly number[],
  layers: readonly Layer[],
  seed: number,
): tf.Sequential {
  const model = tf.sequential({ name });
  layers.forEach((layer, index) => {
    const kernelInitializer = tf.initializers.heNormal({ seed: seed + index });
    const inputShape = index === 0 ? { inputShape: [...shape] } : {};
    const made = layer({ ...inputShape, name: `up${index + 1}`, kernelInitializer });
    model.add(made);
    if (index < layers.length - 1 && made.getClassName() !== "Reshape" && made.getClassName() !== "UpSampling2D") {
      model.add(tf.layers.leakyReLU({ name: `leaky${index + 1}`, alpha: 0.2 }));
    }
  });
  return model;
}

type Common = { name: string; inputShape?: number[]; kernelInitializer: ReturnType<typeof tf.initializers.heNormal> };
type Layer = (common: Common) => tf.layers.Layer;

const conv =
  (filters: number, kernelSize = 3): Layer =>
  (common) =>
    tf.layers.conv2d({ ...common, filters, kernelSize, padding: "same" });

/** A transposed convolution: undoes the size of one without padding, or enlarges by `strides`. */
const up =
  (filters: number, kernelSize: number, strides = 1): Layer =>
  (common) =>
    tf.layers.conv2dTranspose({ ...common, filters, kernelSize, strides, padding: strides === 1 ? "valid" : "same" });

const dense =
  (units: number): Layer =>
  (common) =>
    tf.layers.dense({ ...common, units });

const reshape =
  (...targetShape: number[]): Layer =>
  ({ name }) =>
    tf.layers.reshape({ name, targetShape });

const named =
  (name: string, layers: readonly Layer[]): InverterMaker =>
  (shape, seed) =>
    upConvolutional(name, shape, layers, seed);

/** 4 × 4 maps of `mnist-cnn` back to its 28 × 28 pixels, the way that its convolutions and pools came. */
const fromPool2: readonly Layer[] = [up(32, 4, 2), up(24, 5), up(16, 4, 2), up(1, 5)];

export const digitInverters: InverterMakers = {
  conv1: named("inverts-conv1", [conv(16), up(1, 5)]),
  pool1: named("inverts-pool1", [conv(24), up(16, 4, 2), up(1, 5)]),
  conv2: named("inverts-conv2", [conv(48), up(32, 5), up(24, 4, 2), up(1, 5)]),
  pool2: named("inverts-pool2", [conv(48), ...fromPool2]),
  dense: named("inverts-dense", [dense(512), reshape(4, 4, 32), ...fromPool2]),
  logits: named("inverts-logits", [dense(128), dense(512), reshape(4, 4, 32), ...fromPool2]),
};

/** 56 × 56 maps to 224 × 224 colored pixels. */
const from56: readonly Layer[] = [up(16, 4, 2), up(3, 4, 2)];
/** What lies deeper has no detail that would need a convolution at each size. */
const from28: readonly Layer[] = [up(24, 4, 2), up(3, 8, 4)];

export const photoInverters: InverterMakers = {
  b2_add: named("inverts-b2", [conv(32), ...from56]),
  b4_add: named("inverts-b4", [conv(48), up(32, 4, 2), ...from56]),
  b10_add: named("inverts-b10", [conv(64, 1), up(48, 4, 2), ...from28]),
  b15_project_bn: named("inverts-b15", [conv(96, 1), up(64, 4, 2), up(32, 4, 2), ...from28]),
  gap: named("inverts-gap", [dense(160), dense(784), reshape(7, 7, 16), up(32, 4, 2), up(24, 4, 2), ...from28]),
};
