import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { bootstrapInterval } from "../../../src/explainers/numerics/bootstrap.js";
import {
  builtInInverters,
  type LoadedModel,
  loadInverter,
  loadModel,
  ModelNotFoundError,
} from "../../../src/kernel-helpers/index.js";
import { packageFile } from "../../../src/kernel-helpers/platform/files.js";
import { asFloat16 } from "../../../tools/train/float16.js";
import {
  heldOutPhotos,
  inverterPictures,
  PICTURE_SIZE,
  trainedPhotos,
} from "../../../tools/train/inverters/pictures.js";
import { DIGIT_SIZE, readMnist } from "../../../tools/train/mnist.js";

let model: LoadedModel;
before(async () => {
  model = await loadModel("mnist-cnn");
});

const COUNT = 200;
async function testDigits(): Promise<tf.Tensor4D> {
  const { pixels } = await readMnist("test");
  return tf.tensor4d(
    Float32Array.from(pixels.subarray(0, COUNT * DIGIT_SIZE), (value) => value / 255),
    [COUNT, 28, 28, 1],
  );
}

const errorsTo = (x: tf.Tensor, to: tf.Tensor): number[] =>
  tf.tidy(() => Array.from(tf.sqrt(tf.mean(tf.reshape(tf.squaredDifference(x, to), [x.shape[0]!, -1]), 1)).dataSync()));

const average = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

test("on digits that it has not seen, every trained inverter beats the mean digit", async () => {
  const { pixels, count } = await readMnist("train");
  const sums = new Float64Array(DIGIT_SIZE);
  for (let at = 0; at < pixels.length; at++) sums[at % DIGIT_SIZE]! += pixels[at]!;
  const mean = tf.tensor4d(
    Float32Array.from(sums, (sum) => sum / count / 255),
    [1, 28, 28, 1],
  );
  const x = await testDigits();
  const toMean = errorsTo(x, mean);
  const found: number[] = [];
  for (const layer of builtInInverters["mnist-cnn"]!) {
    const inverter = await loadInverter(model, layer);
    const { pixelError, picture } = inverter.invert(x);
    const gains = Array.from(pixelError, (error, index) => toMean[index]! - error);
    const { low } = bootstrapInterval(gains);
    assert.ok(low > 0.05, `${layer}: better by ${low} at least`);
    assert.ok(picture.every((value) => value >= 0 && value <= 1));
    found.push(average(pixelError));
    inverter.dispose();
  }
  // The last layers, which are to tell digits apart, keep the least.
  assert.ok(found.at(-1)! > found.at(-2)! && found.at(-2)! > Math.max(...found.slice(0, -2)), `${found}`);
  tf.dispose([x, mean]);
});

test("photographs that were never learned from are drawn better than the mean picture, from early to late layers", async () => {
  const efficientnet = await loadModel("efficientnet-lite0");
  assert.ok(!trainedPhotos.some((photo) => heldOutPhotos.includes(photo)));
  const { pixels } = await inverterPictures({ count: 12, seed: 2, photos: heldOutPhotos, varied: false });
  const x = tf.tidy(() => {
    const whole = tf.tensor4d(Int32Array.from(pixels), [12, PICTURE_SIZE, PICTURE_SIZE, 3], "int32");
    return tf.div(tf.sub(tf.cast(whole, "float32"), 127), 128);
  });
  // The mean of many pictures is nearly gray; the best constant color is closer to any of these than it.
  const toGray = errorsTo(x, tf.scalar(0));
  for (const layer of builtInInverters["efficientnet-lite0"]!) {
    const inverter = await loadInverter(efficientnet, layer);
    const { pixelError } = inverter.invert(x);
    assert.ok(average(pixelError) < average(toGray), `${layer}: ${average(pixelError)} against ${average(toGray)}`);
    inverter.dispose();
  }
  x.dispose();
  efficientnet.dispose();
});

test("what has no inverter is refused by name, with those that there are", async () => {
  await assert.rejects(
    () => loadInverter(model, "conv22"),
    (error: Error) =>
      error instanceof ModelNotFoundError &&
      /conv1, pool1, conv2, pool2, dense, logits/.test(error.message) &&
      /Did you mean "conv2"/.test(error.message),
  );
  const mlp = await loadModel("mnist-mlp");
  await assert.rejects(
    () => loadInverter(mlp, "dense"),
    /no trained inverters for "mnist-mlp", only for mnist-cnn and/,
  );
  mlp.dispose();
  // Another model of the same name is not the one that the inverter knows.
  const other = await loadModel(packageFile("models", "mnist-cnn"));
  const net = other.net as unknown as tf.LayersModel;
  net.setWeights(net.getWeights().map((weight) => tf.mul(weight, 1.1)));
  await assert.rejects(() => loadInverter(other, "conv2"), /computes other values there/);
  other.dispose();
});

test("inverters are small, and leave no tensor behind", async () => {
  for (const [name, layers] of Object.entries(builtInInverters)) {
    const most = name === "mnist-cnn" ? 300_000 : 1_000_000;
    for (const layer of layers) {
      const { size } = await stat(join(packageFile("models", "inverters", name, layer), "weights.bin"));
      assert.ok(size < most, `${name} ${layer}: ${size} bytes`);
    }
  }
  const x = tf.ones([2, 28, 28, 1]);
  const use = async () => {
    const inverter = await loadInverter(model, "conv2");
    inverter.invert(x);
    inverter.dispose();
  };
  await use();
  const before = tf.memory().numTensors;
  await use();
  assert.equal(tf.memory().numTensors, before);
  x.dispose();
});

test("half precision is read as what was written, to its own precision", () => {
  const values = Float32Array.from([0, 1, -1, 0.1, -3.14159, 65504, 6.1e-5, 1e-6, 5.97e-8, 1e-9, 2049]);
  const specs = [
    {
      name: "w",
      shape: [values.length],
      dtype: "float32" as const,
      quantization: { dtype: "float16" as const, original_dtype: "float32" as const },
    },
  ];
  const { w } = tf.io.decodeWeights(asFloat16(values), specs as never);
  Array.from(w!.dataSync()).forEach((value, at) => {
    assert.ok(
      Math.abs(value - values[at]!) <= Math.max(Math.abs(values[at]!) * 2 ** -11, 2 ** -25),
      `${values[at]} as ${value}`,
    );
  });
  w!.dispose();
});
