import { engine, type NamedTensorMap, Tensor } from "@tensorflow/tfjs-core";
import { canonicalize } from "../canonical/canonicalize.js";
import { type Input, tensorsOf } from "../capture/input.js";
import { type Model, runnerOf, stackedModel } from "../capture/model.js";
import type { Graph, Node } from "../graph.js";
import type { Operation } from "../operations/index.js";
import { isBatchFree } from "../recording/batch.js";
import { adopt, release, trace } from "../recording/recording.js";
import { forward } from "../run/forward.js";
import { vjp } from "../run/vjp.js";
import { Weights } from "../run/weights.js";
import type { ModelCopy } from "./copied.js";

/** The layers of a copied model whose weights are not the original's. */
export type State = ReadonlySet<string>;

/** A model in several states at once: a row of its batch for every sample in every state, state by state. */
export interface Stack {
  readonly model: Model;
  readonly dispose: () => void;
}

/** The canonical graphs of a copied model in many states of its weights, of which only a few were traced. */
export interface States {
  /** Lets the copy, which is in this state now, be known by its graph: nobody has to trace it. */
  readonly adopt: (state: State) => void;
  /** `undefined` where rows of a batch cannot be told apart. */
  readonly stack: (states: readonly State[]) => Stack | undefined;
  readonly dispose: () => void;
}

/** A graph that was traced in one state. */
interface Variant {
  readonly state: State;
  readonly graph: Graph;
  readonly weights: Weights;
}

/**
 * Finds out which layers' weights each operation of a model's graph is made of, and traces it in as few states as have every operation as any
 * of `states` has it.
 *
 * @param enter gives the copy's layers the weights of a state
 * @returns `undefined` where the graph itself differs from state to state
 */
export function openStates(
  copy: Pick<ModelCopy, "model" | "layers">,
  x: Input,
  states: readonly State[],
  enter: (state: State) => void,
): States | undefined {
  const variants: Variant[] = [];
  const keepTails = runnerOf(copy.model).atProbability ?? false;
  const dispose = (): void => {
    for (const { weights } of variants) weights.dispose();
  };
  const traced = (state: State): Graph => {
    enter(state);
    const { graph, weights, activations } = canonicalize(trace(copy.model, x), { keepTails });
    activations.dispose();
    variants.push({ state, graph, weights: new Weights(weights) });
    return graph;
  };
  try {
    enter(new Set());
    const { found: initial, sources } = overhearing(copy, () => traced(new Set()));
    const form = formOf(initial);
    const layers = initial.nodes.map(({ operation }) => new Set(tensorsIn(operation).flatMap((one) => sources(one))));
    const variantOf = (node: Node, state: State): Variant | undefined =>
      variants.find((variant) => sameWithin(layers[node.id]!, variant.state, state));
    const needed = states.flatMap((state) => initial.nodes.map((node) => ({ node, state })));
    for (let missing = needed; missing.length > 0; ) {
      missing = missing.filter(({ node, state }) => variantOf(node, state) === undefined);
      if (missing.length > 0 && formOf(traced(together(missing, layers))) !== form) {
        dispose();
        return undefined;
      }
    }
    const inputs = tensorsOf(x, runnerOf(copy.model));
    const batch = inputs[0]!.shape[0]!;
    return {
      adopt(state) {
        const nodes = initial.nodes.map((node) => variantOf(node, state)!.graph.nodes[node.id]!);
        adopt(copy.model, x, { ...initial, nodes }, new Weights());
      },
      stack(asked) {
        if (!isBatchFree(initial) || initial.batch !== batch) return undefined;
        const rows = asked.length * batch;
        const nodes = initial.nodes.map((node): Node => {
          const shape = node.shape.with(0, rows);
          if (layers[node.id]!.size === 0) return { ...node, shape };
          return { ...node, shape, operation: stackedOf(node, asked, batch, variantOf) };
        });
        const model = stackedModel(copy.model);
        adopt(model, x, { ...initial, nodes, batch: rows }, new Weights());
        return { model, dispose: () => release(model) };
      },
      dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** An operation in all states, one after the other; states in which it is the same are one part. */
function stackedOf(
  node: Node,
  states: readonly State[],
  batch: number,
  variantOf: (node: Node, state: State) => Variant | undefined,
): Operation {
  const parts: { variant: Variant; rows: number }[] = [];
  for (const state of states) {
    const variant = variantOf(node, state)!;
    const last = parts.at(-1);
    if (last?.variant === variant) last.rows += batch;
    else parts.push({ variant, rows: batch });
  }
  return {
    kind: "stacked",
    parts: parts.map(({ variant: { graph, weights }, rows }) => {
      const own = graph.nodes[node.id]!;
      return {
        rows,
        forward: (inputs) => forward(own, inputs, weights),
        vjp: (dy, values) => vjp(own, dy, values, weights),
      };
    }),
  };
}

/** Whether two states agree on some layers. */
const sameWithin = (layers: State, a: State, b: State): boolean =>
  [...layers].every((layer) => a.has(layer) === b.has(layer));

/** One state in which as many operations as possible are as they are in states of which no graph is there. */
function together(missing: readonly { readonly node: Node; readonly state: State }[], layers: readonly State[]): State {
  const settled = new Map<string, boolean>();
  for (const { node, state } of missing) {
    const own = [...layers[node.id]!];
    if (own.some((layer) => settled.has(layer) && settled.get(layer) !== state.has(layer))) continue;
    for (const layer of own) settled.set(layer, state.has(layer));
  }
  return new Set([...settled].flatMap(([layer, isChanged]) => (isChanged ? [layer] : [])));
}

type RunKernel = (kernel: string, inputs: NamedTensorMap, attributes?: object) => Tensor | Tensor[];

/** Notes which layers' weights every tensor is computed from while `work` runs. */
function overhearing<T>(
  { layers }: Pick<ModelCopy, "layers">,
  work: () => T,
): { found: T; sources: (tensor: Tensor) => readonly string[] } {
  const known = new Map<object, ReadonlySet<string>>();
  const add = ({ dataId }: Tensor, names: Iterable<string>) => {
    known.set(dataId, new Set([...(known.get(dataId) ?? []), ...names]));
  };
  for (const { name, weights } of layers) for (const weight of weights) add(weight.original(), [name]);
  const runtime = engine() as unknown as { runKernel: RunKernel };
  const original = runtime.runKernel;
  runtime.runKernel = (kernel, inputs, attributes) => {
    const result = original.call(runtime, kernel, inputs, attributes) as Tensor | Tensor[];
    const names = new Set(Object.values(inputs).flatMap((tensor) => [...(known.get(tensor?.dataId) ?? [])]));
    if (names.size > 0) for (const output of [result].flat()) add(output, names);
    return result;
  };
  try {
    return { found: work(), sources: ({ dataId }) => [...(known.get(dataId) ?? [])] };
  } finally {
    // The wrapper shadows the method of the engine's class.
    delete (runtime as { runKernel?: RunKernel }).runKernel;
    if (runtime.runKernel !== original) runtime.runKernel = original;
  }
}

/** All tensors in an operation. */
function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return [];
  return Object.values(value).flatMap(tensorsIn);
}

/** What graphs have in common that differ in the values of their weights alone. */
const formOf = ({ nodes, inputs, outputs, tails }: Graph): string =>
  JSON.stringify([nodes, inputs, outputs, tails], (_, value: unknown) =>
    value instanceof Tensor ? `${value.dtype} [${value.shape}]` : value,
  );
