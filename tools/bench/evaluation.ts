import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { Command } from "commander";
import { gradientTimesInput, ParameterError, release } from "../../src/explainers/index.js";
import { type LoadedModel, loadDigits, loadImage, loadModel, startBackend } from "../../src/kernel-helpers/index.js";
import type { MeasureCase } from "./evaluation/case.js";
import { flippingCases } from "./evaluation/flipping.js";
import { randomizationCases } from "./evaluation/randomization.js";
import { sensitivityCases } from "./evaluation/sensitivity.js";
import { compare } from "./peers/compare.js";
import { defaultPython, list, Peer, round, writeGraph, writeSafetensors } from "./peers/peer.js";

/*
 * `npm run bench -- evaluation`: Quantus' measures beside ours, the same weights, inputs, explanations, draws and threads. One JSON object a
 * line; times are medians over runs that alternate between us and the peer. A second line says by how much the two sides' numbers
 * differ, in shares of the largest.
 */

const cases: readonly MeasureCase[] = [...flippingCases, ...sensitivityCases, ...randomizationCases];
const names = [...new Set(cases.map(({ name }) => name))];

/** `npm run bench -- evaluation [--measures …] [--models …] [--runs 3] [--python PATH]` */
export async function main(argv: string[]): Promise<number> {
  const models = [...new Set(cases.map(({ on }) => on))];
  const options = new Command("evaluation")
    .description("time the measures of explanations beside Quantus")
    .option("--measures <names>", names.join(","), list, names)
    .option("--models <names>", models.join(","), list, models)
    .option("--runs <count>", "timed runs of each", Number, 3)
    .option("--python <path>", "a Python with tools/bench/requirements.txt", defaultPython)
    .option("--no-peer", "our own times only")
    .parse(argv, { from: "user" })
    .opts<{ measures: string[]; models: string[]; runs: number; python: string; peer: boolean }>();
  for (const name of options.measures) {
    if (!names.includes(name)) throw new ParameterError("--measures", name, names.join(" or "));
  }
  await startBackend();
  // On a busy machine a peer whose threads spin while they wait would seem slower by orders.
  process.env["OMP_WAIT_POLICY"] ??= "PASSIVE";
  const installed = options.peer && existsSync(options.python);
  if (options.peer && !installed) {
    console.error(`No Python at ${options.python} (see tools/bench/requirements.txt): our own times only.`);
  }
  for (const on of models.filter((name) => options.models.includes(name))) {
    const asked = cases.filter((measured) => measured.on === on && options.measures.includes(measured.name));
    await compareAll(on, asked, options.runs, installed ? options.python : undefined);
  }
  return 0;
}

/** All cases of one model beside a peer of their own, which is told of the model and its input once. */
async function compareAll(
  on: MeasureCase["on"],
  asked: readonly MeasureCase[],
  runs: number,
  python: string | undefined,
) {
  const threads = availableParallelism();
  const folder = await mkdtemp(join(tmpdir(), "limpid-bench-"));
  const model = await loadModel(on);
  const x = await inputOf(on, model);
  const peer = python === undefined ? undefined : new Peer(python, "evaluation.py", threads);
  try {
    const attribution = await gradientTimesInput(model)(x);
    if (peer !== undefined) {
      const said = tf.tensor(attribution.relevance, [...attribution.shape]);
      const input = join(folder, "input.safetensors");
      await writeSafetensors(
        input,
        new Map<string, tf.Tensor>([
          ["input", x],
          ["attribution", said],
        ]),
      );
      said.dispose();
      await peer.ask({ load: await writeGraph(model, x, join(folder, "model")), input, target: attribution.target });
    }
    for (const { name, request, run } of asked) {
      let [ours, theirs]: (readonly number[])[] = [[], []];
      const told = peer && { ...(await request({ model, x, attribution }, folder)), measure: name };
      await compare({
        case: on,
        method: name,
        batch: x.shape[0]!,
        threads,
        runs,
        forward: () => tf.tidy(() => (model.predict(x) as tf.Tensor).dataSync()),
        ours: async () => {
          ours = await run({ model, x, attribution });
        },
        peer: peer && {
          name: "quantus",
          async ask() {
            const answer = await peer.ask(told!);
            theirs = answer["scores"] as number[];
            return answer;
          },
        },
      });
      if (peer !== undefined)
        console.log(JSON.stringify({ case: on, method: name, difference: difference(ours!, theirs!) }));
    }
  } finally {
    peer?.close();
    x.dispose();
    release(model);
    model.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

/** 32 digits, or a photograph. */
async function inputOf(on: MeasureCase["on"], model: LoadedModel): Promise<tf.Tensor> {
  if (on === "efficientnet-lite0") return (await loadImage("chelsea.png", model.input)).tensor;
  const { pixels } = await loadDigits({ count: 32 });
  return tf.tensor4d(
    Float32Array.from(pixels, (ink) => ink / 255),
    [32, 28, 28, 1],
  );
}

/** The largest difference, as a share of the peer's largest number. */
function difference(ours: readonly number[], theirs: readonly number[]): number {
  if (ours.length !== theirs.length) throw new Error(`${ours.length} numbers beside the peer's ${theirs.length}`);
  const gaps = ours.map((value, i) => Math.abs(value - theirs[i]!));
  return round(1e6 * (Math.max(...gaps) / Math.max(...theirs.map(Math.abs)))) / 1e6;
}
