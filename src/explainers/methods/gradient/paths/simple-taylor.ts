import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { LimpidError, ParameterError } from "../../../errors.js";
import type { Explain } from "../../../explanation.js";
import { gradients, type Model, type Recording, Recording as RecordingClass, replay } from "../../../network/index.js";
import { scoped } from "../../../network/tensors.js";
import { type Reference, referenceInputs } from "../engine/references.js";
import { attributionOf, type Explained, everySample, explain, inputsOf, rowFactors } from "../engine/seeded.js";
import { completeness, outputsAt, type PathAttribution } from "./integrated-gradients.js";

export interface SimpleTaylorOptions {
  /**
   * The root point x̃: `"line-search"` (default) looks for a zero of the explained output on the line through x along its
   * gradient; a number or a tensor is taken as x̃ itself.
   */
  readonly root?: "line-search" | Reference;
  /** How near to 0 the output at a found root must be, as a share of the output at x; default 1e-3. */
  readonly tolerance?: number;
}

/** A line search found no point where the explained output is 0. */
export class RootNotFoundError extends LimpidError {
  constructor(
    readonly sample: number,
    readonly output: number,
  ) {
    super(
      `No root of the explained output (${output.toPrecision(4)}) was found along the gradient of sample ${sample}. ` +
        "Give a root point: root: tensor.",
    );
  }
}

/**
 * Simple Taylor decomposition: `(x − x̃)_i ∂f/∂x_i(x̃)` at a root point x̃ with `f(x̃) = 0` (Bach et al. 2015, eq. 9; Montavon
 * et al. 2018). `completenessGap` says what the terms of higher order took.
 *
 * @throws RootNotFoundError; ParameterError for a root that does not fit
 */
export function simpleTaylor(model: Model, options: SimpleTaylorOptions = {}): Explain<PathAttribution> {
  const { root = "line-search", tolerance = 1e-3 } = options;
  if (!(tolerance > 0)) throw new ParameterError("tolerance", tolerance, "a number above 0");
  if (typeof root === "string" && root !== "line-search") {
    throw new ParameterError("root", root, '"line-search", a number or a tensor');
  }
  return (x, target = {}) =>
    explain(model, x, target, (explained) =>
      scoped(() => {
        const { recording } = explained;
        const roots =
          root === "line-search" ? searchRoot(explained, tolerance) : referenceInputs("root", root, recording);
        const slopes = gradientAt(explained, roots);
        const relevances = recording.inputs.map((input, index) => tf.mul(tf.sub(input, roots[index]!), slopes[index]!));
        const attribution = attributionOf(
          "simple Taylor",
          { root: root === "line-search" ? root : "given", tolerance },
          explained,
          relevances,
        );
        return { ...attribution, ...completeness(explained, attribution, outputsAt(explained, roots)) };
      }),
    );
}

/** Runs `use` on the model's values at other inputs. */
function at<T>({ recording }: Explained, inputs: readonly Tensor[], use: (there: Recording) => T): T {
  const { values, pool } = replay(recording.graph, inputs, recording.weights);
  const there = new RecordingClass(recording.graph, values, recording.weights, pool, () => {});
  try {
    return use(there);
  } finally {
    there.dispose();
  }
}

function gradientAt(explained: Explained, inputs: readonly Tensor[]): Tensor[] {
  return at(explained, inputs, (there) => {
    const seed = explained.seedAt(there.value(explained.node), everySample(there));
    const results = gradients(there, new Map([[explained.node, seed]]));
    const found = inputsOf(there, results).map((tensor) => tf.clone(tensor));
    for (const tensor of results.values()) tensor.dispose();
    return found;
  });
}

/**
 * Walks from x against the sign of f along the gradient at x in doubling steps until f has changed its sign, then halves the
 * interval; every sample on its own line.
 */
function searchRoot(explained: Explained, tolerance: number): Tensor[] {
  const { recording } = explained;
  const samples = everySample(recording);
  const start = explained.score(explained.value, samples);
  const direction = gradientAt(explained, recording.inputs);
  const norms = tf.tidy(() =>
    Array.from(
      direction
        .map((part) => tf.sum(tf.reshape(tf.square(part), [recording.batch, -1]), 1))
        .reduce((a, b) => tf.add(a, b))
        .dataSync(),
    ),
  );
  const pointsAt = (steps: readonly number[]) =>
    recording.inputs.map((input, index) => tf.sub(input, tf.mul(direction[index]!, rowFactors(steps, input))));
  const outputsAt = (steps: readonly number[]) =>
    tf.tidy(() => at(explained, pointsAt(steps), (there) => explained.score(there.value(explained.node), samples)));

  // The step at which a linear function would be 0.
  const near = samples.map(() => 0);
  const far = samples.map((sample) => start[sample]! / norms[sample]!);
  for (let doubling = 0; ; doubling++) {
    const outputs = outputsAt(far);
    const open = samples.filter((sample) => outputs[sample]! * start[sample]! > 0);
    if (open.length === 0) break;
    if (doubling === 24) throw new RootNotFoundError(open[0]!, start[open[0]!]!);
    for (const sample of open) {
      near[sample] = far[sample]!;
      far[sample] = 2 * far[sample]!;
    }
  }
  for (let halving = 0; halving < 40; halving++) {
    const middle = samples.map((sample) => (near[sample]! + far[sample]!) / 2);
    const outputs = outputsAt(middle);
    for (const sample of samples) {
      (outputs[sample]! * start[sample]! > 0 ? near : far)[sample] = middle[sample]!;
    }
  }
  const outputs = outputsAt(far);
  const bad = samples.find((sample) => !(Math.abs(outputs[sample]!) <= tolerance * Math.abs(start[sample]!) + 1e-6));
  if (bad !== undefined) throw new RootNotFoundError(bad, start[bad]!);
  return pointsAt(far);
}
