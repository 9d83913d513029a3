import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ModelError, ParameterError } from "../../errors.js";
import { type LayersModelLike, type Model, runnerOf } from "../../network/capture/model.js";
import { type Recording, record } from "../../network/index.js";
import { scoped } from "../../network/tensors.js";
import { checked, type OptionsOf, toggle, whole } from "../../parameters.js";
import { type follow, followed, follow as followRun, type ProgressOptions, throwIfAborted } from "../../progress.js";
import type { CellLayer } from "./cell-layer.js";
import {
  layersModelOf,
  numbersOf,
  outputsOf,
  type RecurrentLayer,
  recurrentLayers,
  runItself,
  runWith,
} from "./layers-run.js";
import { recordedCells } from "./recorded.js";
import { bytesOf, type CellTrace, type LayerTrace, traced } from "./trace.js";

const parameters = {
  gates: toggle(true, "Also keeps the values of the gates"),
  memoryBudget: whole(512 * 2 ** 20, "What states and gates of all layers may take", {
    least: 1,
    unit: "bytes",
    label: "Memory",
    minor: true,
  }),
};

export type CellStatesOptions = OptionsOf<typeof parameters>;

export interface CellStates {
  readonly method: "cell states";
  readonly layers: readonly CellLayer[];
  /** The largest difference from what the model computes itself, relative to its largest value. */
  readonly difference: number;
  /** On how many steps of each sequence that was measured. */
  readonly comparedSteps: number;
}

/** Steps from the beginning on which the cells are compared with the model. */
const COMPARED = 48;
const COMPARED_SEQUENCES = 4;
const TOLERANCE = 1e-3;

/**
 * What the cells of a recurrent network remember, step by step, and what their gates let through (Karpathy, Johnson & Li 2015, arXiv:1506.02078).
 *
 * Takes LSTM, GRU (reset before or after) and simple recurrent layers of a `tf.LayersModel`, one way or bidirectional, one on top of the other, as
 * stacked cells, with masks and initial states; and LSTM and GRU cells of graph models and functions whose operations have every step. The steps are computed by plain loops, which for one sequence take a fiftieth of the
 * backend's time, and are compared with the model's own numbers at the beginning of every run.
 *
 * @param options whether gates are kept, and how much memory there is
 * @returns a function of the model's input `[sequences, steps, …]` (or a list, for a model of several inputs) that gives plain data
 * @throws ModelError for a model without recurrent layers, for cells that cannot be seen, and where the numbers are not the model's;
 *   ParameterError, InputShapeError, AbortedError
 * @example
 * const { layers } = await cellStates(model)(tf.tensor2d([[4, 8, 15, 16, 23, 42]], undefined, "int32"));
 * layers[0].states; // Float32Array of 6 × cells numbers
 */
export function cellStates(model: Model, given: CellStatesOptions = {}) {
  const { gates, memoryBudget } = checked("cellStates", parameters, given);
  const net = layersModelOf(model);
  if (net === undefined) {
    return (x: Tensor | readonly Tensor[], run: ProgressOptions = {}): Promise<CellStates> =>
      followed("Cell states", run, async (asked) => {
        throwIfAborted(asked);
        return fromOperations(model, [x].flat() as Tensor[], { gates, memoryBudget });
      });
  }
  const recurrent = recurrentLayers(net);
  if (recurrent.length === 0) {
    const names = net.layers.map(({ name }) => name).join(", ");
    throw new ModelError(`The model has no recurrent layer. Its layers are: ${names}.`);
  }
  return (x: Tensor | readonly Tensor[], run: ProgressOptions = {}): Promise<CellStates> =>
    followed("Cell states", run, async (asked) => {
      const inputs = [x].flat() as Tensor[];
      const length = inputs[0]?.shape[1] ?? 0;
      if (length === 0) throw new ParameterError("x", `[${inputs[0]?.shape}]`, "sequences of at least one step");
      runnerOf(model).check(inputs);
      const { calls, ...comparison } = await compared({ model, net, recurrent }, inputs, memoryBudget);
      const progress = followRun(length * inputs[0]!.shape[0]! * calls, asked);
      const { found } = await traceAll(model, recurrent, inputs, { gates, memoryBudget, progress, calls });
      return { method: "cell states", layers: found, ...comparison };
    });
}

cellStates.id = "cellStates";
cellStates.parameters = parameters;
cellStates.reference = "Karpathy, Johnson & Li 2015, arXiv:1506.02078";
cellStates.question = "What does a recurrent network keep in mind, and how long?";

/** The cells of a graph model or a function, whose steps are written out in its operations. */
function fromOperations(
  model: Model,
  inputs: readonly Tensor[],
  { gates, memoryBudget }: Omit<Pass, "progress">,
): CellStates {
  return scoped(() => {
    const length = inputs[0]?.shape[1] ?? 0;
    const recording = record(model, [...inputs]);
    const others: Recording[] = [];
    try {
      // A first step that depends on the end of the input, and not on its beginning, reads backwards.
      const isBackward = (id: number): boolean => {
        if (others.length === 0) {
          for (const x of withOtherEnds(inputs[0]!)) others.push(record(model, [x, ...inputs.slice(1)]));
        }
        const [first, last] = others.map(
          (other) => tf.any(tf.notEqual(recording.value(id), other.value(id))).dataSync()[0] === 1,
        );
        return last! && !first!;
      };
      const layers = recordedCells(recording, length > 1 ? isBackward : () => false);
      if (layers.length === 0) {
        throw new ModelError(
          "The cells of this model cannot be seen: among its operations are no steps of an LSTM or GRU that are written out one after the other (a loop hides them). Load the layers model that it was made from.",
        );
      }
      const bytes = layers.reduce(
        (sum, layer) => sum + 4 * layer.states.length * (1 + Object.keys(layer.gates).length),
        0,
      );
      if (bytes > memoryBudget) throw new ParameterError("memoryBudget", memoryBudget, `at least ${bytes} bytes`);
      return {
        method: "cell states",
        layers: gates ? layers : layers.map((layer) => ({ ...layer, gates: {} })),
        difference: 0,
        comparedSteps: length,
      };
    } finally {
      recording.dispose();
      for (const other of others) other.dispose();
    }
  });
}

/**
 * The input with another first step, and with another last one: another step that differs, or where all are the same, ones for zeros and
 * zeros for others.
 */
function withOtherEnds(x: Tensor): [Tensor, Tensor] {
  const steps = tf.unstack(x, 1);
  const otherThan = (end: Tensor) =>
    steps.find((step) => tf.any(tf.notEqual(step, end)).dataSync()[0] === 1) ?? tf.cast(tf.equal(end, 0), end.dtype);
  const [first, last] = [steps[0]!, steps.at(-1)!];
  return [tf.stack([otherThan(first), ...steps.slice(1)], 1), tf.stack([...steps.slice(0, -1), otherThan(last)], 1)];
}

interface Pass {
  readonly gates: boolean;
  readonly memoryBudget: number;
  readonly progress?: ReturnType<typeof follow>;
  /** How many calls of recurrent layers there are; with them known the layers above the last are not computed. */
  readonly calls?: number;
}

/** All recurrent layers, in the order in which they are called. */
async function traceAll(
  model: Model,
  layers: readonly RecurrentLayer[],
  inputs: readonly Tensor[],
  { gates, memoryBudget, progress, calls = Number.POSITIVE_INFINITY }: Pass,
) {
  const traces: LayerTrace[] = [];
  const found: CellLayer[] = [];
  let bytes = 0;
  while (traces.length < calls) {
    const next = scoped(() => {
      const result = runWith(model, layers, inputs, traces);
      return Array.isArray(result) ? result.map(numbersOf) : result;
    });
    if (Array.isArray(next)) return { traces, found, outputs: next };
    const { recurrent, again, sequences } = next;
    bytes += bytesOf(recurrent.steps, sequences, gates);
    if (bytes > memoryBudget) {
      throw new ParameterError(
        "memoryBudget",
        memoryBudget,
        `at least ${bytes} bytes for ${sequences.count * sequences.steps} steps up to layer "${recurrent.name}"; with gates: false they take less`,
      );
    }
    const trace = await traced(recurrent.steps, sequences, gates, progress);
    traces.push(trace);
    trace.cells.forEach((cell, index) => {
      const number = trace.cells.length > 1 ? ` cell ${index + 1}` : "";
      found.push({
        layer: `${recurrent.name}${again > 0 ? `, call ${again + 1}` : ""}${number}`,
        kind: cell.step.kind,
        cells: cell.step.units,
        sequences: sequences.count,
        steps: sequences.steps,
        reads: sequences.backwards ? "backward" : "forward",
        states: cell.states,
        gates: named(cell),
      });
    });
  }
  return { traces, found, outputs: [] };
}

const named = ({ step, gates }: CellTrace): CellLayer["gates"] =>
  Object.fromEntries(gates.map((values, index) => [step.gates[index]!, values]));

/**
 * Compares the plain loops with what the model computes, layer by layer and at its outputs, on the first steps, or on all
 * of them where the model takes no other number.
 */
async function compared(
  { model, net, recurrent: layers }: { model: Model; net: LayersModelLike; recurrent: readonly RecurrentLayer[] },
  inputs: readonly Tensor[],
  memoryBudget: number,
): Promise<Pick<CellStates, "difference" | "comparedSteps"> & { readonly calls: number }> {
  const [x] = inputs as [Tensor];
  const [batch, length] = net.inputs[0]!.shape as [number | null, number | null];
  const isFree = inputs.length === 1 && length === null;
  const steps = isFree ? Math.min(COMPARED, x.shape[1]!) : x.shape[1]!;
  const count = batch === null ? Math.min(COMPARED_SEQUENCES, x.shape[0]!) : x.shape[0]!;
  const part = isFree ? [tf.slice(x, 0, [count, steps, ...x.shape.slice(2)])] : [...inputs];
  try {
    const { traces, outputs } = await traceAll(model, layers, part, { gates: false, memoryBudget });
    return scoped(() => {
      const itself = runItself(model, layers, part);
      let difference = 0;
      const compare = (own: Float32Array, theirs: Float32Array, where: string): void => {
        const gap = gapOf(own, theirs);
        if (!(gap <= TOLERANCE)) {
          throw new ModelError(
            `The cells of ${where} cannot be seen: by its weights it would compute other numbers than it does (they differ by ${gap.toPrecision(2)} of the largest). It may do more than its class says.`,
          );
        }
        difference = Math.max(difference, gap);
      };
      itself.calls.forEach(({ recurrent, output }, index) => {
        compare(firstOutput(recurrent, traces[index]), output, `layer "${recurrent.name}"`);
      });
      itself.outputs.forEach((output, index) => {
        compare(outputs[index]!, numbersOf(output), "the model");
      });
      return { difference, comparedSteps: steps, calls: traces.length };
    });
  } finally {
    if (isFree) tf.dispose(part);
  }
}

/** What a layer gives by its trace; empty where it has none. */
function firstOutput(recurrent: RecurrentLayer, trace: LayerTrace | undefined): Float32Array {
  return trace === undefined ? new Float32Array() : numbersOf([outputsOf(recurrent, trace)].flat()[0]!);
}

/** The largest difference, relative to the largest number; NaN where there are others. */
function gapOf(own: Float32Array, theirs: Float32Array): number {
  if (own.length !== theirs.length) return Number.NaN;
  let [gap, largest] = [0, 1e-6];
  for (let at = 0; at < own.length; at++) {
    gap = Math.max(gap, Math.abs(own[at]! - theirs[at]!));
    largest = Math.max(largest, Math.abs(theirs[at]!));
  }
  return gap / largest;
}
