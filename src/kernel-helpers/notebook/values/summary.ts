import * as tf from "@tensorflow/tfjs-core";
import { formatCount, formatShape } from "../../../comms/format.js";
import { DISPLAY, type MimeBundle } from "../../../comms/host.js";
import { usualRule } from "../../../explainers/methods/lrp/defaults.js";
import { type Node, record } from "../../../explainers/network/index.js";
import type { LoadedModel } from "../../models/index.js";
import { table } from "./table.js";

/** One layer, as LRP and the gradient methods see it: batch normalization is part of the layer before it. */
export interface LayerSummary {
  layer: string;
  /** What it does: `conv2d`, `dense`, `add`, … */
  kind: string;
  /** Its output's, without the batch. */
  shape: string;
  parameters: number;
  /** The rule by which LRP passes relevance through it unless a composite says another; `none` where it is refused. */
  "LRP rule": string;
}

export interface ModelSummary {
  readonly name: string;
  readonly layers: readonly LayerSummary[];
  /** All numbers in the layers. */
  readonly parameters: number;
  /** Layers that no rule of LRP covers. */
  readonly refused: readonly string[];
  toString(): string;
  [DISPLAY](): MimeBundle;
}

/**
 * The layers of a model with their shapes, parameters, and whether LRP has a rule for them. It looks once at how the model computes;
 * where sizes are free, at the smallest that it takes. A model that ends a cell is shown so by itself.
 *
 * @param options.limit How many layers are shown; default 40.
 * @throws ModelError where the model cannot be traced
 * @example summary(await loadModel("mnist-cnn"))
 */
export function summary(model: LoadedModel, options: { limit?: number } = {}): ModelSummary {
  const layers = layersOf(model);
  const parameters = layers.reduce((sum, layer) => sum + layer.parameters, 0);
  const refused = layers.filter((layer) => layer["LRP rule"] === NONE).map(({ layer }) => layer);
  const covered =
    refused.length === 0
      ? "LRP has a rule for every layer"
      : `LRP refuses ${refused.length} of ${layers.length} layers (${refused.slice(0, 3).join(", ")}${refused.length > 3 ? ", …" : ""}): fallback: "gradient" passes them`;
  const input = `input ${formatShape(model.input.shape.map((size) => size ?? "any") as number[])}`;
  const classes = model.classNames ? `${formatCount(model.classNames.length)} classes` : "";
  const stored = storedParameters(model);
  const count =
    stored === undefined || stored === parameters
      ? `${formatCount(parameters)} parameters`
      : `${formatCount(stored)} parameters (${formatCount(parameters)} with batch normalization folded in)`;
  const title = [model.name, input, `output: ${model.output}`, classes, count]
    .filter((part) => part !== "")
    .join(" · ");
  const shown = () => table(layers as never, { limit: options.limit ?? 40, caption: `${title} · ${covered}` });
  return {
    name: model.name,
    layers,
    parameters,
    refused,
    toString: () => shown().toString(),
    [DISPLAY]: () => shown()[DISPLAY](),
  };
}

const NONE = "none";
/** Sizes that are tried where a model takes any. */
const SIZES = [1, 8, 32, 128];

function layersOf(model: LoadedModel): LayerSummary[] {
  const { net } = model;
  const shapes =
    typeof net === "function" || net.inputs.length === 1
      ? [model.input.shape]
      : net.inputs.map(({ shape }) => (shape ?? []).slice(1));
  const dtypes = typeof net === "function" ? [] : net.inputs.map(({ dtype }) => dtype);
  const free = shapes.flat().some((size) => size === null || size === undefined || size < 0);
  let failure: unknown;
  for (const size of free ? SIZES : [1]) {
    const inputs = shapes.map((shape, index) =>
      tf.zeros(
        [1, ...shape.map((known) => (known === null || known < 0 ? size : known))],
        dtypes[index] === "int32" ? "int32" : "float32",
      ),
    );
    try {
      const recording = record(model, inputs.length === 1 ? inputs[0]! : inputs);
      const { graph } = recording;
      const layers = graph.nodes
        .filter(({ operation }) => operation.kind !== "input")
        .map((node): LayerSummary => {
          const { name } = usualRule(graph, node, undefined);
          return {
            layer: [node.name, ...node.folded].join(" + "),
            kind: kindOf(node),
            shape: formatShape(node.shape.slice(1)) || "one number",
            parameters: parametersOf(node),
            "LRP rule": name === "refuse" ? NONE : name,
          };
        });
      recording.dispose();
      return layers;
    } catch (error) {
      failure ??= error;
    } finally {
      tf.dispose(inputs);
    }
  }
  throw failure;
}

/** What it does, by the name of the function where it is one: `relu`. */
function kindOf({ operation }: Node): string {
  const { kind } = operation;
  if (kind === "activation") return operation.function;
  return kind === "unknown" && "kernel" in operation ? String(operation.kernel) : kind;
}

/** Numbers in its tensors. */
function parametersOf({ operation }: Node): number {
  return Object.values(operation).reduce(
    (sum: number, part: unknown) => sum + (part instanceof tf.Tensor ? part.size : 0),
    0,
  );
}

/** Numbers in the model's own weights; undefined for a function, which holds them itself. */
function storedParameters({ net }: LoadedModel): number | undefined {
  if (typeof net === "function") return undefined;
  if ("countParams" in net) return net.countParams();
  return Object.values(net.weights)
    .flat()
    .reduce((sum, { size }) => sum + size, 0);
}

/** Shows what `loadModel` gives. */
export function formatModel(value: unknown): MimeBundle | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (!("net" in value && "input" in value && "predict" in value && "name" in value)) return undefined;
  return summary(value as LoadedModel)[DISPLAY]();
}
