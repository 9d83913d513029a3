import type { SymbolicTensor } from "@tensorflow/tfjs-layers";
import type { Layer } from "../layers/layer-class.js";

const MERGES = /^(Add|Subtract|Multiply|Average|Maximum|Minimum)$/;
const TAKES_AWAY = /^(MultiHeadAttention|Group(ed)?QueryAttention)$/;

/**
 * Whether the mask of `tensor` is still there when Keras 3 computes `reader`: an attention layer of heads takes the masks from its
 * inputs, and a merging layer has a mask only where all its inputs have; undefined where it depends on what Keras computes first.
 */
export function isKept(tensor: SymbolicTensor, reader: Layer, all: readonly Layer[]): boolean | undefined {
  const source = tensor.sourceLayer as Layer;
  const takers = all.filter(
    (layer) => layer !== reader && TAKES_AWAY.test(layer.getClassName()) && reads(layer, tensor),
  );
  if (takers.some((taker) => isBefore(taker, reader))) return false;
  if (takers.some((taker) => !isBefore(reader, taker))) return undefined;
  const { maskZero, supportsMasking, returnSequences } = source as unknown as {
    maskZero?: boolean;
    supportsMasking: boolean;
    returnSequences?: boolean;
  };
  if (maskZero || source.getClassName() === "Masking") return true;
  if (!supportsMasking || returnSequences === false || tensor.inputs.length === 0) return false;
  const kept = tensor.inputs.map((input) => isKept(input, source, all));
  if (!MERGES.test(source.getClassName())) return kept[0];
  if (kept.includes(false)) return false;
  return kept.includes(undefined) ? undefined : true;
}

const reads = (layer: Layer, tensor: SymbolicTensor): boolean =>
  layer.inboundNodes.some(({ inputTensors }) => inputTensors.some(({ id }) => id === tensor.id));

/** Whether `later` reads, over whatever lies between, what `layer` gives. */
function isBefore(layer: Layer, later: Layer, seen = new Set<Layer>()): boolean {
  if (seen.has(later)) return false;
  seen.add(later);
  return later.inboundNodes.some(({ inputTensors }) =>
    inputTensors.some(({ sourceLayer }) => sourceLayer === layer || isBefore(layer, sourceLayer as Layer, seen)),
  );
}
