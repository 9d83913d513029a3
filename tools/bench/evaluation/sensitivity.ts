import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { noisyNeighbors } from "../../../src/explainers/evaluation/robustness/neighbors.js";
import { gradientTimesInput, maxSensitivity } from "../../../src/explainers/index.js";
import { writeSafetensors } from "../peers/peer.js";
import type { MeasureCase } from "./case.js";

const samples = 10;
const radius = 0.02;

/** Ten neighbors each, the same ones for both. */
const sensitivity = (on: MeasureCase["on"]): MeasureCase => ({
  name: "max-sensitivity",
  on,
  async request({ x }, folder) {
    const path = join(folder, "draws.safetensors");
    const neighbors = noisyNeighbors(x, { samples, radius, seed: 0, draws: undefined }, radius);
    const numbers = Int32Array.from({ length: samples }, (_, i) => i);
    const draws = tf.tidy(() =>
      neighbors.at(tf.zeros([samples, ...x.shape.slice(1)]), new Int32Array(samples), numbers),
    );
    await writeSafetensors(path, new Map([["draws", draws]]));
    draws.dispose();
    neighbors.dispose();
    return { draws: path, samples };
  },
  async run({ model, x, attribution }) {
    const measured = maxSensitivity(model, { samples, radius, seed: 0 });
    return [...(await measured({ x, attribution, explain: gradientTimesInput })).values];
  },
});

export const sensitivityCases: readonly MeasureCase[] = [sensitivity("mnist-cnn"), sensitivity("efficientnet-lite0")];
