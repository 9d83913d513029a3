import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { Command } from "commander";
import { activationMaximization, ParameterError } from "../../src/explainers/index.js";
import { loadModel, startBackend } from "../../src/kernel-helpers/index.js";
import { defaultPython, median, Peer, pause, writeGraph, writeSafetensors } from "./peers/peer.js";

/*
 * `npm run bench -- prototypes`: activation maximization of a class of EfficientNet-lite0 with total variation by Adam, beside the same loop in
 * PyTorch from the same picture. One JSON object a line; times alternate between us and the peer, on the same threads. The objectives
 * after the last step are printed too: both climb the same hill.
 */

const TARGET = 99; // goose
const SETTINGS = { totalVariation: 1e-4, learningRate: 0.01 };

/** `npm run bench -- prototypes [--steps 20] [--runs 3] [--python PATH] [--no-peer]` */
export async function main(argv: string[]): Promise<number> {
  const options = new Command("prototypes")
    .description("time activation maximization with total variation beside PyTorch")
    .option("--steps <count>", "steps a run", Number, 20)
    .option("--runs <count>", "timed runs", Number, 3)
    .option("--python <path>", "a Python with tools/bench/requirements.txt", defaultPython)
    .option("--no-peer", "our own times only")
    .parse(argv, { from: "user" })
    .opts<{ steps: number; runs: number; python: string; peer: boolean }>();
  for (const name of ["steps", "runs"] as const) {
    const value = options[name];
    if (!Number.isInteger(value) || value < 1) throw new ParameterError(`--${name}`, value, "a whole number above 0");
  }
  await startBackend();
  const threads = availableParallelism();
  const model = await loadModel("efficientnet-lite0");
  const folder = await mkdtemp(join(tmpdir(), "limpid-bench-"));
  const peer =
    options.peer && existsSync(options.python) ? new Peer(options.python, "prototypes.py", threads) : undefined;
  if (options.peer && peer === undefined) {
    console.error(`No Python at ${options.python} (see tools/bench/requirements.txt): our own times only.`);
  }
  const start = join(folder, "start.safetensors");
  const ratios: number[] = [];
  try {
    for (let run = -1; run < options.runs; run++) {
      const ours = await climb(model, options.steps);
      let theirs: { ms: number; objective: number } | undefined;
      if (peer !== undefined) {
        const x = tf.tensor4d(ours.start, [1, 224, 224, 3]);
        if (run < 0) {
          await peer.ask({ load: await writeGraph(model, x, join(folder, "model")) });
          await writeSafetensors(start, new Map([["start", x]]));
        }
        x.dispose();
        theirs = (await peer.ask({ start, target: TARGET, steps: options.steps, ...SETTINGS })) as typeof theirs;
        // The peer's threads spin for a while after their work.
        await pause(300);
      }
      // The first run warms up caches on both sides.
      if (run < 0) continue;
      const rate = (ms: number) => Number(((1000 * options.steps) / ms).toFixed(2));
      const ratio = theirs === undefined ? null : Number((theirs.ms / ours.ms).toFixed(3));
      if (ratio !== null) ratios.push(ratio);
      console.log(
        JSON.stringify({
          case: "efficientnet-lite0",
          method: "activation-maximization-tv",
          threads,
          steps: options.steps,
          stepsPerSecond: rate(ours.ms),
          peer: theirs === undefined ? null : "torch",
          peerStepsPerSecond: theirs === undefined ? null : rate(theirs.ms),
          timesFaster: ratio,
          objective: Number(ours.objective.toFixed(3)),
          peerObjective: theirs === undefined ? null : Number(theirs.objective.toFixed(3)),
        }),
      );
    }
    if (ratios.length > 0) {
      console.log(
        JSON.stringify({
          case: "efficientnet-lite0",
          method: "activation-maximization-tv",
          medianTimesFaster: median(ratios),
        }),
      );
    }
    return 0;
  } finally {
    peer?.close();
    model.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Milliseconds of `steps` steps, every one reported with its picture; the picture before them, the objective at the last. */
async function climb(model: object, steps: number): Promise<{ ms: number; start: Float32Array; objective: number }> {
  let begin = 0;
  let start = new Float32Array();
  const run = activationMaximization(model, {
    target: TARGET,
    maximize: "logit",
    steps: Number.POSITIVE_INFINITY,
    ...SETTINGS,
  });
  for await (const { step, picture, objective } of run) {
    if (step === 0) {
      start = picture.slice();
      begin = performance.now();
    }
    if (step === steps) return { ms: performance.now() - begin, start, objective: objective[0]! };
  }
  throw new Error("the run ended by itself");
}
