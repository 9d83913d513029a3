import { join } from "node:path";
import {
  gradientTimesInput,
  type Model,
  parameterRandomization,
  randomizedModel,
} from "../../../src/explainers/index.js";
import { writeGraph } from "../peers/peer.js";
import type { MeasureCase } from "./case.js";

/**
 * From the output on, one layer of kernels after the other, compared by Spearman's correlation of all values. Quantus gets the weights that we
 * draw. Batch norms stay as they are: in the peer's graph they are part of their convolution.
 */
const randomization = (on: MeasureCase["on"]): MeasureCase => ({
  name: "parameter-randomization",
  on,
  async request({ model, x }, folder) {
    const random = randomizedModel(model, { seed: 0 });
    try {
      random.randomize(...kernelsOf(random.layers));
      return { random: await writeGraph(random.model, x, join(folder, "random")) };
    } finally {
      random.dispose();
    }
  },
  async run({ model, x, attribution }) {
    const check = parameterRandomization(model, {
      layers: namesOf(model),
      similarities: ["spearman"],
      channels: "apart",
      keepMaps: false,
      seed: 0,
    });
    const { steps } = await check({ x, attribution, explain: gradientTimesInput });
    return steps.flatMap(({ similarities }) => [...similarities.signed.spearman!]);
  },
});

const kernelsOf = (layers: readonly string[]): string[] => layers.filter((name) => !name.endsWith("_bn"));

const known = new WeakMap<Model, readonly string[]>();

/** Found once, so that no run pays for it. */
function namesOf(model: Model): readonly string[] {
  let names = known.get(model);
  if (names === undefined) {
    const random = randomizedModel(model);
    names = kernelsOf(random.layers);
    random.dispose();
    known.set(model, names);
  }
  return names;
}

export const randomizationCases: readonly MeasureCase[] = [
  randomization("mnist-cnn"),
  randomization("efficientnet-lite0"),
];
