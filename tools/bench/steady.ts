import * as tf from "@tensorflow/tfjs-core";
import { Command } from "commander";
import { activationMaximization, generator, ParameterError } from "../../src/explainers/index.js";
import { DrawDigit, loadDensity, loadDigits, loadModel, startBackend } from "../../src/kernel-helpers/index.js";

/*
 * `npm run bench -- steady`: whether long work leaves the process as it was. Steps of activation maximization with every regularizer, plainly and
 * through a decoder, then redraws of a digit; tensors and resident memory before and after as one JSON object a line. Exit code 1 when
 * tensors are left over.
 */

/** `npm run bench -- steady [--steps 2000] [--redraws 200]` */
export async function main(argv: string[]): Promise<number> {
  const options = new Command("steady")
    .description("check that long runs leave tensors and memory where they were")
    .option("--steps <count>", "steps of activation maximization", Number, 2000)
    .option("--redraws <count>", "explained drawings", Number, 200)
    .parse(argv, { from: "user" })
    .opts<{ steps: number; redraws: number }>();
  for (const name of ["steps", "redraws"] as const) {
    const value = options[name];
    if (!Number.isInteger(value) || value < 1) throw new ParameterError(`--${name}`, value, "a whole number above 0");
  }
  await startBackend();
  const [model, decoder, rbm, digits] = await Promise.all([
    loadModel("mnist-cnn"),
    loadModel("mnist-decoder"),
    loadDensity("mnist-rbm"),
    loadDigits(),
  ]);
  const climb = async (steps: number, decoded: boolean) => {
    const run = activationMaximization(model, {
      target: 3,
      steps,
      every: 10,
      starts: 2,
      l1: 1e-4,
      l2: 1e-3,
      totalVariation: 1e-3,
      diversity: 0.1,
      jitter: 2,
      rotation: 10,
      scale: 0.1,
      blur: 0.5,
      densities: [{ density: rbm, strength: 1e-3 }],
      ...(decoded && { parametrization: generator(decoder.net, { codeSize: decoder.input.shape[0]! }) }),
    });
    for await (const _ of run);
  };
  const widget = new DrawDigit(model, { generator: decoder });
  const redraw = async (count: number) => {
    for (let drawn = 0; drawn < count; drawn++) {
      const place = drawn % digits.count;
      await widget.draw(digits.pixels.subarray(place * 784, (place + 1) * 784));
    }
  };
  let left = 0;
  for (const [what, count, work] of [
    ["steps", options.steps, (n: number) => climb(n, false)],
    ["steps through a decoder", options.steps, (n: number) => climb(n, true)],
    ["redraws", options.redraws, redraw],
  ] as const) {
    // Caches fill, code is compiled, and the prototypes of all ten classes are found.
    await work(100);
    await new Promise((resolve) => setTimeout(resolve, what === "redraws" ? 10_000 : 0));
    const before = { tensors: tf.memory().numTensors, rss: process.memoryUsage.rss() };
    await work(count);
    const after = { tensors: tf.memory().numTensors, rss: process.memoryUsage.rss() };
    const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20);
    console.log(
      JSON.stringify({
        what,
        count,
        tensorsBefore: before.tensors,
        tensorsAfter: after.tensors,
        megabytesBefore: megabytes(before.rss),
        megabytesAfter: megabytes(after.rss),
      }),
    );
    left += Math.abs(after.tensors - before.tensors);
  }
  return left === 0 ? 0 : 1;
}
