import { removeBuffers } from "./buffers.js";
import { type Comm, CommError, type CommEvent, type CommManager, newId } from "./manager.js";
import { WidgetChannel, type WidgetModel, type WireState } from "./widget-channel.js";

/** A frame of a screen in milliseconds: changes that come faster leave as one message a frame. */
const FRAME = 16;

/** Messages that may leave at once after a pause; from then on there is one a frame. */
const BURST = 8;

/** Milliseconds after which a message counts as dealt with although a handler still works for it. */
const PATIENCE = 10_000;

/**
 * The live widgets of a kernel. Batches their updates, and gives a reloaded page all of their states
 * (`jupyter.widget.control` 1.0).
 */
export class WidgetRegistry {
  readonly comms: CommManager;
  readonly #channels = new Map<string, WidgetChannel>();
  readonly #queue = new Set<WidgetChannel>();
  /** Makers of the widgets that a front end may open, by the name of the model. */
  readonly #kinds = new Map<string, (state: WireState) => object>();
  /** The comm that a front end has opened, for the widget that is being made for it. */
  #adopted: Comm | undefined;
  /** Whether that widget has its id; the others that are made with it, such as its layout, get ids of their own. */
  #isNamed = false;
  #queuedSince = 0;
  /** How many messages may leave before the next frame, and when that was counted. */
  #allowance = BURST;
  #counted = 0;
  #isDue = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Those whose changes may wait longer than a frame. */
  readonly #patient = new Set<WidgetChannel>();
  #patientTimer: ReturnType<typeof setTimeout> | undefined;
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
    comms.registerTarget("jupyter.widget", (comm, event) => this.#adopt(comm, event));
    comms.onFlush(() => this.flush());
  }

  /** Lets a front end open widgets whose model has that name; all others are created in the kernel only. */
  allow(modelName: string, make: (state: WireState) => object): void {
    this.#kinds.set(modelName, make);
  }

  /** The id of the widget that is made next. */
  nextId(): string {
    const comm = this.#adopted;
    if (comm === undefined || this.#isNamed) return newId();
    this.#isNamed = true;
    return comm.id;
  }

  /** Makes a widget live. It is announced to the front end with the next flush, before anything that refers to it. */
  add(model: WidgetModel): WidgetChannel {
    const adopted = this.#adopted?.id === model.id ? this.#adopted : undefined;
    const channel = new WidgetChannel(this, model, adopted);
    this.#channels.set(model.id, channel);
    if (!adopted) this.schedule(channel);
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

  has(id: string): boolean {
    return this.#channels.has(id);
  }

  remove(channel: WidgetChannel): void {
    this.#channels.delete(channel.model.id);
    this.#queue.delete(channel);
    this.#patient.delete(channel);
  }

  /**
   * Queues a widget's changes for the end of this turn of the event loop; where such ends come faster than frames, for the next frame.
   *
   * A synchronous loop never reaches that end, so changes that have waited for a frame leave with the next one.
   */
  schedule(channel: WidgetChannel): void {
    const now = performance.now();
    if (this.#queue.size === 0) this.#queuedSince = now;
    this.#queue.add(channel);
    if (now - this.#queuedSince > FRAME) this.#sendDue();
    else if (!this.#isDue && this.#timer === undefined) {
      this.#isDue = true;
      queueMicrotask(() => {
        if (!this.#isDue) return;
        this.#isDue = false;
        this.#sendInTime();
      });
    }
  }

  /** Sends all that waits, in the order in which it began to wait, but what is referred to first. */
  flush(): void {
    for (const channel of this.#patient) this.#queue.add(channel);
    this.#patient.clear();
    clearTimeout(this.#patientTimer);
    this.#patientTimer = undefined;
    this.#sendQueue();
  }

  #sendQueue(): void {
    this.#isDue = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#allowance -= this.#queue.size === 0 ? 0 : 1;
    const channels = [...this.#queue];
    this.#queue.clear();
    for (const channel of channels) this.#guarded(() => channel.flush());
  }

  /** Sends what waits now, if no more than a message a frame has left lately, else when the frame has passed. */
  #sendInTime(): void {
    if (this.#queue.size === 0) return;
    const now = performance.now();
    this.#allowance = Math.min(BURST, Math.max(-1, this.#allowance) + (now - this.#counted) / FRAME);
    this.#counted = now;
    if (this.#allowance >= 1) {
      this.#sendDue();
      return;
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#sendInTime();
    }, FRAME);
  }

  /** Sends what waits but for those whose changes may wait longer. */
  #sendDue(): void {
    for (const channel of this.#queue) {
      const { patience } = channel;
      if (patience <= 0) continue;
      this.#queue.delete(channel);
      this.#patient.add(channel);
      this.#patientTimer ??= setTimeout(() => this.flush(), patience);
    }
    this.#sendQueue();
  }

  /** A front end opens a widget: the kernel's half is made for the comm that it opened. */
  #adopt(comm: Comm, event: CommEvent): void {
    requireMajor(2, comm, event);
    const state = (event.data["state"] ?? {}) as WireState;
    const make = this.#kinds.get(String(state["_model_name"]));
    if (make === undefined) {
      throw new CommError(`comm ${comm.id}: widgets are created in the kernel; a front end cannot open one`);
    }
    this.#adopted = comm;
    this.#isNamed = false;
    try {
      make(state);
    } finally {
      this.#adopted = undefined;
    }
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
   * (`releaseMessages`): a view sends nothing new before `idle`, so that waiting would never end. And it settles when a handler has
   * worked for ten seconds: one that never ends must not keep the view from its other observers.
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
    let late: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<void>((resolve) => {
      late = setTimeout(resolve, PATIENCE);
      (late as { unref?(): void }).unref?.();
    });
    return Promise.race([Promise.all(followed), released, patience]).then(() => {
      clearTimeout(late);
      this.flush();
    });
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
