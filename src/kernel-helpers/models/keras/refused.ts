import { UnknownLayerError } from "../errors.js";

/** What helps with a layer that cannot be loaded as it is. */
export const REBUILD = "Build the model without it, give it the old weights (set_weights) and save it again.";

const beforeIt = (what: string): string =>
  `${what}; do that before the model, and save the model that starts behind this layer`;

/** Layers of Keras that are not here, each with why and what to do. */
const REFUSED: [classes: RegExp, advice: string][] = [
  [
    /^Lambda$/,
    "holds Python code, which cannot be run here; write it with Keras' layers or keras.ops and save the model again",
  ],
  [/^(StringLookup|TextVectorization)$/, beforeIt("turns words into numbers")],
  [/^(Hashing|HashedCrossing)$/, beforeIt("hashes what it is given")],
  [/^(Mel|STFT)Spectrogram$/, beforeIt("computes a spectrogram")],
  [
    /^(AutoContrast|Equalization|ContrastLimitedAdaptiveHistogramEqualization)$/,
    beforeIt("changes pixels by their histogram"),
  ],
  [
    /^(TFSMLayer|JaxLayer|FlaxLayer|TorchModuleWrapper)$/,
    "holds a model of another library; convert that one, and load it by itself",
  ],
  [
    /^ReversibleEmbedding$/,
    "looks words up and down by one matrix; build the model with an Embedding and a Dense layer, give it the old weights (set_weights) and save it again",
  ],
  [/^DenseFeatures$/, beforeIt("reads feature columns")],
];

/** @throws UnknownLayerError that names the layer and says what to do, for a class that cannot be loaded. */
export function checkClass(location: string, name: string, className: string): void {
  const found = REFUSED.find(([classes]) => classes.test(className));
  if (found) throw new UnknownLayerError(className, name, location, found[1]);
}
