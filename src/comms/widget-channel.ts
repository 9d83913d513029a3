import { type BufferPath, insertBuffers, removeBuffers, type SplitState } from "./buffers.js";
import { type Comm, CommError, type CommEvent, type CommManager } from "./manager.js";
import type { Json, JsonObject } from "./message.js";
import { referredModels } from "./references.js";

/** Widget traits by name, with binary parts in their places. */
export type WireState = Record<string, unknown>;

/** The object behind a channel: a widget as the protocol sees it. */
export interface WidgetModel {
  readonly id: string;
  /** What references to this model stand for. */
  readonly widget: object;
  /** The synchronized traits as they go on the wire; all of them, or those named. */
  wireState(names?: Iterable<string>): WireState;
  /** Milliseconds that its changes may still wait, because sending them costs much; 0 or none: none. */
  patience?(): number;
  /** Whether other views of the same model hear of a change to this trait that one view made. */
  echoes(name: string): boolean;
  /** Takes values from the front end. Asynchronous handlers are told to `WidgetRegistry.follow`. */
  acceptUpdate(state: WireState): void;
  acceptCustom(content: JsonObject, buffers: ArrayBufferView[]): void;
  /** The front end closed the model. */
  acceptClose(): void;
}

/** What a channel needs of the registry that it belongs to. */
export interface ChannelOwner {
  readonly comms: CommManager;
  /** Queues the channel for the next flush. */
  schedule(channel: WidgetChannel): void;
  /** Flushes every queued channel. */
  flush(): void;
  /** Announces those of the models that the front end does not know yet. */
  announce(ids: Iterable<string>): void;
  /** Whether there is such a model. */
  has(id: string): boolean;
  remove(channel: WidgetChannel): void;
  duringMessage(handle: () => void): Promise<void> | undefined;
}

/** Version of the `jupyter.widget` protocol that is spoken here. */
const PROTOCOL_VERSION = "2.1.0";

/**
 * One widget's end of the `jupyter.widget` protocol: opens the comm, gathers changes into updates, echoes, answers requests.
 *
 * Changes wait in the registry's queue and leave as one message, at the latest before the `idle` of the message they answer.
 */
export class WidgetChannel {
  readonly model: WidgetModel;
  readonly #registry: ChannelOwner;
  readonly #pending = new Set<string>();
  #comm: Comm | undefined;
  #announcing = false;
  #closed = false;
  #holds = 0;

  /**
   * Use `WidgetRegistry.add`.
   *
   * @param comm The comm that the front end has opened for the model, where it has: it knows the state then.
   */
  constructor(registry: ChannelOwner, model: WidgetModel, comm?: Comm) {
    this.#registry = registry;
    this.model = model;
    if (comm !== undefined) this.#connect(comm);
  }

  /** Milliseconds that its changes may still wait; one that is not announced does not wait. */
  get patience(): number {
    return this.#comm === undefined ? 0 : (this.model.patience?.() ?? 0);
  }

  /** Notes that traits changed and must reach the front end. */
  touch(names: Iterable<string>): void {
    for (const name of names) this.#pending.add(name);
    if (this.#pending.size > 0) this.#registry.schedule(this);
  }

  /** Sends what waits: the whole state in `comm_open` at first, then the changed traits. */
  flush(): void {
    if (this.#closed || this.#holds > 0) return;
    if (this.#comm === undefined) this.announce();
    else if (this.#pending.size > 0) {
      const state = this.model.wireState(this.#pending);
      this.#pending.clear();
      this.#send("update", state);
    }
  }

  /** Opens the comm with the whole state, where that has not been done: also while changes are held back. */
  announce(): void {
    if (this.#closed || this.#comm !== undefined || this.#announcing) return;
    this.#announcing = true;
    try {
      this.#pending.clear();
      this.#open();
    } finally {
      this.#announcing = false;
    }
  }

  /** Keeps changes back while `body` runs, even over awaits, then sends them as one update. */
  hold<T>(body: () => T): T {
    this.#holds++;
    const release = () => {
      this.#holds--;
      this.flush();
    };
    let result: T;
    try {
      result = body();
    } catch (error) {
      release();
      throw error;
    }
    if (result instanceof Promise) return result.finally(release) as T;
    release();
    return result;
  }

  /** Sends a message of the widget's own kind, after the changes that precede it. */
  custom(content: Json, buffers: readonly ArrayBufferView[] = []): void {
    if (this.#closed) return;
    this.#registry.flush();
    this.#comm?.send({ method: "custom", content }, buffers);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#registry.remove(this);
    this.#comm?.close();
  }

  #open(): void {
    const { state, buffer_paths, buffers } = this.#split(this.model.wireState());
    const data = { state, buffer_paths };
    const comm = this.#registry.comms.open(
      "jupyter.widget",
      data,
      { version: PROTOCOL_VERSION },
      buffers,
      this.model.id,
    );
    this.#connect(comm);
  }

  #connect(comm: Comm): void {
    comm.onMessage = (event) => this.#receive(event);
    comm.onClose = () => {
      this.#closed = true;
      this.#registry.remove(this);
      this.model.acceptClose();
    };
    this.#comm = comm;
  }

  #send(method: "update" | "echo_update", wire: WireState): void {
    const { state, buffer_paths, buffers } = this.#split(wire);
    this.#comm?.send({ method, state, buffer_paths }, buffers);
  }

  /** A state as it goes on the wire. A front end drops what refers to a model that it does not know: those go first. */
  #split(wire: WireState): SplitState {
    this.#registry.announce(referredModels(wire));
    return removeBuffers(wire);
  }

  #receive({ data, buffers }: CommEvent): Promise<void> | undefined {
    return this.#registry.duringMessage(() => {
      switch (data.method) {
        case "update":
          return this.#receiveUpdate(data, buffers);
        case "request_state":
          this.#pending.clear();
          this.#send("update", this.model.wireState());
          return;
        case "custom":
          return this.model.acceptCustom((data.content ?? {}) as JsonObject, buffers);
        default:
          throw new CommError(
            `widget ${this.model.id} got a message with unknown method ${JSON.stringify(data.method)}`,
          );
      }
    });
  }

  #receiveUpdate(data: JsonObject, buffers: ArrayBufferView[]): void {
    const { state: sent, buffer_paths = [] } = data;
    if (sent === null || typeof sent !== "object" || Array.isArray(sent)) {
      throw new CommError(`widget ${this.model.id} got an update without a state`);
    }
    const state = insertBuffers(sent as WireState, buffer_paths as BufferPath[], buffers);
    // The echo goes first and unchanged: its parent header tells the sending view that its value has arrived, so that it
    // takes newer values from here again; the other views learn the value from it. What refers to no model is refused.
    const isKnown = (value: unknown) => [...referredModels(value)].every((id) => this.#registry.has(id));
    const echoed = Object.entries(state).filter(([name, value]) => this.model.echoes(name) && isKnown(value));
    if (echoed.length > 0) this.#send("echo_update", Object.fromEntries(echoed));
    this.model.acceptUpdate(state);
  }
}
