import {
  cast,
  clone,
  concat,
  expandDims,
  logicalAnd,
  max,
  mul,
  onesLike,
  type Tensor,
  tidy,
} from "@tensorflow/tfjs-core";
import type { LayersModel, SymbolicTensor } from "@tensorflow/tfjs-layers";
import { ModelFileError, withArticle } from "../errors.js";
import type { Layer } from "../layers/layer-class.js";
import { isKept } from "./kept-masks.js";
import { REBUILD } from "./refused.js";
import { eachLayer, type LayerNode } from "./tree.js";

/** What TensorFlow.js' layers keep about masks and calls; its types do not say so. */
interface Masking {
  supportsMasking: boolean;
  maskZero?: boolean;
  returnSequences?: boolean;
  layers?: Layer[];
  layer?: Layer;
  axis?: number;
  call(inputs: unknown, named: { mask?: unknown }): unknown;
  computeMask(inputs: Tensor | Tensor[], mask: Masks): Masks;
}

type Masks = Tensor | null | (Tensor | null)[];

const MERGES = /^(Add|Subtract|Multiply|Average|Maximum|Minimum|Concatenate)$/;

/** Layers whose numbers depend on a mask. */
const HEEDS = /^(Keras)?(RNN|SimpleRNN|GRU|LSTM|Bidirectional|GlobalAveragePooling1D)$/;
const ATTENDS = /^(MultiHeadAttention|Group(ed)?QueryAttention|Attention|AdditiveAttention)$/;
/** Those that heed it in Keras alone. */
const REFUSED = /^(Softmax|(Keras)?ConvLSTM[123]D)$/;

/**
 * Gives every layer the mask that comes with its own input, or none. TensorFlow.js hands a mask, once there was one, to all layers that
 * are computed later, and to a layer with several inputs the first one's.
 *
 * @param topology The configuration that `model` was made from.
 * @param version Keras' version.
 * @throws ModelFileError that names a layer which needs more than that.
 */
export function settleMasks(location: string, model: LayersModel, topology: unknown, version: string): void {
  const zeroing = new Set<string>();
  eachLayer(topology as LayerNode, ({ config }, name) => {
    if (config?.["zero_output_for_mask"] === true) zeroing.add(name);
  });
  settle(location, model, zeroing, version.startsWith("3"));
}

/** `zeroing` names the layers that give zeros at masked steps. */
function settle(location: string, model: LayersModel, zeroing: ReadonlySet<string>, isKeras3: boolean): void {
  for (const layer of model.layers) {
    const calls = layer.inboundNodes.map(({ inputTensors }) => inputTensors);
    let reached = calls.map((tensors) => tensors.some(isMasked));
    const masking = layer as unknown as Masking;
    if (layer.inboundNodes.some(({ outputTensors }) => outputTensors.length > 1)) {
      separateOutputs(masking);
    }
    const className = layer.getClassName();
    const fail = (problem: string): never => {
      const advice = REBUILD.replace("without it", "without the mask");
      throw new ModelFileError(
        `${location}: layer "${layer.name}" is ${withArticle(className.replace("Keras", ""))} ${problem}. ${advice}`,
      );
    };
    if (reached.includes(true) && MERGES.test(className)) mergeMasks(masking);
    if (masking.layers) {
      if (reached.includes(true) && heeds(masking.layers))
        fail("inside which a mask from outside would count, which is not done here");
      settle(location, layer as unknown as LayersModel, zeroing, isKeras3);
    }
    if (reached.includes(true) && REFUSED.test(className)) fail("of masked steps, which are not left out here");
    if (reached.includes(true) && className === "TimeDistributed" && masking.layer && heeds([masking.layer])) {
      fail("in which a mask would count for every step, which is not done here");
    }
    if (isKeras3 && reached.includes(true) && ATTENDS.test(className)) {
      const kept = calls.map((tensors) => tensors.map((tensor) => isKept(tensor, layer, model.layers)));
      if (kept.flat().includes(undefined)) fail("whose mask Keras drops or not by what it computes first");
      reached = kept.map((tensors) => tensors.includes(true));
    }
    if (reached.includes(true) && ATTENDS.test(className)) {
      const isOne = calls.every((tensors) => new Set(tensors.map(({ id }) => id)).size === 1);
      if (!isOne) fail("of several inputs with masks, which are not told apart here");
    }
    // Keras forces what Bidirectional layers give at masked steps to be zero.
    const zeroes = className === "Bidirectional" ? masking.returnSequences : zeroing.has(layer.name);
    if (zeroes && reached.includes(true)) {
      if (!masking.returnSequences) fail("with zero_output_for_mask = true, and gives one step alone");
      zeroMasked(masking);
    }
    if (!HEEDS.test(className) && !ATTENDS.test(className) && !masking.layers) continue;
    if (reached.every(Boolean) && reached.length > 0 && !masking.layers) continue;
    if (reached.includes(true) && !masking.layers) fail("that is called with a mask and without one");
    const { call } = masking;
    masking.call = function (inputs, named) {
      return call.call(this, inputs, { ...named, mask: undefined });
    };
  }
}

/** The masks of a merging layer's inputs as Keras joins them; TensorFlow.js gives its joint mask an axis too many. */
function mergeMasks(layer: Masking): void {
  layer.computeMask = (inputs, mask) => {
    const given = [inputs].flat();
    const masks = [mask].flat();
    const known = masks.filter((one) => one !== null && one !== undefined);
    if (known.length === 0) return null;
    const { rank } = given[0]!;
    if (layer.axis !== undefined && layer.axis !== -1 && layer.axis !== rank - 1) {
      const steps = masks.map((one, index) => one ?? onesLike(cast(max(given[index]!, -1), "bool")));
      return tidy(() => concat(steps, layer.axis! < 0 ? layer.axis! + rank : layer.axis));
    }
    return tidy(() => known.reduce((all, one) => (all === one ? all : logicalAnd(all, one))));
  };
}

/** A layer that gives one tensor twice, as output and as state, gives two: TensorFlow.js disposes each once it is used up. */
function separateOutputs(layer: Masking): void {
  const { call } = layer;
  layer.call = function (inputs, named) {
    const outputs = call.call(this, inputs, named) as Tensor | Tensor[];
    if (!Array.isArray(outputs)) return outputs;
    return outputs.map((output, index) => (outputs.indexOf(output) < index ? clone(output) : output));
  };
}

function zeroMasked(layer: Masking): void {
  const { call } = layer;
  layer.call = function (inputs, named) {
    return tidy(() => {
      const outputs = call.call(this, inputs, named) as Tensor | Tensor[];
      const mask = named.mask as Tensor | undefined;
      if (!mask) return outputs;
      const steps = expandDims(cast(mask, "float32"), -1);
      const zeroed = (output: Tensor): Tensor => (output.rank === 3 ? mul(output, steps) : output);
      return Array.isArray(outputs) ? outputs.map(zeroed) : zeroed(outputs);
    });
  };
}

const heeds = (inner: Layer[]): boolean =>
  inner.some((layer) => {
    const { layers: nested } = layer as unknown as Masking;
    const className = layer.getClassName();
    return HEEDS.test(className) || ATTENDS.test(className) || REFUSED.test(className) || (nested && heeds(nested));
  });

function isMasked({ sourceLayer, inputs }: SymbolicTensor): boolean {
  const { supportsMasking, maskZero, returnSequences } = sourceLayer as unknown as Masking;
  if (maskZero || sourceLayer.getClassName() === "Masking") return true;
  return supportsMasking && returnSequences !== false && inputs.some(isMasked);
}
