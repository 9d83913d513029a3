import { kerasSuite } from "./keras-suite.js";

kerasSuite(2, [
  [/LocallyConnected\dD-data_format/, /data_format = "channels_first"/],
  [/LocallyConnected\dD-implementation1/, /implementation = 3/],
  [/-time_major/, /time_major = true/],
  [/op\.einsum/, /an operation on no tensor/],
  [/op\.(cumsum-exclusive|shape|atan|floor|sort)/, /not among the operations that are known/],
]);
