import { createHash } from "node:crypto";
import { Redis } from "ioredis";
import type { RunRecord } from "../../kernel-helpers/relevance/record.js";
import { QueueError } from "../errors.js";

/** An address of Redis as it may be said: without user and password. */
export function queueInWords(address: string): string {
  const url = new URL(address);
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/**
 * A connection that waits for a server that is away.
 *
 * @param say called once when it is lost, and once when it is there again
 * @throws QueueError where the address is none
 */
export function connection(address: string, say: (text: string) => void = () => undefined): Redis {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    // The text may hold a password.
    throw new QueueError("--queue is no address: it is of the form redis://:password@host:6379 (rediss: with TLS)");
  }
  if (url.protocol !== "redis:" && url.protocol !== "rediss:")
    throw new QueueError(`--queue begins with ${url.protocol}//, and redis:// or rediss:// is what is taken`);
  const redis = new Redis(address, {
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(100 * times, 2000),
  });
  let isLost = false;
  redis.on("error", ({ message }: Error) => {
    if (!isLost)
      say(`the queue at ${queueInWords(address)} does not answer (${message || "no connection"}); waiting for it`);
    isLost = true;
  });
  redis.on("ready", () => {
    if (isLost) say("the queue answers again");
    isLost = false;
  });
  return redis;
}

/** The queue of a store: another store, also of the same run, has another one. */
export const queueName = (record: RunRecord): string =>
  `limpid-${createHash("sha256").update(JSON.stringify(record)).digest("hex").slice(0, 16)}`;

/** What a job holds: where a shard is to be found is known by the store. */
export interface ShardJob {
  readonly shard: number;
}

export const jobId = (shard: number): string => `shard-${shard}`;
