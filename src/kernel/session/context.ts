import { AsyncLocalStorage } from "node:async_hooks";
import type { JsonObject } from "../../comms/message.js";

/**
 * The request that some code works for. It follows timers, promises and events, so that whatever a cell or a widget's
 * observer prints later still belongs to the message that started it.
 */
export interface RequestContext {
  /** Counts the requests in the order in which they were taken up. */
  number: number;
  header: JsonObject;
  /** The same header as it goes on the wire. */
  parentHeader: string;
  identities: Uint8Array[];
  allowStdin: boolean;
  /** True for silent requests: nothing is published for them. */
  silent: boolean;
  /** Set when the user interrupts: code that works for this request stops at its next loop turn or top-level await. */
  interrupted: boolean;
}

const storage = new AsyncLocalStorage<RequestContext>();
let latestCell: RequestContext | undefined;
let count = 0;

export function requestContext(header: JsonObject, identities: Uint8Array[] = []): RequestContext {
  count += 1;
  return {
    number: count,
    header,
    parentHeader: JSON.stringify(header),
    identities,
    allowStdin: false,
    silent: false,
    interrupted: false,
  };
}

/** The number of the request that was taken up last. */
export function latestRequest(): number {
  return count;
}

/** Runs `work`, and all that it starts, on behalf of `context`. */
export function runIn<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work);
}

/** The request this code works for; code that lost its context (a native callback) counts for the latest cell. */
export function currentContext(): RequestContext | undefined {
  return storage.getStore() ?? latestCell;
}

export function setLatestCell(context: RequestContext): void {
  latestCell = context;
}
