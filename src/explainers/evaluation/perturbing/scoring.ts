import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { InputShapeError } from "../../errors.js";
import { type BlackBox, openBlackBox } from "../../methods/perturbation/engine/black-box.js";
import { runnerOf } from "../../network/capture/model.js";
import type { Model } from "../../network/index.js";
import { sizeOf } from "../../network/shapes.js";
import { scoped } from "../../network/tensors.js";
import { choice } from "../../parameters.js";
import { resolveTarget } from "../../target.js";
import { type Evidence, inputsOf, MissingEvidenceError } from "../evidence.js";

/** The parameter that says which scale the explained output is on. */
export const outputScale = (initial: "logit" | "probability") =>
  choice(
    ["logit", "probability"],
    initial,
    "What is measured of the explained output: the logit before a final softmax or sigmoid, or the probability behind it; of a " +
      "model that ends in logits its softmax, of one output its sigmoid",
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
export function openScoring(
  measure: string,
  model: Model,
  evidence: Evidence,
  scale: "logit" | "probability",
): Scoring {
  const [x, ...others] = inputsOf(evidence.x) as [Tensor, ...Tensor[]];
  if (others.length > 0) throw new InputShapeError(`one tensor for ${measure}`, `${others.length + 1}`);
  const box = openBlackBox(model, x, evidence.output);
  try {
    // One that is explained at its probability says that already.
    const compute = scale === "logit" || runnerOf(model).atProbability ? box.run : probabilityOf(box);
    const weightsOf = explainedWeights(measure, evidence, x, compute);
    return {
      x,
      score(copies, samples) {
        const outputs = compute(tf.cast(copies, x.dtype));
        const flat = tf.reshape(outputs, [outputs.shape[0]!, sizeOf(outputs.shape.slice(1))]);
        return tf.sum(tf.mul(flat, tf.gather(weightsOf(flat.shape[1]!), samples)), 1);
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

/** What weights the outputs of every sample, `[batch, classes]`. */
function explainedWeights(
  measure: string,
  { attribution, target }: Evidence,
  x: Tensor,
  compute: (inputs: Tensor) => Tensor,
): { (classes: number): Tensor; dispose(): void } {
  const stated = target ?? (attribution.target.includes(null) ? undefined : (attribution.target as readonly number[]));
  if (stated === undefined) {
    const advice = "the attribution's target was a tensor or a function; give the same as target.";
    throw new MissingEvidenceError(measure, "target", advice);
  }
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
