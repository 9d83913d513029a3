import { spawn } from "node:child_process";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ParameterError } from "../../../src/explainers/errors.js";
import { type RunSettings, specOf } from "../../../src/runs/explain-dataset.js";
import { Child } from "../../../src/runs/pool/child.js";
import type { ShardDone } from "../../../src/runs/pool/messages.js";
import { startPool } from "../../../src/runs/pool/pool.js";
import { startQueue } from "../../../src/runs/queue/schedule.js";
import { completeStore } from "../../../src/runs/run.js";
import type { RunSpec } from "../../../src/runs/spec.js";
import { RunStore } from "../../../src/runs/store/store.js";

const launcher = fileURLToPath(new URL("../../../../scripts/limpid.mjs", import.meta.url));

interface AskedRun extends RunSettings {
  readonly model: string;
  readonly data: string;
  readonly workers: number;
  readonly store: string;
}

/** What a run came to. */
export interface RunRates {
  readonly images: number;
  /** Images a second, from each worker's first shard on: models are loaded and programs made by then. */
  readonly rate: number;
  readonly bytesPerImage: number;
  /** Share of its time that a worker would save if it wrote nothing; 0 where that was not measured. */
  readonly writing: number;
  /** Largest resident memory of a worker, and of this process. */
  readonly workerMegabytes: number;
  readonly megabytes: number;
}

/** Images a second of one process that explains the same shards and writes nothing, from its first shard on. */
async function rateUnwritten(spec: RunSpec): Promise<number> {
  const child = new Child(spec);
  try {
    const { record, shapes } = await child.start();
    await child.explain(0);
    const begin = performance.now();
    let images = 0;
    const open = Array.from({ length: Math.ceil(shapes.count / record.shard) - 1 }, (_, at) => at + 1);
    const lane = async () => {
      for (let shard = open.shift(); shard !== undefined; shard = open.shift()) {
        const { samples } = await child.explain(shard);
        images += samples;
      }
    };
    await Promise.all([lane(), lane()]);
    return (1000 * images) / (performance.now() - begin);
  } finally {
    await child.end();
  }
}

/** Explains by worker processes of this machine; with one of them, also without writing. */
export async function ratesHere({ workers, store: path, model, data, ...settings }: AskedRun): Promise<RunRates> {
  const spec = specOf(model, data, { ...settings, threads: 1 });
  const unwritten = workers === 1 ? await rateUnwritten(spec) : undefined;
  const computing = await startPool(spec, workers);
  try {
    const store = await RunStore.open(path, computing.prepared);
    const shards = Array.from({ length: store.shards }, (_, at) => at);
    const done: ShardDone[] = [];
    let workerMegabytes = 0;
    const looking = setInterval(async () => {
      workerMegabytes = Math.max(workerMegabytes, ...(await peaksOfChildren()));
    }, 250);
    try {
      await computing.compute(
        store,
        shards,
        {
          done: (one) => done.push(one),
          aside: ({ message }) => {
            throw new Error(message);
          },
        },
        {},
      );
    } finally {
      clearInterval(looking);
    }
    const sum = (of: (one: ShardDone) => number) => done.reduce((total, one) => total + of(one), 0);
    const rates = await rateIn(store, workers);
    return {
      ...rates,
      bytesPerImage: sum(({ bytes }) => bytes) / sum(({ samples }) => samples),
      writing: unwritten === undefined ? 0 : 1 - rates.rate / unwritten,
      workerMegabytes: Math.round(workerMegabytes),
      megabytes: Math.round(await peakOf("self")),
    };
  } finally {
    await computing.end();
  }
}

/** Explains by `limpid worker` processes that take shards from a queue. */
export async function ratesByQueue(
  { workers, store: path, model, data, ...settings }: AskedRun,
  address: string,
): Promise<RunRates> {
  const spec = specOf(model, data, { ...settings, threads: 1 });
  const env = { ...process.env, LIMPID_QUEUE: address };
  const running = completeStore(path, () => startQueue(spec, address, () => undefined));
  // The store is there when its root is.
  while (!(await stat(join(path, "zarr.json")).catch(() => undefined))) await new Promise((go) => setTimeout(go, 50));
  const children = Array.from({ length: workers }, () =>
    spawn(process.execPath, [launcher, "worker", "--store", path], { env, stdio: ["ignore", "ignore", "pipe"] }),
  );
  // They come one after the other: what is written before each has done a shard is not counted.
  const firsts = children.map(
    (child) =>
      new Promise<number>((resolve) => {
        child.once("exit", () => resolve(Date.now()));
        child.stderr.setEncoding("utf8").on("data", (text: string) => /shard \d/.test(text) && resolve(Date.now()));
      }),
  );
  try {
    const { record } = await running;
    const store = await RunStore.open(path, { record, shapes: (await shapesOf(path)) as never });
    const sizes = await Promise.all((await filesIn(path)).map(async (file) => (await stat(file)).size));
    const { images, rate } = await rateIn(store, workers, await Promise.all(firsts));
    return {
      ...{ images, rate, writing: 0, workerMegabytes: 0 },
      bytesPerImage: sizes.reduce((a, b) => a + b, 0) / images,
      megabytes: Math.round(await peakOf("self")),
    };
  } finally {
    await Promise.all(
      children.map((child) => {
        if (child.exitCode !== null) return undefined;
        const gone = new Promise((resolve) => child.once("exit", resolve));
        child.kill("SIGTERM");
        return gone;
      }),
    );
  }
}

/** Counts of a store, by what its arrays say. */
async function shapesOf(path: string) {
  const { shape } = JSON.parse(await readFile(join(path, "relevance", "zarr.json"), "utf8")) as { shape: number[] };
  return {
    ...{ count: shape[0], relevance: shape.slice(1), outputs: 0, classNames: [], layers: [], hasLabels: false },
  };
}

const filesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** By when shards were written: from the time on when every worker had written one, which `firsts` may say. */
async function rateIn(
  store: RunStore,
  workers: number,
  firsts: readonly number[] = [],
): Promise<Pick<RunRates, "images" | "rate">> {
  const folder = join(store.path, "relevance");
  const written = await Promise.all(
    [...(await store.present())].map(async (shard) => {
      const name = (await readdir(folder)).find((one) => one.startsWith(`c.${shard}.`))!;
      return { images: store.samplesIn([shard]), at: (await stat(join(folder, name))).mtimeMs };
    }),
  );
  const inTurn = written.sort((a, b) => a.at - b.at);
  const begin = Math.max(
    workers - 1,
    inTurn.findLastIndex(({ at }) => at <= Math.max(...firsts)),
  );
  if (begin >= inTurn.length - 1)
    throw new ParameterError(
      "--scale",
      `${written.length} shards for ${workers} workers`,
      "larger: each has one that is not counted",
    );
  const images = inTurn.reduce((sum, one) => sum + one.images, 0);
  const later = inTurn.slice(begin + 1).reduce((sum, one) => sum + one.images, 0);
  return { images, rate: (1000 * later) / (inTurn.at(-1)!.at - inTurn[begin]!.at) };
}

/** Linux keeps the largest resident size of a process. */
async function peakOf(pid: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

async function peaksOfChildren(): Promise<number[]> {
  const text = await readFile(`/proc/self/task/${process.pid}/children`, "utf8").catch(() => "");
  return Promise.all(
    text
      .split(" ")
      .filter((pid) => pid.trim() !== "")
      .map(peakOf),
  );
}
