import { method } from "../../../method.js";
import { cam, camParameters, mapKinds, meanGradient } from "./cam.js";

/**
 * Grad-CAM: `ReLU(Σ_k α_k A_k)`, where `α_k` is the mean over positions of the gradient at channel k of a layer
 * (Selvaraju et al. 2017, eq. 1 and 2).
 *
 * @throws LayerError for a layer that is not there or has no map; TargetError
 * @example
 * const map = await gradCam(model)(photo, { target: 282 });
 * map.shape; // [1, 224, 224, 1]
 */
export const gradCam = method({
  id: "grad-cam",
  name: "Grad-CAM",
  family: "gradient",
  reference: "Selvaraju et al. 2017, ICCV, eq. 1 and 2",
  question: "Roughly where is what speaks for the output?",
  inputs: mapKinds,
  signed: true,
  additive: false,
  result: "positions",
  parameters: camParameters,
  explainer: (model, values) => cam(model, values, meanGradient),
});
