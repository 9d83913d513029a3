import { kerasSuite } from "./keras-suite.js";

kerasSuite(3, {
  refused: [
    [/Lambda/, /holds Python code/],
    [/Conv\dDTranspose-(output_padding|dilation_rate)/, /(output_padding|dilation_rate) = \[/],
    [/ConvLSTM\dD-data_format/, /data_format = "channels_first"/],
    [/IntegerLookup-num_oov_indices1/, /hashes what is unknown/],
    [/StringLookup/, /turns words into numbers/],
    [/Hashing|HashedCrossing/, /hashes what it is given/],
    [/StackedRNNCells-state/, /several cells with return_state = true/],
    [/Bidirectional-inner3/, /Bidirectional of an RNN/],
    [/Bidirectional-backward/, /backward_layer has another class_name/],
    [/^ReversibleEmbedding/, /looks words up and down|called in several ways/],
    [/BatchNormalization-renorm/, /renorm = true/],
    [/Discretization-sparse|CategoryEncoding-sparse/, /sparse = true/],
    [/MelSpectrogram/, /computes a spectrogram/],
    [/AutoContrast|Equalization/, /changes pixels by their histogram/],
    [/op\.Norm-inf/, /states Infinity as a setting/],
    [/op\.(Arctan|Floor|Argmax|Sort|TopK|Median|Conv|Inv)/, /not among the operations that are known/],
    [/model\.custom/, /a Swirl, which TensorFlow\.js does not have/],
  ],
});
