import type { Command } from "commander";
import type { Action } from "../../src/cli/action.js";
import { table } from "../../src/cli/table.js";
import { ParameterError } from "../../src/explainers/errors.js";
import { activationMaximization, generator, type PrototypeOptions } from "../../src/explainers/synthesis/index.js";
import { loadDensity, loadModel, tensorflow } from "../../src/kernel-helpers/index.js";

/** `npm run figures -- prototypes`: how the ten digits look to a network, and how far from real ones. */
export function registerPrototypes(program: Command, run: (action: Action) => void): void {
  program
    .command("prototypes")
    .description(
      "find prototypes of the ten digits, plainly, with experts and through a decoder, and their distance to real digits",
    )
    .option("--model <name>", "mnist-cnn, mnist-mlp, or a path to a model of digits", "mnist-cnn")
    .option("--steps <number>", "steps of Adam", Number, 200)
    .option("--seed <number>", "of the starts", Number, 1)
    .option("--json", "print one JSON object a line instead of a table")
    .action((options: { model: string; steps: number; seed: number; json?: boolean }) => {
      run(async () => {
        const rows = await digitPrototypes(options.model, options);
        if (options.json) for (const row of rows) console.log(JSON.stringify(row));
        else console.log(asTable(rows));
        return 0;
      });
    });
}

/** One prototype: how sure the net is of it, and how far the nearest training digit is. */
interface DigitPrototype {
  method: string;
  digit: number;
  probability: number;
  /** Euclidean distance to the nearest of the 60,000 training digits, pixels in 0…1. */
  distance: number;
  /** Class of that digit. */
  nearest: number;
  /** 28 × 28, in 0…1. */
  picture: Float32Array;
}

/** The ways to look for a digit, from none to much knowledge of what digits look like. */
async function methods(): Promise<{ ways: Record<string, Partial<PrototypeOptions>>; dispose: () => void }> {
  const [gaussian, rbm, decoder] = await Promise.all([
    loadDensity("mnist-gaussian"),
    loadDensity("mnist-rbm"),
    loadModel("mnist-decoder"),
  ]);
  return {
    ways: {
      plain: {},
      "L2 and total variation": { maximize: "logit", l2: 0.02, totalVariation: 0.02 },
      Gaussian: { maximize: "logit", densities: [{ density: gaussian, strength: 0.03 }] },
      RBM: { maximize: "logit", densities: [{ density: rbm, strength: 0.1 }] },
      decoder: {
        maximize: "logit",
        parametrization: generator(decoder.net, { codeSize: decoder.input.shape[0]! }),
        code: 0.3,
      },
    },
    dispose: () => {
      for (const owner of [gaussian, rbm, decoder]) owner.dispose();
    },
  };
}

/** Prototypes of the ten digits by each method, with the nearest training digit. */
async function digitPrototypes(
  name: string,
  { steps, seed }: { steps: number; seed: number },
): Promise<DigitPrototype[]> {
  const tf = await tensorflow();
  const { DIGIT_SIZE, readMnist } = await import("../train/mnist.js");
  const model = await loadModel(name);
  if (model.input.shape.join() !== "28,28,1")
    throw new ParameterError("model", name, "a network on digits, 28 × 28 × 1");
  const { ways, dispose } = await methods();
  const training = await readMnist("train");
  const digits = tf.tidy(() => tf.tensor2d(training.pixels, [training.count, DIGIT_SIZE], "int32").toFloat().div(255));
  const rows: DigitPrototype[] = [];
  for (const [method, options] of Object.entries(ways)) {
    for (let digit = 0; digit < 10; digit++) {
      let last = { picture: new Float32Array(), probability: 0 };
      for await (const { picture, probability } of activationMaximization(model, {
        target: digit,
        steps,
        seed,
        every: steps,
        ...options,
      })) {
        last = { picture: picture as Float32Array<ArrayBuffer>, probability: probability![0]! };
      }
      const [nearest, distance] = tf.tidy(() => {
        const squares = tf.sum(tf.squaredDifference(digits, tf.tensor2d(last.picture, [1, DIGIT_SIZE])), 1);
        return [tf.argMin(squares).dataSync()[0]!, Math.sqrt(tf.min(squares).dataSync()[0]!)] as const;
      });
      rows.push({ method, digit, ...last, distance, nearest: training.labels[nearest]! });
    }
  }
  digits.dispose();
  dispose();
  model.dispose();
  return rows;
}

function asTable(rows: DigitPrototype[]): string {
  const names = [...new Set(rows.map(({ method }) => method))];
  const cells = names.map((method) => {
    const own = rows.filter((row) => row.method === method);
    const mean = own.reduce((sum, { distance }) => sum + distance, 0) / own.length;
    return [
      method,
      Math.min(...own.map(({ probability }) => probability)).toFixed(4),
      ...own.map(({ distance }) => distance.toFixed(2)),
      mean.toFixed(2),
      `${own.filter(({ digit, nearest }) => digit === nearest).length}`,
    ];
  });
  const heading = [
    "method",
    "lowest p",
    ...Array.from({ length: 10 }, (_, digit) => `“${digit}”`),
    "mean",
    "of own class",
  ];
  return `Distance from each prototype to the nearest of 60,000 training digits:\n${table([heading, ...cells])}`;
}
