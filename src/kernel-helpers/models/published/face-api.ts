import type { NamedTensorMap, Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { tensorflow } from "../../tensorflow/backend.js";
import { type LoadedModel, loadModel, type TensorFunction } from "../load-model.js";
import { loadWeights } from "../weights.js";

/** Networks of @vladmandic/face-api, which publishes weights without a topology: here they are functions of tensors. */

type TensorFlow = Awaited<ReturnType<typeof tensorflow>>;

/** Faces of 112 × 112 pixels, centered on this mean. */
const input = { shape: [112, 112, 3], mean: [122.782, 117.001, 104.298], scale: 255 };

/** What the network of expressions tells apart, in its order. */
const EXPRESSIONS = ["neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised"];

function blocks(tf: TensorFlow, weights: NamedTensorMap) {
  const conv = (x: Tensor, name: string, stride: number): Tensor4D =>
    tf.conv2d(x as Tensor4D, weights[`${name}/filters`] as Tensor4D, stride, "same").add(weights[`${name}/bias`]!);
  const separable = (x: Tensor, name: string, stride = 1): Tensor4D =>
    tf
      .separableConv2d(
        x as Tensor4D,
        weights[`${name}/depthwise_filter`] as Tensor4D,
        weights[`${name}/pointwise_filter`] as Tensor4D,
        stride,
        "same",
      )
      .add(weights[`${name}/bias`]!);
  const dense = (x: Tensor, name: string): Tensor2D =>
    tf.matMul(x as Tensor2D, weights[`${name}/weights`] as Tensor2D).add(weights[`${name}/bias`]!);
  return { conv, separable, dense };
}

async function load(
  manifest: string,
  name: string,
  net: (tf: TensorFlow, weights: NamedTensorMap) => TensorFunction,
  classNames?: string[],
): Promise<LoadedModel> {
  const tf = await tensorflow();
  const weights = await loadWeights(manifest);
  return loadModel(net(tf, weights), { name, input, classNames, dispose: () => tf.dispose(weights) });
}

/**
 * A small Xception that gives a face's age in years, `[batch, 1]`, or the logits of male and female, `[batch, 2]`.
 *
 * @param manifest Path of `age_gender_model-weights_manifest.json`, with the weights beside it.
 */
export function ageGender(manifest: string, output: "age" | "gender"): Promise<LoadedModel> {
  return load(manifest, "age-gender", (tf, weights) => {
    const { conv, separable, dense } = blocks(tf, weights);
    const reduction = (x: Tensor4D, name: string, start: Tensor4D) => {
      const first = separable(start, `${name}/separable_conv0`).relu();
      const second = separable(first, `${name}/separable_conv1`) as Tensor4D;
      return tf.maxPool(second, 3, 2, "same").add(conv(x, `${name}/expansion_conv`, 2)) as Tensor4D;
    };
    const main = (x: Tensor4D, name: string) => {
      let out: Tensor = x;
      for (const part of [0, 1, 2]) out = separable(out.relu(), `${name}/separable_conv${part}`);
      return out.add(x) as Tensor4D;
    };
    return (x) => {
      let out = conv(x, "entry_flow/conv_in", 2).relu() as Tensor4D;
      out = reduction(out, "entry_flow/reduction_block_0", out);
      out = reduction(out, "entry_flow/reduction_block_1", out.relu());
      out = main(main(out, "middle_flow/main_block_0"), "middle_flow/main_block_1");
      out = reduction(out, "exit_flow/reduction_block", out.relu());
      out = separable(out, "exit_flow/separable_conv").relu();
      return dense(tf.avgPool(out, 7, 2, "valid").reshape([x.shape[0]!, 512]), `fc/${output}`);
    };
  });
}

/**
 * Densely added separable convolutions that give the logits of seven expressions.
 *
 * @param manifest Path of `face_expression_model-weights_manifest.json`, with the weights beside it.
 */
export function faceExpressions(manifest: string): Promise<LoadedModel> {
  return load(
    manifest,
    "face-expressions",
    (tf, weights) => {
      const { conv, separable, dense } = blocks(tf, weights);
      const block = (x: Tensor, name: string, isFirst: boolean) => {
        const start = isFirst ? conv(x, `${name}/conv0`, 2) : separable(x, `${name}/conv0`, 2);
        let sum: Tensor = start.relu();
        let last = sum;
        for (const part of [1, 2, 3]) {
          const next = separable(last, `${name}/conv${part}`);
          sum = sum.add(next);
          last = sum.relu();
        }
        return last;
      };
      return (x) => {
        let out = x;
        for (const index of [0, 1, 2, 3]) out = block(out, `dense${index}`, index === 0);
        return dense(tf.avgPool(out as Tensor4D, 7, 2, "valid").reshape([x.shape[0]!, 256]), "fc");
      };
    },
    EXPRESSIONS,
  );
}
