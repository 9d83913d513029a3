import type { CommMessage, CommTransport, JsonObject } from "./message.js";
import { randomId } from "./random-id.js";

/** What a comm hands to its listeners: the data, and the binary frames that came along. */
export interface CommEvent {
  data: JsonObject;
  metadata: JsonObject;
  buffers: ArrayBufferView[];
}

/**
 * Called for each message of a comm. A handler that returns a promise keeps the message "busy" until the promise settles:
 * front ends send the next update of a widget only after the `idle` of the last one.
 */
export type CommHandler = (event: CommEvent) => unknown;

/** Called when the front end opens a comm; a throw closes it again. */
export type TargetHandler = (comm: Comm, event: CommEvent) => unknown;

/** What went wrong in a comm, told to the host and never thrown at it. */
export class CommError extends Error {
  override name = "CommError";
}

/** A channel to one object in the front end. */
export class Comm {
  readonly id: string;
  readonly target: string;
  closed = false;
  /** Receives the front end's messages. */
  onMessage: CommHandler | undefined;
  /** Called once when the front end closes the comm. */
  onClose: CommHandler | undefined;
  readonly #manager: CommManager;
  readonly #transport: CommTransport;

  /** Use `CommManager.open`. */
  constructor(manager: CommManager, transport: CommTransport, id: string, target: string) {
    this.#manager = manager;
    this.#transport = transport;
    this.id = id;
    this.target = target;
  }

  /** Sends a message; the buffers are copied, so the caller may go on writing to its arrays. */
  send(data: JsonObject, buffers: readonly ArrayBufferView[] = [], metadata: JsonObject = {}): void {
    if (this.closed) throw new CommError(`comm ${this.id} (${this.target}) is closed`);
    this.#transport.send("comm_msg", { comm_id: this.id, data }, metadata, buffers.map(tightCopy));
  }

  /** Closes both ends. Closing twice does nothing. */
  close(data: JsonObject = {}): void {
    if (this.closed) return;
    this.#manager.forget(this);
    this.#transport.send("comm_close", { comm_id: this.id, data }, {}, []);
  }
}

/**
 * The comms of one kernel: routes messages between front end and objects here, and knows no transport.
 *
 * @example
 * const comms = new CommManager(transport, (error) => console.error(error));
 * comms.registerTarget("echo", (comm) => { comm.onMessage = ({ data, buffers }) => comm.send(data, buffers); });
 */
export class CommManager {
  readonly #transport: CommTransport;
  readonly #report: (error: unknown) => void;
  readonly #comms = new Map<string, Comm>();
  readonly #targets = new Map<string, TargetHandler>();
  readonly #senders = new Set<() => void>();

  /** `report` hears of every failing handler and stray message; by default they go to the console's error stream. */
  constructor(transport: CommTransport, report: (error: unknown) => void = (error) => console.error(error)) {
    this.#transport = transport;
    this.#report = report;
  }

  /** Lets the front end open comms to `name`; a later handler of the same name replaces the earlier. */
  registerTarget(name: string, handler: TargetHandler): void {
    this.#targets.set(name, handler);
  }

  /** Opens a comm from this side; `id` defaults to a new one. */
  open(
    target: string,
    data: JsonObject = {},
    metadata: JsonObject = {},
    buffers: readonly ArrayBufferView[] = [],
    id: string = newId(),
  ): Comm {
    if (this.#comms.has(id)) throw new CommError(`comm ${id} is already open`);
    const comm = new Comm(this, this.#transport, id, target);
    this.#comms.set(id, comm);
    this.#transport.send("comm_open", { comm_id: id, target_name: target, data }, metadata, buffers.map(tightCopy));
    return comm;
  }

  /**
   * Handles one message from the front end, synchronously as far as its handlers are.
   *
   * Never throws and never rejects. Returns a promise when a handler goes on asynchronously: the kernel sends the
   * message's `idle` when it settles, and meanwhile handles the messages that follow; undefined means done.
   */
  handle(message: CommMessage): Promise<void> | undefined {
    const { content } = message;
    const id = String(content.comm_id);
    const event: CommEvent = {
      data: asObject(content.data),
      metadata: message.metadata,
      buffers: message.buffers,
    };
    switch (message.type) {
      case "comm_open":
        return this.#handleOpen(id, String(content.target_name), event);
      case "comm_msg":
      case "comm_close": {
        const comm = this.#comms.get(id);
        if (comm === undefined) {
          this.#report(new CommError(`${message.type} for unknown comm ${id}: it was closed or never opened`));
          return undefined;
        }
        if (message.type === "comm_close") this.forget(comm);
        const handler = message.type === "comm_close" ? comm.onClose : comm.onMessage;
        return this.#guard(
          () => handler?.(event),
          (error) => this.#report(error),
        );
      }
    }
  }

  /** The open comms, as `comm_info_reply` lists them; of one target when it is named. */
  info(targetName?: string): Record<string, { target_name: string }> {
    const open = [...this.#comms.values()].filter(({ target }) => targetName === undefined || target === targetName);
    return Object.fromEntries(open.map(({ id, target }) => [id, { target_name: target }]));
  }

  /** Has `send` called whenever what waits to be sent must leave: what gathers changes into fewer messages says so here. */
  onFlush(send: () => void): void {
    this.#senders.add(send);
  }

  /** Sends what waits. A kernel calls it when a cell has ended, before it says so. */
  flush(): void {
    for (const send of this.#senders) send();
  }

  /** Tells the host of an error in code that a message set off. */
  report(error: unknown): void {
    this.#report(error);
  }

  /** Drops a comm without a message to the front end. */
  forget(comm: Comm): void {
    comm.closed = true;
    this.#comms.delete(comm.id);
  }

  #handleOpen(id: string, target: string, event: CommEvent): Promise<void> | undefined {
    if (this.#comms.has(id)) {
      this.#report(new CommError(`comm_open for comm ${id}, which is already open`));
      return undefined;
    }
    const comm = new Comm(this, this.#transport, id, target);
    const handler = this.#targets.get(target);
    this.#comms.set(id, comm);
    if (handler === undefined) {
      this.#report(new CommError(`no comm target named "${target}" is registered here; comm ${id} is closed`));
      comm.close();
      return undefined;
    }
    return this.#guard(
      () => handler(comm, event),
      (error) => {
        this.#report(error);
        comm.close();
      },
    );
  }

  #guard(run: () => unknown, fail: (error: unknown) => void): Promise<void> | undefined {
    try {
      const result = run();
      return isThenable(result) ? Promise.resolve(result).then(() => undefined, fail) : undefined;
    } catch (error) {
      fail(error);
      return undefined;
    }
  }
}

/** A fresh identifier for a comm or widget. */
export function newId(): string {
  return randomId().replaceAll("-", "");
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}

/** Exactly the bytes of a view in memory of their own, which the transport may transfer to another thread. */
function tightCopy(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
}

function asObject(value: unknown): JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as JsonObject) : {};
}
