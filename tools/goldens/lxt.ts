import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { attention, lrp } from "../../src/explainers/index.js";
import type { Adapters, CaseContext } from "./adapter.js";
import { expectIn, numberIn } from "./parameters.js";

/** lxt's AttnLRP, on the block that the index describes in words. */
export const lxt: Adapters = {
  "AttnLRP (explicit functional)": async (context) => {
    const { golden, input } = context;
    const { params } = golden;
    expectIn(params, "seed", "onehot*output");
    // The rules in words, which are AttnLRP's.
    String(params["rules"]);
    const target = (params["target"] ?? golden.target) as number[];
    const composite = attention({ epsilon: numberIn(params, "epsilon") });
    const explain = lrp(transformerBlock(context), { composite });
    return { roles: { relevance: (await explain(input(), { target })).relevance } };
  },
};

/** A pre-norm block with attention and GELU, mean over tokens, dense. */
function transformerBlock({ tensor, description }: CaseContext): (x: Tensor) => Tensor {
  const heads = description["heads"] as number;
  const weights = new Map<string, Tensor>();
  const w = (name: string): Tensor => {
    const known = weights.get(name) ?? tensor(`w/${name}`);
    weights.set(name, known);
    return known;
  };
  const linear = (x: Tensor, kernel: string, bias: string): Tensor => {
    const [batch, tokens, width] = x.shape as [number, number, number];
    const rows = tf.matMul(tf.reshape(x, [batch * tokens, width]) as Tensor2D, w(kernel) as Tensor2D);
    return tf.add(tf.reshape(rows, [batch, tokens, -1]), w(bias));
  };
  const layerNorm = (x: Tensor, gain: string, shift: string): Tensor => {
    const centered = tf.sub(x, tf.mean(x, -1, true));
    const variance = tf.mean(tf.square(centered), -1, true);
    return tf.add(tf.mul(tf.div(centered, tf.sqrt(tf.add(variance, 1e-5))), w(gain)), w(shift));
  };
  const gelu = (x: Tensor): Tensor => tf.mul(x, tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5));
  const attend = (x: Tensor): Tensor => {
    const [batch, tokens, width] = x.shape as [number, number, number];
    const split = (y: Tensor): Tensor =>
      tf.transpose(tf.reshape(y, [batch, tokens, heads, width / heads]), [0, 2, 1, 3]);
    const [query, key, value] = ["q", "k", "v"].map((name) => split(linear(x, `w${name}`, `b${name}`))) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const scores = tf.mul(tf.matMul(query, key, false, true), 1 / Math.sqrt(width / heads));
    const mixed = tf.transpose(tf.matMul(tf.softmax(scores), value), [0, 2, 1, 3]);
    return linear(tf.reshape(mixed, [batch, tokens, width]), "wo", "bo");
  };
  return (x) => {
    const middle = tf.add(x, attend(layerNorm(x, "g1", "b1")));
    const block = tf.add(middle, linear(gelu(linear(layerNorm(middle, "g2", "b2"), "w1", "c1")), "w2", "c2"));
    return tf.add(tf.matMul(tf.mean(block, 1) as Tensor2D, w("wc") as Tensor2D), w("cc"));
  };
}
