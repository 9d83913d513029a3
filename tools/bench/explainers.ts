import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { Command } from "commander";
import { type Model, ParameterError, record, release } from "../../src/explainers/index.js";
import { loadImage, loadModel, startBackend } from "../../src/kernel-helpers/index.js";
import type { ExplainerCase } from "./explainers/case.js";
import { gradientCases } from "./explainers/gradient.js";
import { lrpCases } from "./explainers/lrp.js";
import { perturbationCases } from "./explainers/perturbation.js";
import { compare } from "./peers/compare.js";
import { defaultPython, list, Peer, writeGraph, writeSafetensors } from "./peers/peer.js";

/*
 * `npm run bench -- explainers`: captum's, zennit's and lime's methods beside ours on EfficientNet-lite0 and one photograph, the
 * same weights, pixels and threads. One JSON object a line; times are medians over runs that alternate between us and the peer.
 */

/** Which Python program has a peer's methods. */
const scripts = { captum: "explainers.py", lime: "explainers.py", zennit: "zennit_lrp.py" } as const;

const casesOf = (lastMap: number): ExplainerCase[] => [...gradientCases(lastMap), ...lrpCases, ...perturbationCases];

const names = casesOf(0).map(({ name }) => name);

/** `npm run bench -- explainers [--methods …] [--runs 3] [--python PATH]` */
export async function main(argv: string[]): Promise<number> {
  const options = new Command("explainers")
    .description("time the explainers beside captum, zennit and lime")
    .option("--methods <names>", names.join(","), list, names)
    .option("--runs <count>", "timed runs of each", Number, 3)
    .option("--python <path>", "a Python with tools/bench/requirements.txt", defaultPython)
    .option("--no-peer", "our own times only")
    .parse(argv, { from: "user" })
    .opts<{ methods: string[]; runs: number; python: string; peer: boolean }>();
  for (const name of options.methods) {
    if (!names.includes(name)) throw new ParameterError("--methods", name, names.join(" or "));
  }
  await startBackend();
  const threads = availableParallelism();
  const folder = await mkdtemp(join(tmpdir(), "limpid-bench-"));
  const installed = options.peer && existsSync(options.python);
  if (options.peer && !installed) {
    console.error(`No Python at ${options.python} (see tools/bench/requirements.txt): our own times only.`);
  }
  const peers = new Map<string, Peer>();
  const model = await loadModel("efficientnet-lite0");
  try {
    const { tensor: x } = await loadImage("chelsea.png", model.input);
    const target = tf.tidy(() => (tf.argMax(model.predict(x) as tf.Tensor, 1).dataSync() as Int32Array)[0]!);
    const input = join(folder, "input.safetensors");
    const graph = await writeGraph(model, x, join(folder, "model"));
    await writeSafetensors(input, new Map([["input", x]]));
    const peerOf = async (script: string) => {
      let peer = peers.get(script);
      if (peer === undefined) {
        peer = new Peer(options.python, script, threads);
        peers.set(script, peer);
        await peer.ask({ load: graph });
      }
      return peer;
    };
    const cases = casesOf(lastMapOf(model, x)).filter(({ name }) => options.methods.includes(name));
    for (const { name: method, peer: name, request, run } of cases) {
      const peer = installed ? await peerOf(scripts[name]) : undefined;
      await compare({
        case: "efficientnet-lite0",
        method,
        batch: 1,
        threads,
        runs: options.runs,
        forward: () => tf.tidy(() => (model.predict(x) as tf.Tensor).dataSync()),
        ours: () => run(model, x, target),
        peer: peer && { name, ask: () => peer.ask({ ...request, method, target, input }) },
      });
    }
    x.dispose();
    return 0;
  } finally {
    for (const peer of peers.values()) peer.close();
    release(model);
    model.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The node that Grad-CAM reads: the last one with a map of positions. */
function lastMapOf(model: Model, x: tf.Tensor): number {
  const recording = record(model, x);
  const maps = recording.graph.nodes.filter(({ shape, operation }) => shape.length === 4 && operation.kind !== "input");
  recording.dispose();
  return maps.at(-1)!.id;
}
