import * as tf from "@tensorflow/tfjs-core";
import { method } from "../../../method.js";
import { cam, camParameters, mapKinds } from "./cam.js";

/**
 * Layer-CAM: `ReLU(Σ_k ReLU(g_k) ∘ A_k)`, every unit of a layer weighted by its own positive gradient, which keeps detail in
 * layers near the input, too (Jiang et al. 2021, eq. 6 and 7).
 *
 * @throws LayerError for a layer that is not there or has no map; TargetError
 * @example
 * const map = await layerCam(model, { layer: "conv2d_1" })(photo, { target: 282 });
 */
export const layerCam = method({
  id: "layer-cam",
  name: "Layer-CAM",
  family: "gradient",
  reference: "Jiang et al. 2021, IEEE TIP, eq. 6 and 7",
  question: "Which places of a layer, each by itself, speak for the output?",
  inputs: mapKinds,
  signed: true,
  additive: false,
  result: "positions",
  parameters: camParameters,
  explainer: (model, values) => cam(model, values, (gradient) => tf.relu(gradient)),
});
