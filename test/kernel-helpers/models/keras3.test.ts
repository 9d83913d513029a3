import { kerasSuite } from "./keras-suite.js";

kerasSuite(3, [
  [/^ReversibleEmbedding/, /looks words up and down|called in several ways/],
  [/BatchNormalization-renorm/, /renorm = true/],
  [/Discretization-sparse|CategoryEncoding-sparse/, /sparse = true/],
  [/MelSpectrogram/, /computes a spectrogram/],
  [/AutoContrast|Equalization/, /changes pixels by their histogram/],
  [/op\.Norm-inf/, /states Infinity as a setting/],
  [/op\.(Arctan|Floor|Argmax|Sort|TopK|Median|Conv|Inv)/, /not among the operations that are known/],
  [/model\.custom/, /a Swirl, which TensorFlow\.js does not have/],
]);
