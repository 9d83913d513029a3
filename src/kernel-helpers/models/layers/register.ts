import { serialization } from "@tensorflow/tfjs-core";
import { activationClasses } from "./activation/class.js";
import { elu } from "./activation/elu.js";
import { reLU } from "./activation/re-lu.js";
import { softmax } from "./activation/softmax.js";
import { additiveAttention, dotProductAttention } from "./attention/dot-product.js";
import { einsumDense } from "./attention/einsum-dense.js";
import { groupedQueryAttentions, multiHeadAttention } from "./attention/multi-head.js";
import { conv1DTranspose } from "./convolution/conv1d-transpose.js";
import { dilatedDepthwiseConv2D } from "./convolution/depthwise-conv2d.js";
import { depthwiseConv1D, separableConv1D } from "./convolution/depthwise1d.js";
import { convolutions } from "./convolution/grouped.js";
import { locallyConnecteds } from "./convolution/locally-connected.js";
import { concatenate } from "./merge/concatenate.js";
import { dot } from "./merge/dot.js";
import { subtract } from "./merge/subtract.js";
import { batchNormalization } from "./normalization/batch-normalization.js";
import { groupNormalization } from "./normalization/group-normalization.js";
import { layerNormalization } from "./normalization/layer-normalization.js";
import { rmsNormalization } from "./normalization/rms-normalization.js";
import { unitNormalization } from "./normalization/unit-normalization.js";
import { nothings } from "./nothing.js";
import { operationLayer } from "./operations/operation.js";
import { adaptivePoolings } from "./pooling/adaptive-pooling.js";
import { globalPoolings } from "./pooling/global-pooling.js";
import { categoryEncoding, discretization, integerLookup } from "./preprocessing/categories.js";
import { normalization, rescaling } from "./preprocessing/normalization.js";
import { centerCrops, kerasResizing } from "./preprocessing/resizing.js";
import { convLstms } from "./recurrent/conv-lstm.js";
import { resetAfterCell, resetAfterGru } from "./recurrent/reset-after-gru.js";
import { edgeLayers } from "./resampling/edges.js";
import { kerasUpSampling2D } from "./resampling/keras-up-sampling2d.js";
import { flatten } from "./reshaping/flatten.js";
import { reshape } from "./reshaping/reshape.js";

/** The layers of this folder: a file each, or a family of one shape a file, and a line here. */
const LAYERS: (() => unknown)[] = [
  softmax,
  multiHeadAttention,
  ...groupedQueryAttentions,
  dotProductAttention,
  additiveAttention,
  einsumDense,
  ...locallyConnecteds,
  dot,
  operationLayer,
  ...adaptivePoolings,
  kerasResizing,
  ...centerCrops,
  normalization,
  rescaling,
  categoryEncoding,
  discretization,
  integerLookup,
  ...convLstms,
  reLU,
  elu,
  ...convolutions,
  dilatedDepthwiseConv2D,
  depthwiseConv1D,
  separableConv1D,
  conv1DTranspose,
  subtract,
  concatenate,
  batchNormalization,
  groupNormalization,
  layerNormalization,
  rmsNormalization,
  unitNormalization,
  ...globalPoolings,
  ...edgeLayers,
  kerasUpSampling2D,
  reshape,
  flatten,
  resetAfterCell,
  resetAfterGru,
  ...nothings,
];

let registered = false;

/** Lets TensorFlow.js, which must have been loaded, build the layers of this folder where a model's file names them. */
export function registerLayers(): void {
  if (registered) return;
  registered = true;
  for (const made of [...activationClasses(), ...LAYERS.map((make) => make())]) {
    serialization.registerClass(made as serialization.SerializableConstructor<serialization.Serializable>);
  }
}
