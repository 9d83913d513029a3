import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ModelError } from "../../errors.js";
import { isLayersModel, type LayersModelLike, type Model, runnerOf } from "../../network/capture/model.js";
import { scoped } from "../../network/tensors.js";
import { type CellLike, type Step, stepOf } from "./cell.js";
import type { LayerTrace, Sequences } from "./trace.js";

/** A recurrent layer of TensorFlow.js; its types do not say all of this. */
interface Recurrent {
  readonly name: string;
  readonly cell: CellLike;
  readonly goBackwards: boolean;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  call(inputs: Tensor | Tensor[], named?: { mask?: Tensor | null; initialState?: Tensor[] | null }): Tensor | Tensor[];
}
interface AnyLayer {
  readonly name: string;
  readonly layers?: AnyLayer[];
  readonly layer?: AnyLayer;
  readonly forwardLayer?: AnyLayer;
  readonly backwardLayer?: AnyLayer;
  readonly cell?: CellLike;
  getClassName?(): string;
}

const classOf = (layer: object): string =>
  (layer as AnyLayer).getClassName?.() ??
  (layer.constructor as { className?: string }).className ??
  layer.constructor.name;

/** A recurrent layer with the steps of its cells. */
export interface RecurrentLayer {
  readonly name: string;
  readonly layer: Recurrent;
  /** From the lowest to the highest. */
  readonly steps: readonly Step[];
}

/** The layers model that a model is, or carries; `undefined` where it is none. */
export function layersModelOf(model: Model): LayersModelLike | undefined {
  let found: unknown = model;
  while (typeof found === "object" && found !== null && !isLayersModel(found) && "net" in found) found = found.net;
  return typeof found === "object" && found !== null && isLayersModel(found) ? found : undefined;
}

/**
 * The recurrent layers of a model, in the order in which they are listed.
 *
 * @throws ModelError for one whose cells cannot be seen
 */
export function recurrentLayers(model: LayersModelLike): RecurrentLayer[] {
  const found: RecurrentLayer[] = [];
  const seen = new Set<AnyLayer>();
  const visit = (layer: AnyLayer, within: string): void => {
    if (seen.has(layer)) return;
    seen.add(layer);
    const name = within === "" ? layer.name : `${within}/${layer.name}`;
    if (layer.cell !== undefined && "returnSequences" in layer) {
      const cells = layer.cell.cells ?? [layer.cell];
      found.push({
        name,
        layer: layer as unknown as Recurrent,
        steps: scoped(() => cells.map((cell) => stepOf(name, cell, classOf(cell)))),
      });
      return;
    }
    if (layer.forwardLayer !== undefined && layer.backwardLayer !== undefined) {
      visit(layer.forwardLayer, name);
      visit(layer.backwardLayer, name);
      return;
    }
    if (layer.layer !== undefined) {
      const before = found.length;
      visit(layer.layer, name);
      if (found.length > before) {
        throw new ModelError(
          `The cells of layer "${name}" cannot be seen: ${classOf(layer)} "${layer.name}" runs them once for every step of its own.`,
        );
      }
    }
    for (const inner of layer.layers ?? []) visit(inner, layer === (model as AnyLayer) ? "" : name);
  };
  for (const layer of model.layers as AnyLayer[]) visit(layer, "");
  return found;
}

/** A call of a recurrent layer that no trace answers yet. */
export interface Pending {
  readonly recurrent: RecurrentLayer;
  /** How often the same layer was called before. */
  readonly again: number;
  readonly sequences: Sequences;
}

const namer = { enter: () => {}, leave: () => {}, label: () => {} };

/**
 * Runs the model with `traces` in place of what its recurrent layers would compute, call by call, until one is called that has
 * none: that call, or the model's outputs. To be called where tensors are freed.
 */
export function runWith(
  model: Model,
  layers: readonly RecurrentLayer[],
  inputs: readonly Tensor[],
  traces: readonly LayerTrace[],
): Pending | Tensor[] {
  let calls = 0;
  const times = new Map<RecurrentLayer, number>();
  let pending: Pending | undefined;
  const restore = replaceCalls(layers, (recurrent) => (given, named = {}) => {
    const again = times.get(recurrent) ?? 0;
    times.set(recurrent, again + 1);
    const known = traces[calls++];
    if (known !== undefined) return outputsOf(recurrent, known);
    pending = { recurrent, again, sequences: sequencesOf(recurrent, given, named) };
    throw new Error("the next recurrent layer is reached");
  });
  try {
    return runnerOf(model).run(inputs, namer);
  } catch (error) {
    if (pending !== undefined) return pending;
    throw error;
  } finally {
    restore();
  }
}

/** A call of a recurrent layer, with what it gave. */
interface RecurrentCall {
  readonly recurrent: RecurrentLayer;
  readonly output: Float32Array;
}

/** The numbers of a tensor of any type. */
export const numbersOf = (tensor: Tensor): Float32Array =>
  tf.cast(tensor, "float32").dataSync<"float32">() as Float32Array;

/** What the recurrent layers give by themselves, call by call, and the model's outputs. To be called where tensors are freed. */
export function runItself(
  model: Model,
  layers: readonly RecurrentLayer[],
  inputs: readonly Tensor[],
): { readonly calls: readonly RecurrentCall[]; readonly outputs: Tensor[] } {
  const calls: RecurrentCall[] = [];
  const restore = replaceCalls(layers, (recurrent, original) => (given, named) => {
    const results = original.call(recurrent.layer, given, named);
    calls.push({ recurrent, output: numbersOf([results].flat()[0]!) });
    return results;
  });
  try {
    return { outputs: runnerOf(model).run(inputs, namer), calls };
  } finally {
    restore();
  }
}

type Call = Recurrent["call"];

function replaceCalls(
  layers: readonly RecurrentLayer[],
  replacement: (recurrent: RecurrentLayer, original: Call) => Call,
): () => void {
  const undo = layers.map((recurrent) => {
    const { layer } = recurrent;
    const own = Object.getOwnPropertyDescriptor(layer, "call");
    layer.call = replacement(recurrent, layer.call);
    return () => {
      if (own === undefined) delete (layer as Partial<Recurrent>).call;
      else Object.defineProperty(layer, "call", own);
    };
  });
  return () => {
    for (const step of undo.reverse()) step();
  };
}

/** What a layer of these outputs returns. */
export function outputsOf({ layer, steps }: RecurrentLayer, trace: LayerTrace): Tensor | Tensor[] {
  const { count, length } = trace;
  const { units } = steps.at(-1)!;
  const all = tf.tensor3d(trace.outputs, [count, length, units]);
  const output = layer.returnSequences ? all : tf.reshape(tf.slice(all, [0, length - 1], [count, 1]), [count, units]);
  if (!layer.returnState) return output;
  // TensorFlow.js lists the states of stacked cells from the highest to the lowest.
  let offset = 0;
  const byCell = steps.map(({ states, units: own }) => {
    const tensors = trace.last.slice(offset, offset + states).map((state) => tf.tensor2d(state, [count, own]));
    offset += states;
    return tensors;
  });
  return [output, ...byCell.reverse().flat()];
}

function sequencesOf(
  { name, layer, steps }: RecurrentLayer,
  given: Tensor | Tensor[],
  { mask, initialState }: { mask?: Tensor | null; initialState?: Tensor[] | null },
): Sequences {
  const x = [given].flat()[0]!;
  if (x.rank !== 3) throw new ModelError(`Layer "${name}" takes [${x.shape}], not sequences of lists of numbers.`);
  const [count, length, features] = x.shape as [number, number, number];
  let first: Float32Array[] | undefined;
  if (initialState) {
    const pending = initialState.map(numbersOf);
    const byCell = [...steps].reverse().map(({ states }) => pending.splice(0, states));
    first = byCell.reverse().flat();
  }
  return {
    values: numbersOf(x),
    count,
    steps: length,
    features,
    mask: mask ? numbersOf(mask) : undefined,
    initial: first,
    backwards: layer.goBackwards,
  };
}
