import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { Command } from "commander";
import {
  type Attribution,
  deepLift,
  gradCam,
  integratedGradients,
  type Model,
  ParameterError,
  record,
  release,
  smoothGrad,
} from "../src/explainers/index.js";
import { loadImage, loadModel, startBackend } from "../src/kernel-helpers/index.js";
import { perturbationCases } from "./explainers/perturbation.js";
import { defaultPython, list, median, Peer, pause, round, writeGraph, writeSafetensors } from "./peers/peer.js";

/*
 * `limpid bench explainers`: captum's and lime's methods beside ours on EfficientNet-lite0 and one photograph, the same
 * weights, pixels and threads. One JSON object a line; times are medians over runs that alternate between us and the peer.
 */

interface Case {
  readonly name: string;
  readonly peer: "captum" | "lime";
  /** What the peer is told, so that both do the same work. */
  readonly request: Readonly<Record<string, unknown>>;
  readonly run: (model: Model, x: tf.Tensor, target: number) => Promise<Attribution>;
}

const gradientCases = (lastMap: number): Case[] => [
  {
    name: "integrated-gradients",
    peer: "captum",
    request: { steps: 50 },
    run: (model, x, target) => integratedGradients(model, { steps: 50 })(x, { target }),
  },
  {
    name: "smoothgrad",
    peer: "captum",
    request: { samples: 50, noise: 0.15 },
    run: (model, x, target) => smoothGrad(model, { samples: 50, noise: 0.15 })(x, { target }),
  },
  {
    name: "grad-cam",
    peer: "captum",
    request: { node: lastMap },
    run: (model, x, target) => gradCam(model)(x, { target }),
  },
  {
    name: "deeplift",
    peer: "captum",
    request: {},
    run: (model, x, target) => deepLift(model)(x, { target }),
  },
];

const names = [...gradientCases(0), ...perturbationCases].map(({ name }) => name);

/** `limpid bench explainers [--methods …] [--runs 3] [--python PATH]` */
export async function main(argv: string[]): Promise<number> {
  const options = new Command("explainers")
    .description("time the gradient and perturbation methods beside captum and lime")
    .option("--methods <names>", names.join(","), list, names)
    .option("--runs <count>", "timed runs of each", Number, 3)
    .option("--python <path>", "a Python with bench/requirements.txt", defaultPython)
    .option("--no-peer", "our own times only")
    .parse(argv, { from: "user" })
    .opts<{ methods: string[]; runs: number; python: string; peer: boolean }>();
  for (const name of options.methods) {
    if (!names.includes(name)) throw new ParameterError("--methods", name, names.join(" or "));
  }
  await startBackend();
  const threads = availableParallelism();
  const folder = await mkdtemp(join(tmpdir(), "limpid-bench-"));
  const peer =
    options.peer && existsSync(options.python) ? new Peer(options.python, "explainers.py", threads) : undefined;
  if (options.peer && peer === undefined) {
    console.error(`No Python at ${options.python} (see bench/requirements.txt): our own times only.`);
  }
  const model = await loadModel("efficientnet-lite0");
  try {
    const { tensor: x } = await loadImage("chelsea.png", model.input);
    const target = tf.tidy(() => (tf.argMax(model.predict(x) as tf.Tensor, 1).dataSync() as Int32Array)[0]!);
    const input = join(folder, "input.safetensors");
    await peer?.ask({ load: await writeGraph(model, x, join(folder, "model")) });
    await writeSafetensors(input, new Map([["input", x]]));
    const cases = [...gradientCases(lastMapOf(model, x)), ...perturbationCases];
    for (const { name, peer: peerName, request, run } of cases.filter((one) => options.methods.includes(one.name))) {
      const times = { forward: [] as number[], limpid: [] as number[], peer: [] as number[] };
      const peaks = { limpid: 0, peer: 0 };
      for (let turn = -1; turn < options.runs; turn++) {
        const forwardMs = await time(async () => tf.tidy(() => (model.predict(x) as tf.Tensor).dataSync()));
        await resetPeak();
        const limpidMs = await time(() => run(model, x, target));
        peaks.limpid = Math.max(peaks.limpid, await peakMegabytes());
        const answer = await peer?.ask({ ...request, method: name, target, input });
        if (peer !== undefined) await pause(300);
        // The first run warms up caches on both sides.
        if (turn < 0 && options.runs > 0) continue;
        times.forward.push(forwardMs);
        times.limpid.push(limpidMs);
        if (answer === undefined) continue;
        times.peer.push(answer["ms"] as number);
        peaks.peer = Math.max(peaks.peer, answer["peakMegabytes"] as number);
      }
      const limpidMs = median(times.limpid);
      const peerMs = times.peer.length > 0 ? median(times.peer) : null;
      console.log(
        JSON.stringify({
          case: "efficientnet-lite0",
          method: name,
          batch: 1,
          threads,
          forwardMs: round(median(times.forward)),
          limpidMs: round(limpidMs),
          limpidPeakMegabytes: peaks.limpid,
          peer: peerMs === null ? null : peerName,
          peerMs: peerMs === null ? null : round(peerMs),
          peerPeakMegabytes: peerMs === null ? null : peaks.peer,
          ratio: peerMs === null ? null : Number((limpidMs / peerMs).toFixed(3)),
        }),
      );
    }
    x.dispose();
    return 0;
  } finally {
    peer?.close();
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

async function time(compute: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await compute();
  return performance.now() - start;
}

/** Linux keeps the largest resident size of a process; writing 5 here begins it anew. */
async function resetPeak(): Promise<void> {
  await writeFile("/proc/self/clear_refs", "5").catch(() => {});
}

/** The largest resident size since the last reset (since the start of the process where there is no reset). */
async function peakMegabytes(): Promise<number> {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  const kilobytes = /VmHWM:\s+(\d+)/.exec(status)?.[1] ?? process.resourceUsage().maxRSS;
  return Math.round(Number(kilobytes) / 1024);
}
