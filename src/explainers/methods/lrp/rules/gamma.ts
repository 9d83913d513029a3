import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import { checkBias, checkNumber, type Rule, type RuleOptions, type Term } from "../rule.js";
import { signOf, stabilizerOf } from "../stabilizer.js";

/**
 * LRP-γ: `R_i = Σ_j (a_i w_ij + γ(a_i w_ij)^±) R_j / (z_j + γ z_j^±)`, where the sign is that of `z_j`, so that inputs
 * of both signs keep the denominator from vanishing. Montavon et al. 2019, eq. 10.3; the negative branch: Andéol et al. 2021.
 *
 * It is computed as `(1 + γ/2) w` and `γ/2 |w|`: `(aw)⁺ = ½(aw + |aw|)`, `(aw)⁻ = ½(aw − |aw|)`.
 *
 * @param options.gamma at least 0; default 0.25
 * @param options.branch whose sign counts: `z` without (`"linear"`) or with its bias (`"biased"`). By default that of the
 *   denominator's own `z`; another one lets denominators vanish.
 */
export function gamma(
  options: RuleOptions & { gamma?: number; epsilon?: number; branch?: "linear" | "biased" } = {},
): Rule {
  const γ = checkNumber("gamma", options.gamma ?? 0.25, 0);
  const ε = checkNumber("epsilon", options.epsilon ?? 1e-6, 0);
  const { branch } = options;
  if (branch !== undefined && branch !== "linear" && branch !== "biased") {
    throw new ParameterError("branch", branch, '"linear" or "biased"');
  }
  return {
    name: "gamma",
    parameters: { gamma: γ, epsilon: ε, ...(branch && { branch }) },
    bias: checkBias(options.bias),
    weighted: true,
    zero: "nothing",
    form: `gamma ${ε} ${branch}`,
    numbers: { gamma: γ, half: γ / 2, sharper: 1 + γ / 2 },
    share(layer, R, { gamma: γ, half: halfγ, sharper: moreγ }) {
      const { a, z, b, facts, w, wAbs, usesBias } = layer;
      const own = usesBias ? "biased" : "linear";
      const gated = facts.gated && usesBias && branch !== "linear";
      if (gated && facts.nonNegative) {
        // z > 0 wherever relevance arrives, a ≥ 0: the positive branch with the weights w + γw⁺ is all there is.
        const wγ = layer.latest("gamma", γ, (w) => tf.add(w, tf.mul(tf.relu(w), γ)));
        const bias = b && tf.add(b, tf.mul(tf.relu(b), γ));
        const zγ = tf.add(wγ.forward(a), bias === null ? ε : tf.add(bias, ε));
        const s = tf.div(R, tf.maximum(zγ, ε));
        return { inputs: tf.mul(a, wγ.vjp(s, a.shape)), terms: [{ s, bias, stabilizer: ε }] };
      }
      const base = b === null || usesBias ? z : tf.sub(z, b);
      // (aw)^± = ½(aw ± |aw|) with ± the sign of the branch, so that z_γ = (1 + γ/2) z ± γ/2 Σ|aw|.
      const bAbs =
        b === null || !usesBias
          ? null
          : tf.mul(
              layer.constant("|b|", () => tf.abs(b)),
              halfγ,
            );
      const half = tf.mul(layer.total, halfγ);
      const sharper = tf.mul(base, moreγ);
      let s: Tensor;
      let signed: Tensor;
      let terms: Term[];
      const whole = b === null || !usesBias ? null : tf.mul(b, moreγ);
      if (gated || branch === undefined || branch === own || b === null) {
        // The branch has the sign of z_γ, so ε has it, too.
        const more = tf.add(half, bAbs === null ? ε : tf.add(bAbs, ε));
        if (gated) {
          s = tf.div(R, tf.maximum(tf.add(sharper, more), ε));
          signed = s;
        } else {
          const sign = signOf(base);
          s = tf.div(R, tf.add(sharper, tf.mul(sign, more)));
          signed = tf.mul(s, sign);
        }
        terms = [
          { s, bias: whole, stabilizer: 0 },
          { s: signed, bias: bAbs, stabilizer: ε },
        ];
      } else {
        const sign = signOf(branch === "biased" ? z : tf.sub(z, b));
        const zγ = tf.add(sharper, tf.mul(sign, bAbs === null ? half : tf.add(half, bAbs)));
        const δ = stabilizerOf(zγ, ε);
        s = tf.div(R, tf.add(zγ, δ));
        signed = tf.mul(s, sign);
        terms = [
          { s, bias: whole, stabilizer: δ },
          { s: signed, bias: bAbs, stabilizer: 0 },
        ];
      }
      const [plain, absolute] = [tf.mul(w.vjp(s, a.shape), moreγ), tf.mul(wAbs.vjp(signed, a.shape), halfγ)];
      const inputs = facts.nonNegative
        ? tf.mul(a, tf.add(plain, absolute))
        : tf.add(tf.mul(a, plain), tf.mul(layer.magnitude, absolute));
      return { inputs, terms };
    },
  };
}
