import type { NamedTensorMap, Tensor } from "@tensorflow/tfjs-core";
import type { LayersModel, layers } from "@tensorflow/tfjs-layers";
import type { Dataset, Group } from "h5wasm";
import { tensorflow } from "../../tensorflow/backend.js";
import { ModelFileError } from "../errors.js";
import { checkFinite } from "../weights.js";
import { type KerasNode, layersOf, nameOf } from "./config.js";

type Layer = ReturnType<typeof layers.dense>;

/** A stored array with the name it has in the file. */
interface Variable {
  name: string;
  dataset: Pick<Dataset, "shape" | "value">;
}

/** Fills `model` from the HDF5 layout of Keras 1 and 2 (and 3's `.h5`): a group per layer that lists its weights in order. */
export async function setLegacyWeights(location: string, model: LayersModel, file: Group): Promise<void> {
  const root = (file.get("model_weights") ?? file) as Group;
  const filled = new Set<string>();
  for (const name of strings(root, "layer_names")) {
    const group = root.get(name) as Group | null;
    // A vector that spectral normalization keeps for training is no weight of the layer inside it.
    const weightNames = (group ? strings(group, "weight_names") : []).filter(
      (path) => !/(vector_u|sn_u)(:0)?$/.test(path),
    );
    if (weightNames.length === 0) continue;
    const variables = weightNames.map((path) => ({ name: path, dataset: group!.get(path) as Dataset }));
    await setLayer(location, findLayer(location, model, name), variables);
    filled.add(name);
  }
  const missing = model.layers.find((layer) => layer.weights.length > 0 && !filled.has(layer.name));
  if (missing) throw new ModelFileError(`${location} holds no weights for layer "${missing.name}"`);
}

/**
 * Fills `model` from the layout of Keras 3's archives. There a layer's group is not called by the layer's name but by its
 * class in snake case with a counter (`layers/conv2d_1/vars/0`), in the order of the configuration.
 *
 * @param config As the file has it.
 */
export async function setArchiveWeights(
  location: string,
  model: LayersModel,
  config: KerasNode,
  group: Group,
): Promise<void> {
  const counts = new Map<string, number>();
  for (const node of layersOf(config)) {
    const name = nameOf(node);
    const base = snakeCase(node.class_name.split(">").at(-1)!).replace("group_query", "grouped_query");
    const count = counts.get(base) ?? 0;
    counts.set(base, count + 1);
    // Operations that compute masks have gone from the model, and have no weights.
    if (node.module?.includes(".ops") && !model.layers.some((layer) => layer.name === name)) continue;
    const layer = findLayer(location, model, name);
    if (layer.weights.length === 0) continue;
    const paths = [count === 0 ? base : `${base}_${count}`, name].flatMap((path) => [
      `layers/${path}`,
      // As Keras 2.12 wrote it.
      `_layer_checkpoint_dependencies/${path}`,
    ]);
    const own = paths.map((path) => group.get(path) as Group | null).find((found) => found !== null);
    if (!own) throw new ModelFileError(`${location} holds no weights for layer "${name}"`);
    if (layersOf(node).length > 0) await setArchiveWeights(location, layer as unknown as LayersModel, node, own);
    else
      await setLayer(
        location,
        layer,
        variablesBelow(base === "spectral_normalization" ? (own.get("layer") as Group) : own, node),
      );
  }
}

/** Fills `model` from the weights of a model.json that the converter made of a Keras 3 model: `model/layer/kernel`. */
export async function setManifestWeights(location: string, model: LayersModel, weights: NamedTensorMap): Promise<void> {
  const layers = new Map<string, Layer>();
  const collect = (container: LayersModel): void => {
    for (const layer of container.layers) {
      if ("layers" in layer) collect(layer as unknown as LayersModel);
      if ("layers" in layer || layer.weights.length === 0) continue;
      if (layers.has(layer.name)) throw new ModelFileError(`${location} has two layers called "${layer.name}"`);
      layers.set(layer.name, layer as Layer);
    }
  };
  collect(model);
  const given = new Map<Layer, Variable[]>();
  for (const [name, tensor] of Object.entries(weights)) {
    const owner = name.split("/").findLast((part) => layers.has(part));
    if (owner === undefined) throw new ModelFileError(`${location} holds a weight "${name}" of no layer of the model`);
    const layer = layers.get(owner)!;
    const variable = { name, dataset: { shape: tensor.shape, value: tensor.dataSync() as Float32Array } };
    given.set(layer, [...(given.get(layer) ?? []), variable]);
  }
  for (const layer of layers.values()) {
    const variables = given.get(layer);
    if (!variables) throw new ModelFileError(`${location} holds no weights for layer "${layer.name}"`);
    await setLayer(location, layer, variables);
  }
}

/**
 * Groups of a layer's own parts, in the order of TensorFlow.js' weights; the state of random generators is none. Keras 2 writes the
 * attributes' names, some of which begin with an underscore.
 */
const PARTS = [
  "vars",
  ...["forward_layer", "backward_layer", "layer", "cell", "cells"],
  ...["query_dense", "key_dense", "gate_dense", "value_dense", "output_dense"].flatMap((part) => [part, `_${part}`]),
];

/** The variables of a layer that `node` describes; inside it, models' layers and cells are named by class and counter as anywhere. */
function variablesBelow(group: Group, node: KerasNode | undefined): Variable[] {
  const inside = node && [...layersOf(node), ...((node.config["cells"] as KerasNode[] | undefined) ?? [])];
  const several = ["layers", "cells"].find((part) => group.keys().includes(part));
  if (several && inside) {
    const counts = new Map<string, number>();
    return inside.flatMap((inner) => {
      const base = snakeCase(inner.class_name);
      const count = counts.get(base) ?? 0;
      counts.set(base, count + 1);
      const own = (group.get(several) as Group).get(count === 0 ? base : `${base}_${count}`) as Group | null;
      return own ? variablesBelow(own, inner) : [];
    });
  }
  return PARTS.filter((part) => group.keys().includes(part)).flatMap((part) => {
    const below = group.get(part) as Group;
    if (part !== "vars") {
      const setting = part.replace("forward_layer", "layer").replace(/^_/, "");
      return variablesBelow(below, node?.config[setting] as KerasNode | undefined);
    }
    const indices = below.keys().sort((a, b) => Number(a) - Number(b));
    return indices.map((index) => ({ name: index, dataset: below.get(index) as Dataset }));
  });
}

/** Sets a layer's weights: by name where the names are the same in both worlds, else in order; shapes are compared. */
async function setLayer(location: string, layer: Layer, variables: Variable[]): Promise<void> {
  const tf = await tensorflow();
  const wanted = layer.weights.map(({ originalName }) => lastPart(originalName));
  const byName = new Map(variables.map((variable) => [lastPart(variable.name), variable]));
  const sameNames = byName.size === wanted.length && wanted.every((name) => byName.has(name));
  const ordered = sameNames ? wanted.map((name) => byName.get(name)!) : variables;
  if (ordered.length !== layer.weights.length) {
    throw new ModelFileError(
      `${location}: layer "${layer.name}" has ${layer.weights.length} weights, the file has ${ordered.length}`,
    );
  }
  const tensors: Tensor[] = [];
  try {
    for (const [index, { shape, originalName }] of layer.weights.entries()) {
      const { dataset } = ordered[index]!;
      const stored = dataset?.shape ?? [];
      if (String(stored) !== String(shape)) {
        throw new ModelFileError(
          `${location}: weight "${originalName}" of layer "${layer.name}" is [${stored}] in the file, [${shape}] in the model`,
        );
      }
      const { value } = dataset;
      const isCount = originalName.endsWith("count");
      if (!(isCount || value instanceof Float32Array || value instanceof Float64Array || typeof value === "number")) {
        throw new ModelFileError(`${location}: weight "${originalName}" is not stored as float32 or float64`);
      }
      const entries = typeof value === "number" || typeof value === "bigint" ? [value] : (value as ArrayLike<number>);
      const values = Float32Array.from(entries, Number);
      checkFinite(location, originalName, values);
      tensors.push(tf.tensor(values, stored));
    }
    layer.setWeights(tensors);
  } finally {
    tf.dispose(tensors);
  }
}

function findLayer(location: string, model: LayersModel, name: string): Layer {
  try {
    return model.getLayer(name) as Layer;
  } catch (cause) {
    throw new ModelFileError(`${location} holds weights for a layer "${name}" that the model does not have`, { cause });
  }
}

function lastPart(name: string): string {
  return name.split("/").at(-1)!.replace(/:\d+$/, "");
}

/** `SeparableConv2D` → `separable_conv2d`, as Keras does it. */
function snakeCase(name: string): string {
  return name
    .replace(/\W+/g, "")
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

/** A list of names in an attribute; Keras splits one that HDF5 does not hold whole into `…0`, `…1` and so on. */
function strings({ attrs }: Group, attribute: string): string[] {
  const parts = [attrs[attribute]?.value];
  while (parts[0] === undefined || parts.length > 1) {
    const part = attrs[`${attribute}${parts.length - 1}`]?.value;
    if (part === undefined) break;
    parts.push(part);
  }
  return parts.flatMap((part) => (Array.isArray(part) ? part.map(String) : []));
}
