import * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "./define-layer.js";

/** Layers that act in training only: at inference they give back what they are given. */
const CLASSES = [
  "ActivityRegularization",
  "Identity",
  "SpatialDropout2D",
  "SpatialDropout3D",
  "RandomFlip",
  "RandomRotation",
  "RandomTranslation",
  "RandomZoom",
  "RandomShear",
  "RandomContrast",
  "RandomBrightness",
  "RandomHue",
  "RandomSaturation",
  "RandomSharpness",
  "RandomColorJitter",
  "RandomColorDegeneration",
  "RandomErasing",
  "RandomGaussianBlur",
  "RandomPerspective",
  "RandomElasticTransform",
  "RandomGrayscale",
  "RandomHeight",
  "RandomInvert",
  "RandomPosterization",
  "RandomWidth",
  "RandAugment",
  "AugMix",
  "CutMix",
  "MixUp",
  "Solarization",
  "MaxNumBoundingBoxes",
];

export const nothings = CLASSES.map((className) => defineLayer<object>({ className, call: (x) => tf.clone(x) }));
