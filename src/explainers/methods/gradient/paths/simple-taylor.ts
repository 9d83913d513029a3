import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { LimpidError } from "../../../errors.js";
import { type Findings, method } from "../../../method.js";
import { gradients, type Recording } from "../../../network/index.js";
import { scoped } from "../../../network/tensors.js";
import { everyKind, type Parameter, real, without } from "../../../parameters.js";
import type { References } from "../../reference.js";
import { referencePlaces, references } from "../engine/references.js";
import {
  everySample,
  findingsAtInputs,
  inputsOf,
  onRecording,
  rowFactors,
  type SeededRecording,
} from "../engine/seeded.js";
import { completeness, outputsAt, type PathAttribution } from "./completeness.js";

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

const rootPoint = references("black", "The root point x̃");

const root: Parameter<"line-search" | References> = {
  ...rootPoint,
  range: `line-search, ${rootPoint.range}`,
  choices: ["line-search", ...rootPoint.choices!],
  default: "line-search",
  description: "The root point x̃: found on the line through x along its gradient, or a reference",
  accepts: (value) => value === "line-search" || rootPoint.accepts(value),
};

/**
 * Simple Taylor decomposition: `(x − x̃)_i ∂f/∂x_i(x̃)` at a root point x̃ with `f(x̃) = 0` (Bach et al. 2015, eq. 9; Montavon
 * et al. 2018). `completenessGap` says what the terms of higher order took.
 *
 * @throws RootNotFoundError; ParameterError for a root that does not fit
 * @example
 * const result = await simpleTaylor(model, { root: "gray" })(photo, { target: "top1" });
 */
export const simpleTaylor = method({
  id: "simple-taylor",
  name: "Simple Taylor decomposition",
  family: "gradient",
  reference: "Bach et al. 2015, PLOS ONE, eq. 9; Montavon, Samek & Müller 2018, DSP, section 4.2",
  question: "Which entries lift the output above a nearby input for which it is 0?",
  inputs: everyKind,
  signed: true,
  additive: true,
  result: "entries",
  parameters: {
    root,
    tolerance: real(1e-3, "How near to 0 the output at a found root must be", {
      least: 0,
      open: true,
      unit: "share of the output at x",
      span: { from: 1e-6, to: 0.1, step: 0.5, logarithmic: true },
    }),
  },
  parametersWith: ({ root: chosen = "line-search" }, parameters) =>
    chosen === "line-search" ? parameters : without(parameters, "tolerance"),
  explainer:
    (model, { root: chosen, tolerance }, context) =>
    (x, run = {}): Promise<Findings<PathAttribution>> =>
      onRecording(model, x, run, (seeded) =>
        scoped(() => {
          const { recording } = seeded;
          const roots =
            chosen === "line-search"
              ? searchRoot(seeded, tolerance)
              : referencePlaces("root", chosen, "black", context, seeded);
          const slopes = gradientAt(seeded, roots);
          const relevances = recording.inputs.map((input, index) =>
            tf.mul(tf.sub(input, roots[index]!), slopes[index]!),
          );
          const found = findingsAtInputs(seeded, relevances);
          return { ...found, ...completeness(seeded, found, outputsAt(seeded, roots)) };
        }),
      ),
});

/** Runs `use` on the model's values at other inputs. */
function at<T>({ replayAt }: SeededRecording, inputs: readonly Tensor[], use: (there: Recording) => T): T {
  const there = replayAt(inputs);
  try {
    return use(there);
  } finally {
    there.dispose();
  }
}

function gradientAt(seeded: SeededRecording, inputs: readonly Tensor[]): Tensor[] {
  return at(seeded, inputs, (there) => {
    const seed = seeded.seedAt(there.value(seeded.node), everySample(there));
    const results = gradients(there, new Map([[seeded.node, seed]]));
    try {
      return inputsOf(there, results).map((tensor) => tf.clone(tensor));
    } finally {
      for (const tensor of results.values()) tensor.dispose();
    }
  });
}

/**
 * Walks from x against the sign of f along the gradient at x in doubling steps until f has changed its sign, then halves the
 * interval; every sample on its own line.
 */
function searchRoot(seeded: SeededRecording, tolerance: number): Tensor[] {
  const { recording } = seeded;
  const samples = everySample(recording);
  const start = seeded.score(seeded.value, samples);
  const direction = gradientAt(seeded, recording.inputs);
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
    tf.tidy(() => at(seeded, pointsAt(steps), (there) => seeded.score(there.value(seeded.node), samples)));

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
