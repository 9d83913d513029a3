import { deepLift, gradCam, integratedGradients, smoothGrad } from "../../../src/explainers/index.js";
import type { ExplainerCase } from "./case.js";

/** The gradient family; `lastMap` is the node that Grad-CAM reads. `tools/bench/peers/explainers.py` has functions of the same names. */
export const gradientCases = (lastMap: number): readonly ExplainerCase[] => [
  {
    name: "integrated-gradients",
    peer: "captum",
    request: { steps: 50 },
    run: (model, x, target) => integratedGradients(model, { steps: 50 })(x, { target }),
  },
  {
    name: "smoothgrad",
    peer: "captum",
    request: { samples: 50, noise: 0.15 },
    run: (model, x, target) => smoothGrad(model, { samples: 50, noise: 0.15 })(x, { target }),
  },
  {
    name: "grad-cam",
    peer: "captum",
    request: { node: lastMap },
    run: (model, x, target) => gradCam(model)(x, { target }),
  },
  {
    name: "deeplift",
    peer: "captum",
    request: {},
    run: (model, x, target) => deepLift(model)(x, { target }),
  },
];
