import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { formatShort } from "../../src/comms/format.js";
import { ParameterError } from "../../src/explainers/errors.js";
import { type Case, cases } from "./batch/cases.js";
import { type RunRates, ratesByQueue, ratesHere } from "./batch/runs.js";
import { ratesOfZennit } from "./batch/zennit.js";
import { defaultPython, list, round } from "./peers/peer.js";
import { RedisServer } from "./redis.js";

/*
 * `npm run bench -- batch`: images a second of runs over data sets, by one and two worker processes here and on a queue (a Redis of its own on
 * loopback), what the queue and writing take of it, the memory of 1,000 and of 10,000 digits, and a loop of zennit that writes HDF5. One JSON
 * object a line; at the end the rows of docs/batch.md. Exit code 1 where memory grows by more than a tenth.
 */

/** A kind of row: what is measured of every case. */
const KINDS = ["local-1", "local-2", "queue-1", "queue-2", "zennit", "memory"] as const;
type Kind = (typeof KINDS)[number];

/** Memory may differ by so much of the smaller run's. */
const FLAT = 1.1;

interface Options {
  cases: string[];
  only: string[];
  scale: number;
  python: string;
}

/** `npm run bench -- batch [--cases mnist,efficientnet-lite0] [--only local-1,queue-1,…] [--scale 1] [--python PATH]` */
export async function main(argv: string[]): Promise<number> {
  const options = new Command("bench batch")
    .option("--cases <names>", Object.keys(cases).join(","), list, Object.keys(cases))
    .option("--only <rows>", KINDS.join(","), list, [...KINDS])
    .option("--scale <factor>", "so many times the samples", Number, 1)
    .option("--python <path>", "a Python with tools/bench/requirements.txt", defaultPython)
    .parse(argv, { from: "user" })
    .opts<Options>();
  for (const name of options.cases)
    if (!Object.hasOwn(cases, name)) throw ParameterError.notOneOf("--cases", name, Object.keys(cases));
  for (const name of options.only)
    if (!(KINDS as readonly string[]).includes(name)) throw ParameterError.notOneOf("--only", name, KINDS);
  if (!(options.scale > 0)) throw new ParameterError("--scale", options.scale, "a number above 0");
  const asked = new Set(options.only as Kind[]);
  const folder = await mkdtemp(join(tmpdir(), "limpid-bench-"));
  try {
    const rows: string[] = [];
    for (const name of options.cases) rows.push(...(await measured(name, cases[name]!, asked, options, folder)));
    const isFlat = !asked.has("memory") || !options.cases.includes("mnist") || (await memory(options.scale, folder));
    if (rows.length > 0) console.log(["", HEAD, ...rows].join("\n"));
    return isFlat ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const HEAD = `| | images a second and core | two workers | bytes an image | a million images on one core | writing | queue |
|---|---|---|---|---|---|---|`;

/** The rows of one case; returns its row of the page, where there is enough for one. */
async function measured(name: string, one: Case, asked: Set<Kind>, { scale, python }: Options, folder: string) {
  const data = await one.data(folder, scale);
  const say = (row: Kind, rates: object) => console.log(JSON.stringify({ case: name, row, ...rates }));
  const found: Partial<Record<Kind, RunRates>> = {};
  const place = (row: Kind) => join(folder, `${name}-${row}.zarr`);
  for (const workers of [1, 2] as const) {
    if (asked.has(`local-${workers}`)) {
      const rates = await ratesHere({ ...one.run, data, workers, store: place(`local-${workers}`) });
      found[`local-${workers}`] = rates;
      say(`local-${workers}`, rates);
    }
    if (asked.has(`queue-${workers}`)) {
      const redis = await RedisServer.start(await mkdtemp(join(folder, "redis-")));
      try {
        const rates = await ratesByQueue(
          { ...one.run, data, workers, store: place(`queue-${workers}`) },
          redis.address,
        );
        const local = found[`local-${workers}`];
        found[`queue-${workers}`] = rates;
        // Below 0 where the queue's run happened to be the faster one.
        say(`queue-${workers}`, { ...rates, overhead: local && share(1 - rates.rate / local.rate) });
      } finally {
        await redis.kill();
      }
    }
  }
  if (asked.has("zennit")) {
    if (existsSync(python)) {
      const threads = availableParallelism();
      const peer = await ratesOfZennit({ ...one, data, python, threads, folder });
      const best = found["local-2"] ?? found["local-1"];
      say("zennit", { ...peer, threads, limpidTimesFaster: best && round(best.rate / peer.rate) });
    } else console.error(`No Python at ${python} (see tools/bench/requirements.txt): our own figures only.`);
  }
  const [one1, two] = [found["local-1"], found["local-2"]];
  if (one1 === undefined) return [];
  const queue = found["queue-1"] === undefined ? "" : percent(1 - found["queue-1"].rate / one1.rate);
  const hours = 1e6 / one1.rate / 3600;
  const cells = [
    one.about,
    formatShort(one1.rate, 2),
    two === undefined ? "" : formatShort(two.rate, 2),
    Math.round(one1.bytesPerImage).toLocaleString("en"),
    `${formatShort(hours, 2)} hours, ${formatShort((one1.bytesPerImage * 1e6) / 1e9, 2)} GB`,
    percent(one1.writing),
    queue,
  ];
  return [`| ${cells.join(" | ")} |`];
}

const share = (value: number): number => Math.round(1000 * value) / 1000;
const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

/** The largest resident memory of a worker and of the process that started it, of a thousand digits and of ten times as many. */
async function memory(scale: number, folder: string): Promise<boolean> {
  const { run, data } = cases["mnist"]!;
  const file = await data(folder, 1e9);
  const peaks = [];
  for (const samples of [1000, 10_000].map((count) => Math.round(scale * count))) {
    const store = join(folder, `memory-${samples}.zarr`);
    const { workerMegabytes, megabytes, images } = await ratesHere({ ...run, data: file, samples, workers: 1, store });
    peaks.push(workerMegabytes);
    console.log(JSON.stringify({ case: "mnist", row: "memory", images, workerMegabytes, megabytes }));
  }
  return peaks[1]! <= FLAT * peaks[0]!;
}
