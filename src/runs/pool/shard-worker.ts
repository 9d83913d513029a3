import { LimpidError } from "../../explainers/index.js";
import { ShardExplainer } from "../explain/shards.js";
import { ShardWriter } from "../explain/writing.js";
import { RunStore } from "../store/store.js";
import type { FromWorker, SentError, ToWorker } from "./messages.js";

/*
 * The process that explains: one model, one shard at a time, and the one before on its way to the disk. It is told what to do by the one that started it, and ends with it.
 */

// Ctrl-C goes to all processes of a terminal: who started this one decides.
process.on("SIGINT", () => undefined);
process.on("disconnect", () => process.exit(0));

const say = (message: FromWorker): void => {
  process.send?.(message);
};

let explainer: ShardExplainer | undefined;
let writer: ShardWriter | undefined;

async function hear(message: ToWorker): Promise<void> {
  switch (message.kind) {
    case "start": {
      explainer = await ShardExplainer.make(message.spec);
      return say({ kind: "ready", prepared: explainer.prepared });
    }
    case "check": {
      const changed = await explainer!.changed(await RunStore.open(message.path, message.prepared));
      return say({ kind: "checked", ...(changed && { changed }) });
    }
    case "store": {
      writer = new ShardWriter(explainer!, await RunStore.open(message.path, message.prepared));
      return;
    }
    case "shard":
      return explained(message.shard);
  }
}

async function explained(shard: number): Promise<void> {
  writer ??= new ShardWriter(explainer!, undefined);
  const { written } = await writer.explain(shard);
  written.then(
    (done) => say({ kind: "done", ...done }),
    (error: unknown) => say({ kind: "failed", shard, error: sent(error) }),
  );
}

const sent = (error: unknown): SentError =>
  error instanceof Error
    ? {
        name: error.name,
        message: error.message,
        isLimpid: error instanceof LimpidError,
        ...(error.stack && { stack: error.stack }),
      }
    : { name: "Error", message: String(error), isLimpid: false };

let last: Promise<void> = Promise.resolve();
process.on("message", (message: ToWorker) => {
  // While the model computes, the threads of the decoder read what comes after.
  if (message.kind === "shard") explainer?.expect(message.shard);
  last = last
    .then(() => hear(message))
    .catch((error: unknown) =>
      say({ kind: "failed", ...(message.kind === "shard" && { shard: message.shard }), error: sent(error) }),
    );
});
