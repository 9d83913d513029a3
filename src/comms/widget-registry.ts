import { removeBuffers } from "./buffers.js";
import { type Comm, CommError, type CommEvent, type CommManager } from "./manager.js";
import { WidgetChannel, type WidgetModel, type WireState } from "./widget-channel.js";

/** Longest time in milliseconds that a change waits while synchronous code keeps making changes. */
const STALE_AFTER = 16;

/**
 * The live widgets of a kernel. Batches their updates, and gives a reloaded page all of their states
 * (`jupyter.widget.control` 1.0).
 */
export class WidgetRegistry {
  readonly comms: CommManager;
  readonly #channels = new Map<string, WidgetChannel>();
  readonly #queue = new Set<WidgetChannel>();
  #queuedSince = 0;
  /** The asynchronous work that the message in hand has set off so far. */
  #followed: Promise<void>[] | undefined;
  #releaseHeld: () => void = () => {};
  #released!: Promise<void>;

  /** Use `widgetRegistry`. */
  constructor(comms: CommManager) {
    this.comms = comms;
    this.#renewRelease();
    comms.registerTarget("jupyter.widget.control", (comm, event) => {
      requireMajor(1, comm, event);
      comm.onMessage = ({ data }) => this.#control(comm, data.method);
    });
    comms.registerTarget("jupyter.widget", (comm) => {
      throw new CommError(`comm ${comm.id}: widgets are created in the kernel; a front end cannot open one`);
    });
  }

  /** Makes a widget live. It is announced to the front end with the next flush, before anything that refers to it. */
  add(model: WidgetModel): WidgetChannel {
    const channel = new WidgetChannel(this, model);
    this.#channels.set(model.id, channel);
    this.schedule(channel);
    return channel;
  }

  /** The states of all live widgets as they go on the wire, in the order in which they were made. */
  states(): Map<string, WireState> {
    return new Map([...this.#channels.values()].map(({ model }) => [model.id, model.wireState()]));
  }

  /** One live widget's state as it goes on the wire. */
  stateOf(id: string): WireState | undefined {
    return this.#channels.get(id)?.model.wireState();
  }

  /** Gives a live widget values as they go on the wire, as a front end would. */
  restore(id: string, state: WireState): void {
    this.#channels.get(id)?.model.acceptUpdate(state);
  }

  /** The live widget of that model id. */
  find(id: string): object | undefined {
    return this.#channels.get(id)?.model.widget;
  }

  remove(channel: WidgetChannel): void {
    this.#channels.delete(channel.model.id);
    this.#queue.delete(channel);
  }

  /**
   * Queues a widget's changes for the end of this turn of the event loop.
   *
   * A synchronous loop never reaches that end, so changes that have waited too long leave with the next one.
   */
  schedule(channel: WidgetChannel): void {
    const now = performance.now();
    if (this.#queue.size === 0) {
      this.#queuedSince = now;
      queueMicrotask(() => this.flush());
    }
    this.#queue.add(channel);
    if (now - this.#queuedSince > STALE_AFTER) this.flush();
  }

  /** Sends all that waits, in the order in which it began to wait, but what is referred to first. */
  flush(): void {
    const channels = [...this.#queue];
    this.#queue.clear();
    for (const channel of channels) this.#guarded(() => channel.flush());
  }

  announce(ids: Iterable<string>): void {
    for (const id of ids) this.#guarded(() => this.#channels.get(id)?.announce());
  }

  /** One widget's state that cannot be written must not cost the others their updates. */
  #guarded(send: () => void): void {
    try {
      send();
    } catch (error) {
      this.comms.report(error);
    }
  }

  /**
   * Runs the handling of one message of the front end; what it changes is sent before it counts as handled.
   *
   * Returns a promise when handlers go on asynchronously. It also settles when code starts to wait for the front end
   * (`releaseMessages`): a view sends nothing new before `idle`, so that waiting would never end.
   */
  duringMessage(handle: () => void): Promise<void> | undefined {
    const released = this.#released;
    const outer = this.#followed;
    const followed: Promise<void>[] = [];
    this.#followed = followed;
    try {
      handle();
    } finally {
      this.#followed = outer;
      this.flush();
    }
    if (followed.length === 0) return undefined;
    return Promise.race([Promise.all(followed), released]).then(() => this.flush());
  }

  /** Reports what goes wrong in an asynchronous handler; the message that set it off, if one did, waits for it. */
  follow(work: PromiseLike<unknown>): void {
    const done = Promise.resolve(work).then(
      () => {},
      (error) => this.comms.report(error),
    );
    this.#followed?.push(done);
  }

  /** Lets the messages that are being handled count as handled, because code now waits for the next one. */
  releaseMessages(): void {
    this.flush();
    this.#releaseHeld();
    this.#renewRelease();
  }

  #renewRelease(): void {
    this.#released = new Promise((resolve) => {
      this.#releaseHeld = resolve;
    });
  }

  #control(comm: Comm, method: unknown): void {
    if (method !== "request_states") {
      throw new CommError(`unknown widget control method ${JSON.stringify(method)}`);
    }
    this.flush();
    const states: Record<string, WireState> = {};
    for (const [id, state] of this.states()) {
      states[id] = {
        model_name: state["_model_name"],
        model_module: state["_model_module"],
        model_module_version: state["_model_module_version"],
        state,
      };
    }
    const split = removeBuffers(states);
    comm.send({ method: "update_states", states: split.state, buffer_paths: split.buffer_paths }, split.buffers);
  }
}

const registries = new WeakMap<CommManager, WidgetRegistry>();

/** The registry of a kernel's widgets; the first call registers the widget targets. */
export function widgetRegistry(comms: CommManager): WidgetRegistry {
  let registry = registries.get(comms);
  if (registry === undefined) {
    registry = new WidgetRegistry(comms);
    registries.set(comms, registry);
  }
  return registry;
}

function requireMajor(major: number, comm: Comm, event: CommEvent): void {
  const version = String(event.metadata["version"] ?? "");
  if (version.split(".")[0] !== String(major)) {
    throw new CommError(`${comm.target} speaks version ${major} here, the front end asked for "${version}"`);
  }
}
