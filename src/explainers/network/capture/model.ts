import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, InputShapeError, ModelError } from "../../errors.js";
import { errorAt, shapesOf } from "../../failures.js";
import { repairBackend } from "../backends/repair.js";
import { sameShape } from "../shapes.js";
import type { Namer } from "./record.js";

/** A function of TensorFlow.js operations, e.g. `(x) => tf.softmax(tf.matMul(x, w))`. */
export type ModelFunction = (...inputs: Tensor[]) => Tensor | Tensor[];

/**
 * What can be explained: a `tf.LayersModel`, a `tf.GraphModel`, a plain function, an object that carries one of these
 * as `net`, or any object with a `predict` of TensorFlow.js operations.
 */
export type Model = object | ModelFunction;

/** One way to run a model, whatever it is. */
export interface Runner {
  /** The object by which caches are kept. */
  readonly key: object;
  run(inputs: readonly Tensor[], namer: Namer): Tensor[];
  /** Throws `InputShapeError` where an input cannot fit. */
  check(inputs: readonly Tensor[]): void;
  /** Identities of the model's weights, by which a cached graph is known to be current; absent where it may change at will. */
  weights?(): object[];
  /** The weights themselves; absent where they are not known. */
  constants?(): Tensor[];
  /** Whether a final softmax or sigmoid is explained too. */
  readonly atProbability?: boolean;
}

const atProbabilities = Symbol("explained at its probabilities");

/**
 * The same model, explained at the probabilities of its final softmax or sigmoid. Without this, explanations start at the logits
 * before it: there a saturated output still has a gradient, and what speaks against a class is negative at every probability.
 *
 * @param model what `Model` lists; what it knows of its input stays known
 * @example const explain = integratedGradients(atProbability(model));
 */
export function atProbability(model: Model): Model {
  const known = "net" in model ? model : { net: model };
  return Object.create(known, { [atProbabilities]: { value: true } }) as Model;
}

const shifts = Symbol("taken off every input");

/** The same model for inputs that were shifted: `f(x − shift)`, whose layers keep their names. What it knows of its input stays known, unshifted. */
export function afterShift(model: Model, shift: number): Model {
  const known = "net" in model ? model : { net: model };
  return Object.create(known, { [shifts]: { value: shift } }) as Model;
}

const stacks = Symbol("several states of one model");

/**
 * A model whose rows are in several states of its weights, as a graph says that was put together for it (`adopt`): nothing else can run it.
 * What it knows of its input stays known.
 */
export function stackedModel(model: Model): Model {
  const known = "net" in model ? model : { net: model };
  return Object.create(known, { [stacks]: { value: true } }) as Model;
}

/** A runner of which there is a graph, and nothing to trace. */
const ofGraphAlone = (runner: Runner, key: object): Runner => ({
  ...runner,
  key,
  weights: () => [],
  run() {
    throw new ModelError("Several states of a model run as one graph, of all their rows together.");
  },
});

/** A runner whose inputs lose a shift first. */
const unshifted = (runner: Runner, key: object, shift: number): Runner => ({
  ...runner,
  key,
  run(inputs, namer) {
    const own = inputs.map((input) => tf.sub(input, shift));
    namer.label("shift");
    return runner.run(own, namer);
  },
});

// The shapes of tfjs-layers and tfjs-converter that are used here; importing them would load both.
interface Layer {
  name: string;
  call(inputs: unknown, kwargs: unknown): unknown;
  layers?: Layer[];
  layer?: Layer;
  forwardLayer?: Layer;
  backwardLayer?: Layer;
  cell?: Layer;
  cells?: Layer[];
  dropout?: number;
  recurrentDropout?: number;
  stateful?: boolean;
  states_?: Tensor[];
  resetStates?(states?: Tensor[]): void;
}
export interface LayersModelLike extends Layer {
  layers: Layer[];
  inputs: { name: string; shape: (number | null)[] }[];
  weights: { read(): Tensor }[];
  apply(inputs: unknown, kwargs?: unknown): Tensor | Tensor[];
}
export interface GraphModelLike {
  inputs: { name: string; shape?: number[] }[];
  outputs: { name: string }[];
  weights: Record<string, Tensor[]>;
  executor: object;
  execute(inputs: Record<string, Tensor>, outputs: string[]): Tensor | Tensor[];
}

export const isLayersModel = (model: object): model is LayersModelLike =>
  "layers" in model && "apply" in model && "inputs" in model && Array.isArray(model.layers);

export const isGraphModel = (model: object): model is GraphModelLike =>
  "executor" in model && "execute" in model && "modelSignature" in model;

/** The network itself, within what `loadModel` and explainers lay around it: what tells one model from another. */
export function networkOf(model: object): object {
  const { net } = model as { readonly net?: unknown };
  const isInner = (typeof net === "object" && net !== null) || typeof net === "function";
  return isInner && !isLayersModel(model) && !isGraphModel(model) ? networkOf(net) : model;
}

/** The runner of a model; throws `ModelError` for anything that is none. */
export function runnerOf(model: Model): Runner {
  repairBackend();
  if (typeof model === "function") return functionRunner(model as ModelFunction, model);
  if (typeof model === "object" && model !== null) {
    if (isLayersModel(model)) return layersRunner(model);
    if (isGraphModel(model)) return graphRunner(model);
    if ("net" in model && model.net !== null && (typeof model.net === "object" || typeof model.net === "function")) {
      const inner = runnerOf(model.net as Model);
      const shift = (model as { readonly [shifts]?: number })[shifts];
      const runner = shift === undefined ? inner : unshifted(inner, model, shift);
      const own = atProbabilities in model ? { ...runner, key: model, atProbability: true } : runner;
      return Object.hasOwn(model, stacks) ? ofGraphAlone(own, model) : own;
    }
    if ("predict" in model && typeof model.predict === "function") {
      return functionRunner(
        (...inputs) => (model.predict as (x: unknown) => Tensor)(inputs.length === 1 ? inputs[0] : inputs),
        model,
      );
    }
  }
  throw new ModelError(
    `A model is a tf.LayersModel, a tf.GraphModel, a function of tensors or an object with predict(), but this is ${describe(model)}.`,
  );
}

function functionRunner(compute: ModelFunction, key: object): Runner {
  return {
    key,
    check: () => {},
    run(inputs) {
      const result = compute(...inputs) as unknown;
      const outputs = Array.isArray(result) ? result : [result];
      for (const output of outputs) {
        if (typeof (output as Tensor | null)?.dataSync !== "function") {
          throw new ModelError(`A model must return a tensor or a list of tensors, but returned ${describe(output)}.`);
        }
      }
      return outputs as Tensor[];
    },
  };
}

const shapeText = (shape: readonly (number | null | undefined)[]): string =>
  `[${shape.map((size) => (size == null || size < 0 ? "batch" : size)).join(", ")}]`;

function checkShapes(expected: readonly (readonly (number | null)[] | undefined)[], inputs: readonly Tensor[]): void {
  if (inputs.length !== expected.length) {
    throw new InputShapeError(
      expected.map((shape) => (shape === undefined ? "[any]" : shapeText(shape))).join(" and "),
      inputs.map((input) => shapeText(input.shape)).join(" and ") || "nothing",
    );
  }
  inputs.forEach((input, index) => {
    const shape = expected[index];
    if (shape === undefined) return;
    const fits =
      shape.length === input.rank &&
      sameShape(
        shape.map((size, axis) => (size == null || size < 0 ? input.shape[axis]! : size)),
        input.shape,
      );
    if (!fits) throw new InputShapeError(shapeText(shape), `[${input.shape.join(", ")}]`);
  });
}

function layersRunner(model: LayersModelLike): Runner {
  return {
    key: model,
    check: (inputs) =>
      checkShapes(
        model.inputs.map(({ shape }) => shape),
        inputs,
      ),
    weights: () => model.weights.map((weight) => weight.read().dataId),
    constants: () => model.weights.map((weight) => weight.read()),
    run(inputs, namer) {
      const restore = nameLayers(model, namer);
      const resume = fromZeroState(model);
      try {
        const result = model.apply(inputs.length === 1 ? inputs[0] : [...inputs], { training: false });
        return Array.isArray(result) ? result : [result];
      } finally {
        resume();
        restore();
      }
    },
  };
}

/** A layer with all that it wraps. */
const within = (layer: Layer): Layer[] => [
  layer,
  ...[
    layer.layer,
    layer.forwardLayer,
    layer.backwardLayer,
    layer.cell,
    ...(layer.layers ?? []),
    ...(layer.cells ?? []),
  ].flatMap((inner) => (inner === undefined ? [] : within(inner))),
];

/**
 * Lets recurrent layers drop nothing, whose dropout at inference multiplies by ones, and stateful ones start from zeros and keep the
 * state that they have; returns what undoes it.
 */
function fromZeroState(model: LayersModelLike): () => void {
  const undo: (() => void)[] = [];
  const set = <K extends keyof Layer>(layer: Layer, key: K, value: Layer[K]): void => {
    const own = Object.getOwnPropertyDescriptor(layer, key);
    layer[key] = value;
    undo.push(() => {
      if (own === undefined) delete layer[key];
      else Object.defineProperty(layer, key, own);
    });
  };
  for (const layer of new Set(within(model))) {
    if (layer.recurrentDropout !== undefined) {
      set(layer, "dropout", 0);
      set(layer, "recurrentDropout", 0);
    }
    // Before its first call a layer has no states, and begins with zeros anyway.
    if (layer.stateful !== true || layer.resetStates === undefined) continue;
    const zeros = layer.states_?.map((state) => tf.zerosLike(state));
    if (zeros !== undefined) set(layer, "states_", zeros);
    set(layer, "resetStates", () => {});
    undo.push(() => tf.dispose(zeros ?? []));
  }
  return () => {
    for (const step of undo.reverse()) step();
  };
}

/** The class of a layer as files name it. */
function classOf(layer: Layer): string {
  const Class = layer.constructor as { readonly name: string; readonly className?: string };
  return Class.className ?? Class.name;
}

/** Lets every layer announce itself while it is called; returns what undoes it. */
function nameLayers(model: LayersModelLike, namer: Namer): () => void {
  const undo: (() => void)[] = [];
  const seen = new Set<Layer>();
  const wrap = (layer: Layer): void => {
    if (seen.has(layer)) return;
    seen.add(layer);
    const own = Object.getOwnPropertyDescriptor(layer, "call");
    const original = layer.call;
    layer.call = function (this: Layer, ...given: [unknown, unknown]) {
      namer.enter(layer.name);
      try {
        return original.apply(this, given);
      } catch (error) {
        throw errorAt(error, {
          layer: layer.name,
          operation: classOf(this),
          shapes: shapesOf([given[0] as Tensor].flat()),
        });
      } finally {
        namer.leave();
      }
    };
    undo.push(() => {
      if (own === undefined) delete (layer as Partial<Layer>).call;
      else Object.defineProperty(layer, "call", own);
    });
    for (const inner of layer.layers ?? []) wrap(inner);
    if (layer.layer !== undefined) wrap(layer.layer);
  };
  for (const layer of model.layers) wrap(layer);
  return () => {
    for (const step of undo.reverse()) step();
  };
}

function graphRunner(model: GraphModelLike): Runner {
  const names = model.inputs.map(({ name }) => name);
  return {
    key: model,
    check: (inputs) =>
      checkShapes(
        model.inputs.map(({ shape }) => shape?.map((size, axis) => (axis === 0 || size < 0 ? null : size))),
        inputs,
      ),
    weights: () => Object.values(model.weights).flatMap((list) => list.map((tensor) => tensor.dataId)),
    constants: () => Object.values(model.weights).flat(),
    run(inputs, namer) {
      const restore = nameNodes(model.executor, namer);
      try {
        const result = model.execute(
          Object.fromEntries(inputs.map((input, index) => [names[index]!, input])),
          model.outputs.map(({ name }) => name),
        );
        return Array.isArray(result) ? result : [result];
      } finally {
        restore();
      }
    },
  };
}

/** The executor calls this method with every node it has run. */
const afterNode = "checkTensorForDisposalWithNodeLiveUntilInfo";

function nameNodes(executor: object, namer: Namer): () => void {
  const hooks = executor as Record<string, ((node: { name: string }, ...rest: unknown[]) => unknown) | undefined>;
  const original = hooks[afterNode];
  if (original === undefined) return () => {};
  hooks[afterNode] = function (node, ...rest) {
    namer.label(node.name);
    return original.call(this, node, ...rest);
  };
  return () => {
    delete hooks[afterNode];
  };
}
