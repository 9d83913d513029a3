import { AsyncLocalStorage } from "node:async_hooks";
import type { ConsoleWrite } from "../../comms/host.js";
import type { StreamName } from "../server/link.js";
import type { Outbox } from "./outbox.js";

const elsewhere = new AsyncLocalStorage<ConsoleWrite>();

/** Lets what `body`, and what it starts, writes go to `write` and not to the front end. */
export function captureConsole<T>(write: ConsoleWrite, body: () => T): T {
  return elsewhere.run(write, body);
}

/**
 * Sends what cells write to `process.stdout` and `process.stderr` (and so what `console` prints) to the front end,
 * each write at once: the other thread delivers it even while this one computes.
 */
export function captureStreams(outbox: Outbox): void {
  for (const name of ["stdout", "stderr"] as const) capture(name, outbox);
}

function capture(name: StreamName, outbox: Outbox): void {
  const decoder = new TextDecoder();
  process[name].write = (
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | ((error?: Error | null) => void),
    callback?: (error?: Error | null) => void,
  ): boolean => {
    const text =
      typeof chunk !== "string"
        ? decoder.decode(chunk, { stream: true })
        : typeof encoding === "string" && !/^utf-?8$/i.test(encoding)
          ? Buffer.from(chunk, encoding).toString("utf8")
          : chunk;
    (elsewhere.getStore() ?? outbox.stream)(name, text);
    const done = typeof encoding === "function" ? encoding : callback;
    if (done) process.nextTick(done);
    return true;
  };
}
