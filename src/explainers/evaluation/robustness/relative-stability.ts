import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { openBlackBox } from "../../methods/perturbation/engine/black-box.js";
import { type Graph, type Model, record } from "../../network/index.js";
import { chosenLayer } from "../../network/layers.js";
import { hold, scoped } from "../../network/tensors.js";
import { everyKind, layerName, type Parameters, real, type ValuesOf } from "../../parameters.js";
import { measure, type ScoreWarning } from "../measure.js";
import { continuousInput, noiseParameters, noisyNeighbors, radiusOf } from "./neighbors.js";
import { overNeighbors, summaryOfNeighbors } from "./worst-neighbor.js";

const parameters = {
  ...noiseParameters,
  epsilon: real(1e-6, "ε, the least denominator, and what stands for entries that are 0", {
    least: 0,
    open: true,
    minor: true,
  }),
  summary: summaryOfNeighbors,
};

/** What the move of an explanation is divided by: that of the input, of a layer's values, or of the logits. */
type Beside = "input" | "representation" | "output";

const moved: Readonly<Record<Beside, string>> = {
  input: "the input",
  representation: "what a layer makes of it",
  output: "the output",
};

/** From this share of a squared length on, entries that are 0 make it. */
const MOST = 0.5;

/** `‖(e_x − e_x′) / e_x‖₂` beside a move of the input, a layer's values or the output. */
function stability<const P extends Parameters>(name: string, beside: Beside, own: P) {
  return measure({
    id: `relative-${beside}-stability`,
    name,
    category: "robustness",
    reference: `Agarwal et al. 2022, arXiv:2203.06877, relative ${beside} stability`,
    question: `How far does the explanation move, in proportion, beside how far ${moved[beside]} does?`,
    co12: ["continuity"],
    better: "lower",
    range: [0, Infinity],
    inputs: everyKind,
    needs: ["explainer"],
    parameters: { ...parameters, ...own },
    measurer: (model, values, context) => {
      const { epsilon, summary, memoryBudget, radius: asked, ...noise } = values as ValuesOf<typeof parameters>;
      const { layer } = values as { readonly layer?: string };
      const radius = radiusOf(asked, context);
      return async (evidence, run) => {
        const x = continuousInput(name, evidence);
        const neighbors = noisyNeighbors(x, { ...noise, radius }, radius);
        const batch = x.shape[0]!;
        const reading = openReading(model, x, beside, { output: evidence.output, layer });
        const moves = new Float64Array(batch * neighbors.count).fill(Number.NaN);
        const zeros = { own: new Set<number>(), beside: new Set<number>() };
        const inspect = (inputs: Tensor, samples: Int32Array, numbers: Int32Array): void => {
          const [same, lengths, ofZeros] = scoped(() => {
            const there = reading.at(inputs);
            const [before, start] = reading.own.map((tensor) => tf.gather(tensor, tf.tensor1d(samples, "int32")));
            const difference = tf.sub(there.values, start!);
            const isZero = tf.equal(start!, 0);
            const move =
              beside === "output"
                ? difference
                : tf.div(difference, tf.where(isZero, tf.fill(start!.shape, epsilon), start!));
            const fromZeros = tf.where(isZero, move, tf.zerosLike(move));
            return [
              tf.equal(classOf(there.outputs), classOf(before!)).dataSync(),
              tf.norm(move, "euclidean", 1).dataSync<"float32">(),
              tf.norm(fromZeros, "euclidean", 1).dataSync<"float32">(),
            ] as const;
          });
          samples.forEach((sample, row) => {
            // A neighbor of another class may well be explained otherwise.
            if (!same[row]) return;
            moves[numbers[row]! * batch + sample] = Math.max(lengths[row]!, epsilon);
            if (beside !== "output" && ofZeros[row]! ** 2 > MOST * lengths[row]! ** 2) zeros.beside.add(sample);
          });
        };
        try {
          const found = await overNeighbors(model, evidence, run, {
            name,
            neighbors,
            normalization: "none",
            summary,
            memoryBudget,
            inspect,
            of: (map, { relevance, sample, number }) => {
              const move = moves[number * batch + sample]!;
              if (Number.isNaN(move)) return undefined;
              const { length, ofZeros } = proportion(map, relevance, epsilon);
              if (ofZeros ** 2 > MOST * length ** 2) zeros.own.add(sample);
              return length / move;
            },
            none: "Every neighbor is classified otherwise: choose a smaller radius.",
          });
          const warnings = [
            ...found.warnings,
            ...warningsOf(zeros.own, "the explanation", epsilon),
            ...warningsOf(zeros.beside, moved[beside], epsilon),
          ];
          return { ...found, warnings, parameters: { radius } };
        } finally {
          reading.dispose();
          neighbors.dispose();
        }
      };
    },
  });
}

const warningsOf = (samples: ReadonlySet<number>, of: string, epsilon: number): ScoreWarning[] =>
  [...samples]
    .sort((a, b) => a - b)
    .map((sample) => ({
      kind: "meaningless",
      message:
        `Entries of ${of} that are 0 count as ${epsilon} and make more than half of its relative move: the value says more of ε than of ` +
        "the explanation. Max-sensitivity and local Lipschitz divide by no entry.",
      sample,
    }));

/** What the model computes of inputs, row by row, with what it computes of the batch itself (`own`: outputs, then values). */
interface Reading {
  readonly own: readonly [outputs: Tensor, values: Tensor];
  /** Runs inside `scoped`. */
  readonly at: (inputs: Tensor) => { readonly outputs: Tensor; readonly values: Tensor };
  readonly dispose: () => void;
}

/** @throws LayerError for a layer that is not there */
function openReading(
  model: Model,
  x: Tensor,
  beside: Beside,
  { output = 0, layer }: { readonly output: number | undefined; readonly layer: string | undefined },
): Reading {
  const box = beside === "representation" ? undefined : openBlackBox(model, x, output);
  const at = (inputs: Tensor) => {
    if (box !== undefined) {
      const outputs = rowsOf(box.run(inputs));
      return { outputs, values: beside === "output" ? outputs : rowsOf(inputs) };
    }
    const recording = record(model, inputs);
    try {
      const { graph } = recording;
      const explained = graph.outputs[output]!;
      const node = layer === undefined ? lastHidden(graph, explained) : chosenLayer(graph, layer, output).id;
      return {
        outputs: rowsOf(tf.clone(recording.value(explained))),
        values: rowsOf(tf.clone(recording.value(node))),
      };
    } finally {
      recording.dispose();
    }
  };
  try {
    const own = scoped(() => {
      const { outputs, values } = at(x);
      return [hold(outputs), hold(values)] as const;
    });
    return {
      own,
      at,
      dispose() {
        tf.dispose([...own]);
        box?.dispose();
      },
    };
  } catch (error) {
    box?.dispose();
    throw error;
  }
}

/** What the last operation is given: the output of the last hidden layer. */
const lastHidden = ({ nodes }: Graph, output: number): number => nodes[output]!.inputs[0] ?? output;

/** ‖(a − b) / a‖₂, entries of a that are 0 counting as ε, and what it would be of those alone. */
function proportion(a: Float32Array, b: Float32Array, epsilon: number): { length: number; ofZeros: number } {
  let [sum, ofZeros] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const isZero = a[i] === 0;
    const square = ((a[i]! - b[i]!) / (isZero ? epsilon : a[i]!)) ** 2;
    sum += square;
    if (isZero) ofZeros += square;
  }
  return { length: Math.sqrt(sum), ofZeros: Math.sqrt(ofZeros) };
}

const rowsOf = (outputs: Tensor): Tensor => tf.reshape(outputs, [outputs.shape[0]!, -1]);

/** The class of each row; of a lone logit its sign. */
const classOf = (outputs: Tensor): Tensor =>
  outputs.shape[1] === 1 ? tf.cast(tf.greater(tf.reshape(outputs, [-1]), 0), "int32") : tf.argMax(outputs, 1);

/**
 * Relative input stability (Agarwal et al. 2022): `max ‖(e_x − e_x′) / e_x‖₂ / max(‖(x − x′) / x‖₂, ε)` over neighbors of the same class. Lower
 * is steadier. Entries of the explanation or of the input that are 0 count as ε, as in Quantus; where they make most of a move, a warning says so.
 *
 * @throws MissingEvidenceError without `explain`; InputShapeError for several inputs; ParameterError for words
 * @example
 * const { values } = await relativeInputStability(model)({ x, attribution, explain: (model) => lrp(model) });
 */
export const relativeInputStability = stability("Relative input stability", "input", {});

/**
 * Relative output stability (Agarwal et al. 2022): `max ‖(e_x − e_x′) / e_x‖₂ / max(‖h(x) − h(x′)‖₂, ε)` with the logits h, over neighbors of the same
 * class. Lower is steadier. Entries of the explanation that are 0 count as ε.
 *
 * @throws MissingEvidenceError without `explain`; InputShapeError for several inputs; ParameterError for words
 * @example
 * const { values } = await relativeOutputStability(model)({ x, attribution, explain: (model) => lrp(model) });
 */
export const relativeOutputStability = stability("Relative output stability", "output", {});

/**
 * Relative representation stability (Agarwal et al. 2022): `max ‖(e_x − e_x′) / e_x‖₂ / max(‖(L(x) − L(x′)) / L(x)‖₂, ε)` with the values L of a layer,
 * over neighbors of the same class. Lower is steadier. Quantus takes the values of all layers together. Entries that are 0 count as ε; of a layer
 * behind a ReLU these are many, and a warning says where they make most of a move.
 *
 * @throws MissingEvidenceError without `explain`; InputShapeError for several inputs; ParameterError for words; LayerError
 * @example
 * const { values } = await relativeRepresentationStability(model)({ x, attribution, explain: (model) => lrp(model) });
 */
export const relativeRepresentationStability = stability("Relative representation stability", "representation", {
  layer: layerName("Whose values are looked at; by default the last hidden layer's: what the last operation is given"),
});
