import { type Command, InvalidArgumentError } from "commander";
import { AbortedError } from "../explainers/index.js";
import { defaultWorkers, specOf } from "../runs/explain-dataset.js";
import { livePage } from "../runs/live.js";
import { planRun } from "../runs/plan.js";
import { startPool } from "../runs/pool/pool.js";
import { type Computing, completeStore, type RunSummary } from "../runs/run.js";
import type { RunSpec } from "../runs/spec.js";
import { MANTISSA } from "../runs/store/rounding.js";
import { verifyRun } from "../runs/verify.js";
import type { Action } from "./action.js";
import { planInWords, rateInWords, summaryInWords, verificationInWords } from "./batch/in-words.js";
import { queueOf } from "./batch/queue.js";
import { collectParameter } from "./methods.js";
import { count, whole } from "./numbers.js";
import { followed } from "./progress.js";

interface Options {
  model: string;
  data?: string;
  method: string;
  param?: Record<string, string>;
  target: string;
  out?: string;
  shard: number;
  batch?: number;
  mantissa?: number;
  samples?: number;
  workers: number;
  queue?: string;
  live?: number;
  liveHost?: string;
  plan?: boolean;
  verify?: string;
  json?: boolean;
}

/** The store is complete, but some samples could not be explained. */
const SOME_FAILED = 3;

const HELP = `
--data is mnist (built in), a data set of pictures (limpid data list), a folder of pictures, or a file:
.npy, .zarr and .parquet are read part by part, .npz, .csv, .json and IDX (…-idx3-ubyte) as a whole.
--target label explains each sample's own class, where the data say it.

The store is a Zarr folder (version 3): relevance, output, total, outputs, target, label, layer_sum, id,
error, content, class and layer, with the run in its attributes. What is there is not computed again: after Ctrl-C, a
crash or a full disk the same command goes on. A sample that cannot be read or explained is NaN there,
with its error; it is told at the end, the exit code is then ${SOME_FAILED}, and the next run tries it again.

Examples:
  limpid batch --model efficientnet-lite0 --data photos/ --method lrp -o photos.zarr
  limpid batch --model mnist-cnn --data mnist --method integrated-gradients --param steps=32 -o digits.zarr
  limpid batch --data photos/ --method lrp -o photos.zarr --plan
  limpid batch --verify photos.zarr`;

/** `limpid batch`: explanations of a data set. */
export function registerBatch(program: Command, run: (action: Action) => void): void {
  program
    .command("batch")
    .description("explain a whole data set into a Zarr store, in parts that a stopped run goes on from")
    .option("--model <model>", "name, path or URL of a model", "efficientnet-lite0")
    .option("--data <data>", "what is explained")
    .option("--method <method>", "one that fits the data (limpid methods lists them)", "lrp")
    .option("--param <name=value>", "a parameter of the method; repeatable; a tensor by a file", collectParameter)
    .option("--target <class>", "what to explain: top1, label, an index or a class name", "top1")
    .option("-o, --out <store.zarr>", "the store's folder")
    .option("--shard <samples>", "samples that are computed and written at once", count, 64)
    .option("--batch <samples>", "samples that are explained together; as many as fit, unless told", count)
    .option("--mantissa <bits>", `round relevance to so many bits of ${MANTISSA}, which takes less room`, mantissa)
    .option("--samples <count>", "at most so many of the data", count)
    .option("--workers <count>", "processes with a model each", count, defaultWorkers())
    .option("--queue <redis://…>", "leave the computing to limpid worker, on any machines (see limpid worker --help)")
    .option("--live <port>", "show how far the run is: a page, /status.json and /metrics on this port", whole)
    .option("--live-host <address>", "where others may look, too; needs LIMPID_LIVE_TOKEN", "127.0.0.1")
    .option("--plan", "measure three shards a worker, and say what the run will take; writes no store")
    .option("--verify <store.zarr>", "explain a hundredth of a store again, and compare")
    .option("--json", "print one JSON object")
    .addHelpText("after", HELP)
    .action((options: Options, command: Command) => {
      const isGiven = (name: string) => command.getOptionValueSource(name) === "cli";
      run(() => (options.verify === undefined ? batch(options, command) : verify(options.verify, options, isGiven)));
    });
}

async function batch(options: Options, command: Command): Promise<number> {
  const { data, out, workers, json } = options;
  if (data === undefined) command.error("error: required option '--data <data>' not specified", { exitCode: 2 });
  if (out === undefined)
    command.error("error: required option '-o, --out <store.zarr>' not specified", { exitCode: 2 });
  const { method, param = {}, target, shard, batch: together, mantissa: bits, samples } = options;
  const settings = {
    method,
    parameters: param,
    target,
    shard,
    ...(together !== undefined && { batch: together }),
    ...(bits !== undefined && { mantissaBits: bits }),
    ...(samples !== undefined && { samples }),
  };
  // On any number of threads the last bits differ; processes fill the processors better, too.
  const spec = specOf(options.model, data!, { ...settings, threads: 1 });
  if (options.plan) {
    const plan = await followed("plan", (run) => planRun(spec, out!, workers, run));
    console.log(json ? JSON.stringify(plan) : planInWords(plan));
    return 0;
  }
  const summary = await completed(out!, () => begin(spec, workers, options.queue), options);
  if (summary === undefined) return 130;
  console.log(json ? JSON.stringify(summary) : summaryInWords(summary));
  return summary.failed.length + summary.aside.length > 0 ? SOME_FAILED : 0;
}

async function begin(spec: RunSpec, workers: number, queue: string | undefined): Promise<Computing> {
  if (queue === undefined) return startPool(spec, workers);
  // The queue's libraries are loaded only where there is one.
  const { startQueue } = await import("../runs/queue/schedule.js");
  return startQueue(spec, queueOf(queue), (text) => void process.stderr.write(`limpid: ${text}\n`));
}

async function completed(
  out: string,
  start: () => Promise<Computing>,
  { live: port, liveHost: host = "127.0.0.1" }: Options,
): Promise<RunSummary | undefined> {
  const token = process.env["LIMPID_LIVE_TOKEN"];
  delete process.env["LIMPID_LIVE_TOKEN"];
  const live = port === undefined ? undefined : await livePage(out, { port, host, ...(token && { token }) });
  if (live !== undefined) process.stderr.write(`limpid: how far it is: ${live.address}\n`);
  try {
    return await followed("batch", ({ onProgress, ...run }) =>
      completeStore(out, start, {
        ...run,
        onProgress: (progress) => {
          live?.tell(progress);
          onProgress({ ...progress, note: rateInWords(progress) });
        },
      }),
    );
  } catch (error) {
    if (!(error instanceof AbortedError)) throw error;
    const said = `stopped; ${error.done} of ${error.total} samples are in ${out}: the same command goes on from there`;
    process.stderr.write(`limpid: ${said}\n`);
    return undefined;
  } finally {
    await live?.close();
  }
}

async function verify(store: string, options: Options, isGiven: (name: string) => boolean): Promise<number> {
  const places = {
    ...(isGiven("model") && { model: options.model }),
    ...(options.data !== undefined && { data: options.data }),
  };
  const verification = await followed("verify", (run) => verifyRun(store, places, run));
  console.log(options.json ? JSON.stringify(verification) : verificationInWords(store, verification));
  return verification.differing.length > 0 ? 1 : 0;
}

function mantissa(text: string): number {
  const bits = count(text);
  if (bits > MANTISSA) throw new InvalidArgumentError(`A mantissa has ${MANTISSA} bits.`);
  return bits;
}
