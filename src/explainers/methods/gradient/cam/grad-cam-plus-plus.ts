import * as tf from "@tensorflow/tfjs-core";
import { method } from "../../../method.js";
import { cam, camParameters, mapKinds } from "./cam.js";

/**
 * Grad-CAM++: as Grad-CAM, with `α_k = Σ w · ReLU(g)` and pixel weights `w = g² / (2g² + g³ Σ A)` (Chattopadhay et al. 2018,
 * eq. 19, for the exponential of the score, whose common positive factor is left out).
 *
 * @throws LayerError for a layer that is not there or has no map; TargetError
 * @example
 * const map = await gradCamPlusPlus(model)(photo, { target: 282 });
 * map.shape; // [1, 224, 224, 1]
 */
export const gradCamPlusPlus = method({
  id: "grad-cam-plus-plus",
  name: "Grad-CAM++",
  family: "gradient",
  reference: "Chattopadhay et al. 2018, WACV, eq. 19",
  question: "Roughly where are all the objects that speak for the output, small ones included?",
  inputs: mapKinds,
  signed: true,
  additive: false,
  result: "positions",
  parameters: camParameters,
  explainer: (model, values) =>
    cam(model, values, (gradient, activation, positions) => {
      const square = tf.square(gradient);
      const mass = tf.sum(activation, positions, true);
      const denominator = tf.add(tf.mul(square, 2), tf.mul(tf.mul(square, gradient), mass));
      const weights = tf.divNoNan(square, denominator);
      return tf.sum(tf.mul(weights, tf.relu(gradient)), positions, true);
    }),
});
