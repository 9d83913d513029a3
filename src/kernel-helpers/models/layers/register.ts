import { serialization } from "@tensorflow/tfjs-core";
import { dilatedDepthwiseConv2D } from "./depthwise-conv2d.js";
import { kerasUpSampling2D } from "./keras-up-sampling2d.js";

let registered = false;

/** Lets TensorFlow.js, which must have been loaded, build the layers of this folder where a model's file names them. */
export function registerLayers(): void {
  if (registered) return;
  registered = true;
  for (const layer of [dilatedDepthwiseConv2D(), kerasUpSampling2D()]) {
    serialization.registerClass(layer as unknown as serialization.SerializableConstructor<serialization.Serializable>);
  }
}
