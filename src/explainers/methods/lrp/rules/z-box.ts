import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import { affineKindOf, isAffineNode } from "../../../network/index.js";
import type { Layer } from "../layer.js";
import { checkBias, checkNumber, type Rule, type RuleOptions } from "../rule.js";
import { stabilizerOf } from "../stabilizer.js";

/**
 * zᴮ, for inputs between `low` and `high` (pixels): `R_i = Σ_j (x_i w_ij − l_i w_ij⁺ − h_i w_ij⁻) / Σ_i (…) R_j`; biases
 * cancel. Montavon et al. 2017, eq. 20.
 *
 * @param options.low the least value of an input: a number, or one per channel
 * @param options.high the greatest
 */
export function zBox(
  options: RuleOptions & { low: number | readonly number[]; high: number | readonly number[]; epsilon?: number },
): Rule {
  const ε = checkNumber("epsilon", options.epsilon ?? 1e-6, 0);
  const low = bound("low", options.low);
  const high = bound("high", options.high);
  if ([low].flat().some((l, i) => l > ([high].flat()[i] ?? [high].flat()[0]!))) {
    throw new ParameterError("low", options.low, `at most high (${String(options.high)})`);
  }
  return {
    name: "zBox",
    parameters: { low: options.low, high: options.high, epsilon: ε },
    bias: checkBias(options.bias),
    weighted: true,
    form: `zBox ${low} ${high} ${ε}`,
    share(layer, R) {
      const { a, z, w, b } = layer;
      const channels = (value: number | readonly number[], name: string) => alongChannels(layer, value, name);
      // l w⁺ + h w⁻ are the weights by which the corner of the box that lies lowest enters.
      const key = `box ${low} ${high}`;
      const wBox = layer.variant(key, (w) =>
        tf.add(tf.mul(tf.relu(w), channels(low, "low")), tf.mul(tf.minimum(w, 0), channels(high, "high"))),
      );
      const shape = [1, ...a.shape.slice(1)];
      const corner = layer.constant(`${key} ${shape}`, () => wBox.forward(tf.ones(shape)));
      const linear = tf.sub(b === null ? z : tf.sub(z, b), corner);
      const δ = stabilizerOf(linear, ε);
      const s = tf.div(R, tf.add(linear, δ));
      const inputs = tf.sub(tf.mul(a, w.vjp(s, a.shape)), wBox.vjp(s, a.shape));
      return { inputs, terms: [{ s, bias: null, stabilizer: δ }] };
    },
  };
}

function bound(name: string, value: number | readonly number[]): number | number[] {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Array.isArray(value) && value.length > 0 && value.every((entry) => Number.isFinite(entry))) return [...value];
  throw new ParameterError(name, value, "a number, or a list of numbers, one per channel");
}

/** A value per input channel, ready to multiply weights. */
function alongChannels({ node, w, inputChannels }: Layer, value: number | readonly number[], name: string): Tensor {
  if (typeof value === "number") return tf.scalar(value);
  if (value.length !== inputChannels) {
    throw new ParameterError(name, value, `one number, or one for each of the ${inputChannels} channels of the input`);
  }
  const axis = isAffineNode(node) ? affineKindOf(node.operation).channels?.input : undefined;
  if (axis == null)
    throw new ParameterError(name, value, `one number: a ${node.operation.kind} layer has no such axis`);
  return tf.reshape(
    tf.tensor1d([...value]),
    w.weights.shape.map((size, other) => (other === axis ? size : 1)),
  );
}
