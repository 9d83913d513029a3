import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { InputShapeError, ParameterError } from "../../errors.js";
import { type BlackBox, openBlackBox } from "../../methods/perturbation/engine/black-box.js";
import { runnerOf } from "../../network/capture/model.js";
import type { Model } from "../../network/index.js";
import { sizeOf } from "../../network/shapes.js";
import { scoped } from "../../network/tensors.js";
import { choice } from "../../parameters.js";
import { resolveTarget } from "../../target.js";
import { type Evidence, inputsOf } from "../evidence.js";
import { explainedTarget } from "../explaining.js";

/** What is looked at of the explained output. */
export type OutputScale = "logit" | "probability" | "decision";

/** The parameter that says which scale the explained output is on. */
export const outputScale = (initial: OutputScale) =>
  choice(
    ["logit", "probability", "decision"],
    initial,
    "What is measured of the explained output: the logit before a final softmax or sigmoid; the probability behind it (of a model that " +
      "ends in logits its softmax, of one output its sigmoid); or whether it is the model's decision, 1 where no other output is larger, " +
      "else 0",
  );

/** The output that an attribution explained, at any inputs. */
export interface Scoring {
  /** The batch that was explained. */
  readonly x: Tensor;
  /** The explained output of copies of samples: row `r` is one of sample `samples[r]`. Runs inside `tidy`. */
  score(copies: Tensor, samples: Int32Array): Tensor1D;
  dispose(): void;
}

/**
 * Opens a model for forward passes on perturbed inputs; the caller disposes of it.
 *
 * @throws MissingEvidenceError where nothing says what was explained; InputShapeError for a model of several inputs
 */
export function openScoring(measure: string, model: Model, evidence: Evidence, scale: OutputScale): Scoring {
  const [x, ...others] = inputsOf(evidence.x) as [Tensor, ...Tensor[]];
  if (others.length > 0) throw new InputShapeError(`one tensor for ${measure}`, `${others.length + 1}`);
  if (scale === "decision" && (evidence.target instanceof tf.Tensor || typeof evidence.target === "function")) {
    throw new ParameterError(
      "output",
      scale,
      "logit or probability: the target is no class, which could be decided for",
    );
  }
  const box = openBlackBox(model, x, evidence.output);
  try {
    // One that is explained at its probability says that already.
    const isProbable = runnerOf(model).atProbability === true;
    const compute = scale === "probability" && !isProbable ? probabilityOf(box) : box.run;
    const weightsOf = explainedWeights(measure, evidence, x, compute);
    return {
      x,
      score(copies, samples) {
        const outputs = compute(tf.cast(copies, x.dtype));
        const flat = tf.reshape(outputs, [outputs.shape[0]!, sizeOf(outputs.shape.slice(1))]);
        const own = tf.gather(weightsOf(flat.shape[1]!), samples);
        const explained = tf.sum(tf.mul(flat, own), 1) as Tensor1D;
        return scale === "decision" ? decided(explained, flat, own, isProbable ? 0.5 : 0) : explained;
      },
      dispose() {
        weightsOf.dispose();
        box.dispose();
      },
    };
  } catch (error) {
    box.dispose();
    throw error;
  }
}

/** 1 where an output is the largest, of a lone one where it is above the middle; `{ not }` where it is not. */
function decided(explained: Tensor1D, outputs: Tensor, weights: Tensor, middle: number): Tensor1D {
  const sign = tf.sum(weights, 1);
  if (outputs.shape[1] === 1) return tf.cast(tf.greater(explained, tf.mul(sign, middle)), "float32");
  const isLargest = tf.cast(tf.greaterEqual(tf.mul(explained, sign), tf.max(outputs, 1)), "float32");
  return tf.where(tf.greater(sign, 0), isLargest, tf.sub(1, isLargest)) as Tensor1D;
}

/** What weights the outputs of every sample, `[batch, classes]`. */
function explainedWeights(
  measure: string,
  evidence: Evidence,
  x: Tensor,
  compute: (inputs: Tensor) => Tensor,
): { (classes: number): Tensor; dispose(): void } {
  const stated = explainedTarget(measure, evidence);
  let weights: Tensor | undefined;
  const resolve = (): Tensor =>
    scoped(() => {
      const rows = Array.from({ length: x.shape[0]! }, (_, i) => tf.tidy(() => compute(tf.slice(x, i, 1))));
      const outputs = tf.concat(rows);
      const found = resolveTarget(stated, outputs).weights;
      return tf.keep(tf.reshape(found, [outputs.shape[0]!, -1]));
    });
  const isIndices = Array.isArray(stated) && stated.every((index) => Number.isInteger(index));
  const weightsOf = (classes: number): Tensor =>
    (weights ??= isIndices ? oneHot(stated as number[], x.shape[0]!, classes) : resolve());
  return Object.assign(weightsOf, {
    dispose() {
      weights?.dispose();
    },
  });
}

/** Ones at the indices, checked as those of an explanation are. */
function oneHot(indices: readonly number[], batch: number, classes: number): Tensor {
  return scoped(() => {
    const { weights } = resolveTarget(indices, tf.zeros([batch, classes]));
    return tf.keep(weights);
  });
}

/** Probabilities in the place of what a model computes before them. */
function probabilityOf({ run, tail, link }: BlackBox): (inputs: Tensor) => Tensor {
  if (tail === "logSoftmax") return (inputs) => tf.exp(link(run(inputs)));
  if (tail !== "linear") return (inputs) => link(run(inputs));
  return (inputs) => {
    const outputs = run(inputs);
    return outputs.shape.at(-1) === 1 || outputs.rank === 1 ? tf.sigmoid(outputs) : tf.softmax(outputs);
  };
}
