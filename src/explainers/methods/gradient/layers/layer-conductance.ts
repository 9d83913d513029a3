import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import type { Attribution, Explain } from "../../../explanation.js";
import { gradients, type Model, type Recording } from "../../../network/index.js";
import { scoped } from "../../../network/tensors.js";
import { type QuadratureRule, quadrature } from "../../../numerics/quadrature.js";
import { type Reference, referenceInputs } from "../engine/references.js";
import { attributionOf, explain, rowFactors, sumRows } from "../engine/seeded.js";
import { chosenLayer } from "./layer-node.js";
import { type PointsOptions, visitPoints } from "../engine/points.js";

export interface LayerOptions {
  /** The layer's name; default the last one with a map of positions. */
  readonly layer?: string;
}

/** What the units of a layer contribute: `shape` is the layer's, batch first. */
export interface LayerAttribution extends Attribution {
  readonly layer: string;
}

/** The activation of every unit of a layer. */
export function layerActivation(model: Model, { layer }: LayerOptions = {}): Explain<LayerAttribution> {
  return atLayer(model, "layer activation", layer, (activation) => activation);
}

/** Gradient × activation of every unit of a layer: `h_k ∂f/∂h_k`. */
export function layerGradientTimesActivation(model: Model, { layer }: LayerOptions = {}): Explain<LayerAttribution> {
  return atLayer(model, "layer gradient × activation", layer, (activation, gradient) => tf.mul(activation, gradient()));
}

function atLayer(
  model: Model,
  method: string,
  wanted: string | undefined,
  combine: (activation: Tensor, gradient: () => Tensor) => Tensor,
): Explain<LayerAttribution> {
  return (x, target = {}) =>
    explain(model, x, target, (explained) =>
      scoped(() => {
        const { recording, node, seed } = explained;
        const { id, name: layer } = chosenLayer(recording.graph, wanted);
        const gradient = () => {
          const results = gradients(recording, new Map([[node, seed]]), { stop: new Set([id]) });
          return handOver(results, id) ?? tf.zerosLike(recording.value(id));
        };
        const relevance = combine(recording.value(id), gradient);
        return { ...attributionOf(method, { layer }, explained, [relevance]), layer };
      }),
    );
}

/** Gives one of the results to the surrounding `tidy` and frees the others. */
function handOver(results: ReadonlyMap<number, Tensor>, id: number): Tensor | undefined {
  const wanted = results.get(id);
  const copy = wanted === undefined ? undefined : tf.clone(wanted);
  for (const tensor of results.values()) tensor.dispose();
  return copy;
}

export interface LayerConductanceOptions extends LayerOptions, PointsOptions {
  /** Where the path begins; default 0. */
  readonly baseline?: Reference;
  /** Intervals on the path; default 50. */
  readonly steps?: number;
  /**
   * Where the path is cut: `"trapezoid"` (default) takes equal intervals from end to end and the mean of the gradients at
   * their ends. Another rule takes its nodes for the cuts and the gradient at each interval's first end, as Captum does,
   * which leaves out what lies before the first and behind the last node.
   */
  readonly rule?: QuadratureRule;
}

/**
 * Layer conductance: how much of `f(x) − f(x')` flows through each unit of a layer along the straight path,
 * `∫ ∂f/∂h dh` (Dhamdhere, Sundararajan & Yan 2019, eq. 3).
 */
export function layerConductance(model: Model, options: LayerConductanceOptions = {}): Explain<LayerAttribution> {
  const { layer: wanted, baseline = 0, steps = 50, rule = "trapezoid", ...points } = options;
  if (!Number.isInteger(steps) || steps < 1) throw new ParameterError("steps", steps, "a whole number of at least 1");
  const { nodes } = quadrature(rule, steps + 1);
  return (x, target = {}) =>
    explain(model, x, target, async (explained) => {
      const { recording } = explained;
      const { id, name: layer } = chosenLayer(recording.graph, wanted);
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
          explained,
          {
            perSample: nodes.length,
            at: (samples, numbers) =>
              place(recording, samples, numbers, referenceInputs("baseline", baseline, recording)),
          },
          { ...points, ...target },
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
            const tail = (rows: Tensor) => tf.engine().keep(tf.slice(rows, samples.length - 1, 1));
            last = { activation: tail(there.value(id)), gradient: tail(gradient(id)) };
          },
          { stop: new Set([id]) },
        );
        return scoped(() => ({
          ...attributionOf("layer conductance", { layer, steps, rule }, explained, [sum]),
          layer,
        }));
      } finally {
        sum.dispose();
        last?.activation.dispose();
        last?.gradient.dispose();
      }
    });
}

const joined = (before: Tensor | undefined, rows: Tensor): Tensor =>
  before === undefined ? rows : tf.concat([before, rows], 0);
