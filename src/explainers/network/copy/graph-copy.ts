import { type Tensor, tidy } from "@tensorflow/tfjs-core";
import { ModelError } from "../../errors.js";
import type { GraphModelLike } from "../capture/model.js";
import type { CopiedLayer, CopiedWeight, ModelCopy } from "./copied.js";

// The shapes of tfjs-converter that are used here; importing it would load it.
interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly GraphNode[];
}
interface Executor {
  readonly graph: { readonly nodes: Readonly<Record<string, GraphNode>> };
  weightMap: Readonly<Record<string, Tensor[]>>;
}

/** Operations with a kernel of their own, by the converter's names. */
const affine: ReadonlySet<string> = new Set([
  "MatMul",
  "_FusedMatMul",
  "BatchMatMul",
  "BatchMatMulV2",
  "Conv1D",
  "Conv2D",
  "_FusedConv2D",
  "Conv2DBackpropInput",
  "Conv3D",
  "DepthwiseConv2d",
  "DepthwiseConv2dNative",
  "FusedDepthwiseConv2dNative",
]);
const normalizing: ReadonlySet<string> = new Set(["FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"]);
/** With a constant behind a layer, these are its bias, or what is left of its batch norm. */
const following: ReadonlySet<string> = new Set(["BiasAdd", "Add", "AddV2", "Sub", "Mul", "RealDiv"]);
/** The constants of an embedding are the first input, the rows that are taken the second. */
const lookups: ReadonlySet<string> = new Set(["Gather", "GatherV2", "ResourceGather"]);

/** What the inputs of a normalization are, in their order. */
const ofNormalization = ["", "gamma", "beta", "moving_mean", "moving_variance"];

/** The same graph over weights of its own map: only those that are written take memory. */
export function copyGraphModel(original: GraphModelLike): ModelCopy {
  const source = original.executor as Executor;
  const nodes = source.graph?.nodes;
  if (nodes === undefined) throw new ModelError("The model cannot be copied: its graph is not known.");
  const executor = Object.create(source) as Executor;
  const own = new Map<string, Tensor>();
  const write = (name: string, value: Tensor): void => {
    own.get(name)?.dispose();
    own.set(
      name,
      tidy(() => value.clone()),
    );
    // The executor's setter notes which tensors it must not free.
    executor.weightMap = { ...source.weightMap, ...Object.fromEntries([...own].map(([key, kept]) => [key, [kept]])) };
  };
  executor.weightMap = { ...source.weightMap };
  const weightOf = (node: GraphNode, name: string): CopiedWeight => ({
    name,
    shape: source.weightMap[node.name]![0]!.shape,
    initializer: undefined,
    original: () => source.weightMap[node.name]![0]!,
    write: (value) => write(node.name, value),
  });
  return {
    model: Object.create(original, { executor: { value: executor } }) as object,
    layers: layersOf(nodes, source.weightMap, weightOf),
    dispose: () => {
      for (const tensor of own.values()) tensor.dispose();
      own.clear();
    },
  };
}

function layersOf(
  nodes: Readonly<Record<string, GraphNode>>,
  weights: Readonly<Record<string, Tensor[]>>,
  weightOf: (node: GraphNode, name: string) => CopiedWeight,
): CopiedLayer[] {
  const isWeight = (node: GraphNode | undefined): node is GraphNode =>
    node !== undefined && weights[node.name]?.[0]?.dtype === "float32" && weights[node.name]![0]!.size > 1;
  /** The constant that an input is, behind nodes that only pass it on. */
  const constantOf = (node: GraphNode | undefined): GraphNode | undefined =>
    node?.op === "Identity" || node?.op === "ReadVariableOp"
      ? constantOf(node.inputs[0])
      : isWeight(node)
        ? node
        : undefined;
  const layers = new Map<string, CopiedWeight[]>();
  /** The layer that a node's value comes from through biases and scales alone. */
  const owner = new Map<string, string>();
  for (const node of inOrder(Object.values(nodes))) {
    const constants = node.inputs.map(constantOf);
    if (affine.has(node.op)) {
      const own = constants.flatMap((constant, index) =>
        constant === undefined ? [] : [weightOf(constant, index < 2 ? "kernel" : "bias")],
      );
      if (own.length === 0) continue;
      layers.set(node.name, own);
      owner.set(node.name, node.name);
    } else if (normalizing.has(node.op)) {
      const own = constants.flatMap((constant, index) =>
        constant === undefined || index === 0 ? [] : [weightOf(constant, ofNormalization[index]!)],
      );
      const layer = owner.get(node.inputs[0]!.name) ?? node.name;
      layers.set(layer, [...(layers.get(layer) ?? []), ...own]);
      owner.set(node.name, layer);
    } else if (lookups.has(node.op) && constants[0] !== undefined) {
      layers.set(node.name, [weightOf(constants[0], "embeddings")]);
    } else if (following.has(node.op) && node.inputs.length === 2) {
      const at = constants.findIndex((constant) => constant !== undefined);
      const layer = at < 0 ? undefined : owner.get(node.inputs[1 - at]!.name);
      if (layer === undefined) continue;
      const isScale = node.op === "Mul" || node.op === "RealDiv";
      layers.get(layer)!.push(weightOf(constants[at]!, isScale ? "gamma" : "bias"));
      owner.set(node.name, layer);
    }
  }
  return [...layers].map(([name, own]) => ({ name, weights: own }));
}

/** Every node after its inputs. */
function inOrder(nodes: readonly GraphNode[]): GraphNode[] {
  const placed = new Set<GraphNode>();
  const order: GraphNode[] = [];
  // Without recursion: graphs are deep.
  const waiting = [...nodes].reverse();
  const entered = new Set<GraphNode>();
  while (waiting.length > 0) {
    const node = waiting.at(-1)!;
    const missing = entered.has(node) ? [] : node.inputs.filter((input) => !placed.has(input));
    entered.add(node);
    if (missing.length > 0) {
      waiting.push(...missing);
      continue;
    }
    waiting.pop();
    if (!placed.has(node)) order.push(node);
    placed.add(node);
  }
  return order;
}
