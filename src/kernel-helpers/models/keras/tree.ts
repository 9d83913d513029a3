/** A layer or model in a Keras configuration, as far as every version and TensorFlow.js agree. */
export interface LayerNode {
  class_name?: string;
  name?: string;
  config?: LayerConfig;
  /** Of a layer in a graph, the calls: each a list of `[layer, call, tensor, …]`. */
  inbound_nodes?: unknown[];
}

export interface LayerConfig {
  [setting: string]: unknown;
  name?: string;
  layers?: LayerNode[];
  layer?: LayerNode;
  cell?: LayerNode;
  cells?: LayerNode[];
}

/** Visits a model's layers, those of nested models, and what wrappers wrap; `name` is the layer's, or says where it is. */
export function eachLayer(
  node: LayerNode,
  visit: (node: LayerNode, name: string) => void,
  fallback = "the model",
): void {
  const { config } = node;
  const name = node.name ?? config?.name ?? fallback;
  visit(node, name);
  const { layers = [], cells = [], layer, cell } = config ?? {};
  for (const [index, inner] of [...layers, ...cells].entries()) eachLayer(inner, visit, `number ${index}`);
  for (const inner of [layer, cell]) if (inner?.class_name) eachLayer(inner, visit, `inside ${name}`);
}
