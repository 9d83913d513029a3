import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { type Findings, method } from "../../../method.js";
import type { Recording } from "../../../network/index.js";
import { chosenLayer } from "../../../network/layers.js";
import { scoped } from "../../../network/tensors.js";
import { quadrature, quadratureRules } from "../../../numerics/quadrature.js";
import { choice, everyKind, whole } from "../../../parameters.js";
import { memoryBudget, pathStart, pointCount, quadratureNotes } from "../engine/parameters.js";
import { visitPoints } from "../engine/points.js";
import { referencePlaces, references } from "../engine/references.js";
import { findingsOf, onRecording, rowFactors, sumRows } from "../engine/seeded.js";
import { type LayerAttribution, layer } from "./at-layer.js";

/**
 * Layer conductance: how much of `f(x) − f(x')` flows through each unit of a layer along the straight path,
 * `∫ ∂f/∂h dh` (Dhamdhere, Sundararajan & Yan 2019, eq. 3).
 *
 * The rule `"trapezoid"` takes equal intervals from end to end and the mean of the gradients at their ends. Another rule takes
 * its nodes for the cuts and the gradient at each interval's first end, as Captum does, which leaves out what lies before the
 * first and behind the last node.
 *
 * @throws LayerError for a layer that is not there; ParameterError for a baseline that does not fit
 * @example
 * const { relevance } = await layerConductance(model, { layer: "conv2d_1", steps: 32 })(photo);
 */
export const layerConductance = method({
  id: "layer-conductance",
  name: "Layer conductance",
  family: "gradient",
  reference: "Dhamdhere, Sundararajan & Yan 2019, ICLR, eq. 3",
  question: "How much of the output's rise from a reference flows through each unit of a layer?",
  inputs: everyKind,
  signed: true,
  additive: true,
  result: "units",
  parameters: {
    layer,
    baseline: references(...pathStart),
    steps: whole(50, "Intervals on the path", pointCount),
    rule: choice(quadratureRules, "trapezoid", "Where the path is cut", { notes: quadratureNotes, minor: true }),
    memoryBudget,
  },
  explainer: (model, { layer: wanted, baseline, steps, rule, memoryBudget: budget }, context) => {
    const { nodes } = quadrature(rule, steps + 1);
    return (x, run = {}): Promise<Findings<LayerAttribution>> =>
      onRecording(model, x, run, async (seeded) => {
        const { recording } = seeded;
        const { id, name } = chosenLayer(seeded.original.graph, wanted, seeded.output);
        const shape = recording.value(id).shape;
        let sum: Tensor = tf.zeros(shape);
        // A point needs its neighbor's activation, so each point carries both ends of its interval.
        const place = (recording: Recording, samples: readonly number[], numbers: readonly number[], from: Tensor[]) =>
          recording.inputs.map((input, index) => {
            const rows = tf.tensor1d([...samples], "int32");
            const start = tf.gather(from[index]!, rows);
            const t = rowFactors(
              numbers.map((number) => nodes[number]!),
              start,
            );
            return tf.add(start, tf.mul(tf.sub(tf.gather(input, rows), start), t));
          });
        let last: { activation: Tensor; gradient: Tensor } | undefined;
        try {
          await visitPoints(
            seeded,
            {
              perSample: nodes.length,
              at: (samples, numbers) =>
                place(recording, samples, numbers, referencePlaces("baseline", baseline, "black", context, seeded)),
            },
            { ...run, memoryBudget: budget },
            ({ samples, numbers, recording: there, gradient }) => {
              const activations = joined(last?.activation, there.value(id));
              const slopes = joined(last?.gradient, gradient(id));
              const begin = last === undefined ? 0 : 1;
              const intervals = samples.length + begin - 1;
              if (intervals > 0) {
                const first = (rows: Tensor) => tf.slice(rows, 0, intervals);
                const second = (rows: Tensor) => tf.slice(rows, 1, intervals);
                const slope = rule === "trapezoid" ? tf.mul(tf.add(first(slopes), second(slopes)), 0.5) : first(slopes);
                const flow = tf.mul(slope, tf.sub(second(activations), first(activations)));
                // An interval that begins at a sample's last node belongs to no sample.
                const ends = numbers.slice(numbers.length - intervals);
                const owners = samples.slice(samples.length - intervals);
                const next = tf.add(
                  sum,
                  sumRows(
                    flow,
                    owners,
                    ends.map((number) => (number === 0 ? 0 : 1)),
                    recording.batch,
                  ),
                );
                sum.dispose();
                sum = tf.engine().keep(next);
              }
              last?.activation.dispose();
              last?.gradient.dispose();
              const tail = (rows: Tensor) => tf.slice(rows, samples.length - 1, 1);
              last = { activation: tail(there.value(id)), gradient: tail(gradient(id)) };
              for (const tensor of [last.activation, last.gradient]) tf.engine().keep(tensor);
            },
            { stop: new Set([id]) },
          );
          return scoped(() => ({
            ...findingsOf(seeded, [sum]),
            parameters: { layer: name },
            layer: name,
          }));
        } finally {
          sum.dispose();
          last?.activation.dispose();
          last?.gradient.dispose();
        }
      });
  },
});

const joined = (before: Tensor | undefined, rows: Tensor): Tensor =>
  before === undefined ? rows : tf.concat([before, rows], 0);
