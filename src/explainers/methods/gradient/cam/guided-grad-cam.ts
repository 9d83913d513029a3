import * as tf from "@tensorflow/tfjs-core";
import { type Findings, method } from "../../../method.js";
import { scoped } from "../../../network/tensors.js";
import { choice } from "../../../parameters.js";
import { findingsOf, inputsOf, onRecording } from "../engine/seeded.js";
import { guidedGradients, rectifiers } from "../input/rectifiers.js";
import { type LayerAttribution, layer } from "../layers/at-layer.js";
import { camOf, mapKinds, meanGradient } from "./cam.js";

/**
 * Guided Grad-CAM: guided backpropagation × the upsampled Grad-CAM map (Selvaraju et al. 2017, section 3.2).
 *
 * @throws LayerError for a layer that is not there or has no map; TargetError
 * @example
 * const map = await guidedGradCam(model)(photo, { target: 282 });
 */
export const guidedGradCam = method({
  id: "guided-grad-cam",
  name: "Guided Grad-CAM",
  family: "gradient",
  reference: "Selvaraju et al. 2017, ICCV, section 3.2",
  question: "Which fine pattern, in the places that speak for the output?",
  inputs: mapKinds,
  signed: true,
  additive: false,
  result: "entries",
  parameters: {
    layer,
    upsampling: choice(["bilinear", "nearest"], "bilinear", "How the map is brought to the input's size"),
    rectifiers,
  },
  explainer:
    (model, { layer: wanted, upsampling, rectifiers: names }) =>
    (x, run = {}): Promise<Findings<LayerAttribution>> =>
      onRecording(model, x, run, (seeded) => {
        const { recording, node, seed } = seeded;
        const guided = guidedGradients(recording, new Map([[node, seed]]), names);
        try {
          return scoped(() => {
            const map = camOf(seeded, { layer: wanted, relu: true, upsampling }, meanGradient);
            // An input that the layer does not lie on has no part in the product.
            const relevances = seeded
              .toInputs(inputsOf(recording, guided))
              .map((gradient, index) =>
                index === map.input ? tf.mul(gradient, map.broadcast) : tf.zerosLike(gradient),
              );
            return { ...findingsOf(seeded, relevances), parameters: { layer: map.layer }, layer: map.layer };
          });
        } finally {
          for (const tensor of guided.values()) tensor.dispose();
        }
      }),
});
