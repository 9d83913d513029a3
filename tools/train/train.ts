import { join } from "node:path";
import { trainFmri } from "./biomedical/fmri.js";
import { histologyTrainings } from "./biomedical/histology.js";
import { signalTrainings } from "./biomedical/train.js";
import { trainCharModel } from "./char-rnn.js";
import { writeCharSample } from "./char-text.js";
import { convolutionalNet, multilayerPerceptron, trainClassifier } from "./classifier.js";
import { digitDecoder, trainDecoder } from "./decoder.js";
import { fitDigitGaussian, fitDigitRbm } from "./densities.js";
import { trainDigitInverters, trainPhotoInverters } from "./inverters/train.js";
import { trainPlanted, trainWatermarked } from "./planted.js";
import { trainRepaired } from "./repaired.js";
import { writeDigitSample } from "./sample.js";
import { saveModel, saveWeights } from "./save.js";
import { textTrainings } from "./text/train.js";
import type { Training } from "./training.js";

const classNames = Array.from({ length: 10 }, (_, digit) => String(digit));

/**
 * What can be made, by name; everything in `models/mnist-*`, `models/inverters`, `models/planted-*` and `models/char-*` was made by these with seed 1, but for
 * `planted-scenes`, which learned from pictures with smaller objects, as its file says.
 */
export const trainings: Readonly<Record<string, (training: Training) => Promise<void>>> = {
  async "mnist-cnn"({ folder, seed, epochs = 12, log }) {
    const model = convolutionalNet(seed);
    const { accuracy } = await trainClassifier(model, { epochs, seed, shift: 2 }, log);
    const training = { seed, epochs, testAccuracy: accuracy };
    await saveModel(model, join(folder, "mnist-cnn"), { output: "logits", classNames, training });
  },
  async "mnist-mlp"({ folder, seed, epochs = 20, log }) {
    const model = multilayerPerceptron(seed);
    const { accuracy } = await trainClassifier(model, { epochs, seed, shift: 1 }, log);
    const training = { seed, epochs, testAccuracy: accuracy };
    await saveModel(model, join(folder, "mnist-mlp"), { output: "logits", classNames, training });
  },
  async "mnist-decoder"({ folder, seed, epochs = 10, log }) {
    const model = digitDecoder(seed);
    const { reconstructionError, divergence } = await trainDecoder(model, { epochs, seed }, log);
    const training = { seed, epochs, testError: reconstructionError, divergence };
    await saveModel(model, join(folder, "mnist-decoder"), { training });
  },
  async "mnist-gaussian"({ folder, seed, log }) {
    await saveWeights(await fitDigitGaussian(seed, log), join(folder, "mnist-gaussian"));
  },
  async "mnist-rbm"({ folder, seed, log }) {
    await saveWeights(await fitDigitRbm(seed, log), join(folder, "mnist-rbm"));
  },
  async "mnist-digits"({ folder, log }) {
    await writeDigitSample(join(folder, "mnist-digits", "digits.png"), log);
  },
  "inverters-mnist-cnn": trainDigitInverters,
  "inverters-efficientnet-lite0": trainPhotoInverters,
  async "planted-objects"({ folder, seed, epochs = 6, log }) {
    await trainPlanted({ name: "planted-objects", label: "objects", folder, seed, epochs, log });
  },
  async "planted-scenes"({ folder, seed, epochs = 4, log }) {
    await trainPlanted({ name: "planted-scenes", label: "scenes", folder, seed, epochs, log });
  },
  async "planted-watermark"({ folder, seed, epochs = 4, log }) {
    await trainWatermarked({ name: "planted-watermark", folder, seed, epochs, log });
  },
  async "planted-repaired"({ folder, seed, epochs = 6, log }) {
    await trainRepaired({ name: "planted-repaired", folder, seed, epochs, log });
  },
  async "char-lstm"({ folder, seed, epochs = 12, log }) {
    await trainCharModel({ kind: "lstm", folder, seed, epochs, log });
  },
  async "char-gru"({ folder, seed, epochs = 10, log }) {
    await trainCharModel({ kind: "gru", folder, seed, epochs, log });
  },
  async "char-sample"({ folder, log }) {
    await writeCharSample(join(folder, "char-sample", "sample.txt"), log);
  },
  ...signalTrainings,
  ...textTrainings,
  "fmri-objects": trainFmri,
  ...histologyTrainings,
};
