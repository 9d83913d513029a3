import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { Command } from "commander";
import { type Model, ParameterError, release } from "../../src/explainers/index.js";
import { loadModel, startBackend } from "../../src/kernel-helpers/index.js";
import { composites, explainTop } from "./lrp/composites.js";
import { compare } from "./peers/compare.js";
import { defaultPython, list, Peer, writeGraph, writeSafetensors } from "./peers/peer.js";

/*
 * `npm run bench -- lrp`: LRP beside a plain forward pass and beside zennit on the same weights and pixels. One JSON object a
 * line; times are medians over runs that alternate between us and the peer, in one process tree, on the same threads.
 */

interface Case {
  readonly model: Model;
  readonly forward: (x: tf.Tensor) => tf.Tensor;
  readonly dispose: () => void;
}

const cases: Readonly<Record<string, () => Promise<Case>>> = {
  "efficientnet-lite0": async () => {
    const model = await loadModel("efficientnet-lite0");
    return { model, forward: (x) => model.predict(x) as tf.Tensor, dispose: () => model.dispose() };
  },
  "vgg-16": async () => {
    const model = vgg16();
    return { model, forward: (x) => model.predict(x) as tf.Tensor, dispose: () => model.dispose() };
  },
};

/** VGG-16's shape with random weights. */
function vgg16(): layers.LayersModel {
  const model = layers.sequential();
  const weights = (seed: number) => ({
    kernelInitializer: layers.initializers.heNormal({ seed }),
    biasInitializer: layers.initializers.randomUniform({ minval: -0.05, maxval: 0.05, seed }),
  });
  let seed = 1;
  for (const [block, [repeats, filters]] of [
    [2, 64],
    [2, 128],
    [3, 256],
    [3, 512],
    [3, 512],
  ].entries()) {
    for (let i = 0; i < repeats!; i++) {
      const inputShape = block === 0 && i === 0 ? { inputShape: [224, 224, 3] } : {};
      model.add(
        layers.layers.conv2d({
          filters: filters!,
          kernelSize: 3,
          padding: "same",
          activation: "relu",
          ...weights(seed++),
          ...inputShape,
        }),
      );
    }
    model.add(layers.layers.maxPooling2d({ poolSize: 2, strides: 2 }));
  }
  model.add(layers.layers.flatten());
  for (const units of [4096, 4096]) model.add(layers.layers.dense({ units, activation: "relu", ...weights(seed++) }));
  model.add(layers.layers.dense({ units: 1000, ...weights(seed++) }));
  return model;
}

/** `npm run bench -- lrp [--cases …] [--batches 1,8] [--methods …] [--runs 5] [--python PATH]` */
export async function main(argv: string[]): Promise<number> {
  const options = new Command("lrp")
    .description("time LRP beside a plain forward pass and beside zennit")
    .option("--cases <names>", Object.keys(cases).join(","), list, Object.keys(cases))
    .option("--batches <sizes>", "batch sizes", (value: string) => list(value).map(Number), [1, 8])
    .option("--methods <names>", Object.keys(composites).join(","), list, Object.keys(composites))
    .option("--runs <count>", "timed runs of each", Number, 5)
    .option("--python <path>", "a Python with tools/bench/requirements.txt", defaultPython)
    .option("--no-peer", "our own times only")
    .parse(argv, { from: "user" })
    .opts<{ cases: string[]; batches: number[]; methods: string[]; runs: number; python: string; peer: boolean }>();
  for (const name of options.cases)
    if (!(name in cases)) throw new ParameterError("--cases", name, Object.keys(cases).join(" or "));
  for (const name of options.methods) {
    if (!(name in composites)) throw new ParameterError("--methods", name, Object.keys(composites).join(" or "));
  }
  for (const size of options.batches) {
    if (!Number.isInteger(size) || size < 1) throw new ParameterError("--batches", size, "a whole number above 0");
  }
  await startBackend();
  const threads = availableParallelism();
  const folder = await mkdtemp(join(tmpdir(), "limpid-bench-"));
  const peer =
    options.peer && existsSync(options.python) ? new Peer(options.python, "zennit_lrp.py", threads) : undefined;
  if (options.peer && peer === undefined) {
    console.error(`No Python at ${options.python} (see tools/bench/requirements.txt): our own times only.`);
  }
  try {
    for (const name of options.cases) {
      const { model, forward, dispose } = await cases[name]!();
      let loaded = false;
      for (const batch of options.batches) {
        const x = tf.randomUniform([batch, 224, 224, 3], -1, 1, "float32", batch);
        if (peer !== undefined) {
          if (!loaded) await peer.ask({ load: await writeGraph(model, x, join(folder, name)) });
          loaded = true;
          await writeSafetensors(join(folder, "input.safetensors"), new Map([["input", x]]));
        }
        for (const method of options.methods) {
          await compare({
            case: name,
            method,
            batch,
            threads,
            runs: options.runs,
            forward: () => tf.tidy(() => forward(x).dataSync()),
            ours: () => explainTop(model, method, x),
            peer: peer && {
              name: "zennit",
              ask: () => peer.ask({ method, batch, input: join(folder, "input.safetensors") }),
            },
          });
        }
        x.dispose();
      }
      release(model);
      dispose();
    }
    return 0;
  } finally {
    peer?.close();
    await rm(folder, { recursive: true, force: true });
  }
}
