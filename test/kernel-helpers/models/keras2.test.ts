import { kerasSuite } from "./keras-suite.js";

kerasSuite(2, {
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
    [/LocallyConnected\dD-data_format/, /data_format = "channels_first"/],
    [/LocallyConnected\dD-implementation1/, /implementation = 3/],
    [/-time_major/, /time_major = true/],
    [/op\.einsum/, /an operation on no tensor/],
    [/op\.(cumsum-exclusive|shape|atan|floor|sort)/, /not among the operations that are known/],
  ],
});
