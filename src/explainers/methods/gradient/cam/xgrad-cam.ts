import * as tf from "@tensorflow/tfjs-core";
import { method } from "../../../method.js";
import { cam, camParameters, mapKinds } from "./cam.js";

/**
 * XGrad-CAM: as Grad-CAM, with the gradient averaged by activation: `α_k = Σ (A_k / Σ A_k) g_k` (Fu et al. 2020, eq. 8), so
 * that the map's sum is nearest to the output.
 *
 * @throws LayerError for a layer that is not there or has no map; TargetError
 * @example
 * const map = await xGradCam(model)(photo, { target: 282 });
 */
export const xGradCam = method({
  id: "xgrad-cam",
  name: "XGrad-CAM",
  family: "gradient",
  reference: "Fu et al. 2020, BMVC, eq. 8",
  question: "Roughly where is what speaks for the output, each place weighted by how active it is?",
  inputs: mapKinds,
  signed: true,
  additive: false,
  result: "positions",
  parameters: camParameters,
  explainer: (model, values) =>
    cam(model, values, (gradient, activation, positions) => {
      const mass = tf.sum(activation, positions, true);
      return tf.sum(tf.mul(gradient, tf.divNoNan(activation, mass)), positions, true);
    }),
});
