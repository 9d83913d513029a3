import type { Command } from "commander";
import type { Action } from "./action.js";
import { queueOf } from "./batch/queue.js";
import { positive } from "./numbers.js";

interface Options {
  queue?: string;
  store: string;
  model?: string;
  data?: string;
  lock: number;
}

const HELP = `
Any number of workers, on any machines that see the store's folder, share a run that
limpid batch --queue … -o STORE began. They may come and go: what one leaves, another takes up.
A worker ends when the store is complete, or after the shards at hand (two) with Ctrl-C or SIGTERM.

The address may hold a password, which other users of a machine can read off a command line: give
it by the variable LIMPID_QUEUE instead. It is written nowhere.`;

/** `limpid worker`: computes shards that a queue gives out. */
export function registerWorker(program: Command, run: (action: Action) => void): void {
  program
    .command("worker")
    .description("compute parts of a run that limpid batch --queue began, here or on another machine")
    .option("--queue <redis://…>", "the queue; by default LIMPID_QUEUE")
    .requiredOption("--store <store.zarr>", "the run's store, as this machine sees it")
    .option("--model <model>", "where the model lies on this machine, if elsewhere")
    .option("--data <data>", "where the data lie on this machine, if elsewhere")
    .option("--lock <seconds>", "after so long of silence another worker may take its shard", positive, 60)
    .addHelpText("after", HELP)
    .action(({ queue, ...options }: Options) => {
      run(async () => {
        const { work } = await import("../runs/queue/worker.js");
        const controller = new AbortController();
        const stop = () => controller.abort(new Error("stopped"));
        process.once("SIGINT", stop).once("SIGTERM", stop);
        const say = (text: string) => void process.stderr.write(`limpid worker: ${text}\n`);
        try {
          const shards = await work({ ...options, queue: queueOf(queue) }, { signal: controller.signal, say });
          console.log(`${shards} shards were computed here`);
          return 0;
        } finally {
          process.off("SIGINT", stop).off("SIGTERM", stop);
        }
      });
    });
}
