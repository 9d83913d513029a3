import { pixelFlipping } from "../../../src/explainers/index.js";
import type { MeasureCase } from "./case.js";

/** Both flip single values in so many steps, to one number; Quantus' curves leave out the untouched sample. */
const flipping = (on: MeasureCase["on"], perStep: number): MeasureCase => ({
  name: "pixel-flipping",
  on,
  request: () => Promise.resolve({ perStep, baseline: 0 }),
  async run({ model, x, attribution }) {
    const flips = pixelFlipping(model, { perStep, channels: "apart", replacement: 0 });
    const { curves } = await flips({ x, attribution });
    return curves.flatMap(({ y }) => Array.from(y.subarray(1)));
  },
});

/** 28 steps of 28 pixels, and 24 of 6272 values: Quantus takes only shares of the positions. */
export const flippingCases: readonly MeasureCase[] = [flipping("mnist-cnn", 28), flipping("efficientnet-lite0", 6272)];
