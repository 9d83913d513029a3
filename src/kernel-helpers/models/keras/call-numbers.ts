import type { LayerConfig, LayerNode } from "./tree.js";

type Reference = [layer: string, call: number, tensor: number, ...rest: unknown[]];
interface Call {
  layer: string;
  /** Its place among the layer's calls in the file. */
  number: number;
  references: Reference[];
}

/**
 * Numbers the calls of layers that are called more than once as TensorFlow.js will: in the order in which it comes to make them, which
 * is not that of the file where a call waits for another layer. Rewrites `root` in place, models inside it too.
 */
export function numberCalls(root: LayerNode): void {
  const { config } = root;
  for (const layer of config?.layers ?? []) numberCalls(layer);
  if (config?.layers?.some(({ inbound_nodes: calls = [] }) => calls.length > 1)) renumber(config, config.layers);
}

function renumber(config: LayerConfig, layers: LayerNode[]): void {
  const nameOf = ({ name, config: settings }: LayerNode): string => name ?? settings?.name ?? "";
  // Call 0 of a nested model is its own definition.
  const first = new Map(layers.map((layer) => [nameOf(layer), layer.config?.layers ? 1 : 0]));
  const numbers = new Map<string, number>();
  const made = new Map<string, number>();
  const key = (layer: string, call: number) => `${layer}/${call}`;
  const isReady = ([layer, call]: Reference) => call < first.get(layer)! || numbers.has(key(layer, call));

  let pending: Call[][] = [];
  for (const layer of layers) {
    const name = nameOf(layer);
    const calls = (layer.inbound_nodes ?? []) as Reference[][];
    if (calls.length === 0) numbers.set(key(name, first.get(name)!), first.get(name)!);
    const named = calls.map((references, index) => ({ layer: name, number: index + first.get(name)!, references }));
    if (named.length > 0) pending.push(named);
  }
  const every = pending.flat();
  // As TensorFlow.js does it: round after round over all layers, each time over the calls that are left.
  for (let before = Number.POSITIVE_INFINITY; pending.length > 0 && pending.flat().length < before; ) {
    before = pending.flat().length;
    pending = pending
      .map((calls) =>
        calls.filter(({ layer, number, references }) => {
          if (!references.every(isReady)) return true;
          const count = made.get(layer) ?? first.get(layer)!;
          numbers.set(key(layer, number), count);
          made.set(layer, count + 1);
          return false;
        }),
      )
      .filter((calls) => calls.length > 0);
  }
  // A graph that does not close is for TensorFlow.js to refuse.
  if (pending.length > 0) return;
  const rewrite = (reference: Reference) => {
    reference[1] = numbers.get(key(reference[0], reference[1])) ?? reference[1];
  };
  for (const { references } of every) references.forEach(rewrite);
  for (const reference of (config["output_layers"] as Reference[] | undefined) ?? []) rewrite(reference);
}
