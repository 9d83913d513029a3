import type { ICallbacks, IClassicComm } from "@jupyter-widgets/base";
import type { JsonObject } from "../comms/message.js";
import type { PageManager } from "./manager.js";
import type { CellOutputMessage, FromWorker, PageCell, ToWorker } from "./protocol.js";

type CommFromKernel = Extract<FromWorker, { type: "comm" }>;
type Started = Extract<FromWorker, { type: "started" }>;
type Ran = Extract<FromWorker, { type: "ran" }>;

/** Where a page's kernel is: a worker, or in tests something that behaves like one. */
export interface KernelPort {
  postMessage(message: ToWorker): void;
  onmessage: ((event: { data: FromWorker }) => void) | null;
  terminate(): void;
}

/** Hears what the page's kernel does, apart from its comms. */
export interface KernelListener {
  output(message: CellOutputMessage): void;
  /** What the reader should know of a cell's numbers. */
  noted(cell: number, text: string): void;
  /** Something went wrong in the page itself. */
  failed(error: unknown): void;
}

/** The page's kernel was ended: it starts nothing and runs no cell any more. */
class KernelEndedError extends Error {
  override name = "KernelEndedError";
  constructor() {
    super("The page's kernel has ended");
  }
}

/** The page's kernel as its widgets see it: joins a manager of widgets to a worker. */
export class PageKernel {
  readonly #port: KernelPort;
  readonly #manager: PageManager;
  readonly #listener: KernelListener;
  readonly #comms = new Map<string, PageComm>();
  readonly #waiting = new Map<string, ICallbacks | undefined>();
  readonly #ends = new Map<number, (ran: Ran) => void>();
  #started: ((message: Started) => void) | undefined;
  #gone: ((error: Error) => void) | undefined;
  /** Comm messages in the order of their arrival: a model is made before it is changed. */
  #queue: Promise<unknown> = Promise.resolve();
  #alive = true;
  #sent = 0;

  constructor(port: KernelPort, manager: PageManager, listener: KernelListener) {
    this.#port = port;
    this.#manager = manager;
    this.#listener = listener;
    port.onmessage = ({ data }) => this.#receive(data);
  }

  /** Starts the backend. @throws the kernel's own words where it does not start; KernelEndedError */
  async start(message: Omit<Extract<ToWorker, { type: "start" }>, "type">): Promise<JsonObject> {
    if (!this.#alive) throw new KernelEndedError();
    const started = new Promise<Started>((resolve, reject) => {
      this.#started = resolve;
      this.#gone = reject;
    });
    this.#port.postMessage({ type: "start", ...message });
    const { backend, error } = await started;
    if (backend === undefined) throw new Error(error?.traceback.join("\n") ?? "The page's kernel does not start");
    return backend;
  }

  /** Runs a cell; settles when it has ended and all that it made is in the page. @throws KernelEndedError */
  async run(cell: PageCell): Promise<{ failed: boolean; milliseconds: number }> {
    if (!this.#alive) throw new KernelEndedError();
    const ended = new Promise<Ran>((resolve) => this.#ends.set(cell.cell, resolve));
    this.#port.postMessage({ type: "run", cell });
    const ran = await ended;
    await this.settled();
    return ran;
  }

  /** Settles when what has come so far is in the page. */
  async settled(): Promise<void> {
    await this.#queue;
  }

  /** Stops what runs, as soon as it lets go. */
  stop(): void {
    this.#port.postMessage({ type: "stop" });
  }

  /** Ends the kernel, whatever it does; its widgets stay as they are, and what of them asks a kernel is locked. */
  terminate(): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#port.terminate();
    this.#gone?.(new KernelEndedError());
    for (const [cell, end] of this.#ends) end({ type: "ran", cell, failed: true, milliseconds: 0 });
    this.#ends.clear();
    this.#then(() => this.#manager.lock([...this.#comms.keys()]));
  }

  /** Whether this kernel made a model. */
  made(model: string): boolean {
    return this.#comms.has(model);
  }

  /** Takes its widgets away, when others have come in their places. */
  async discard(): Promise<void> {
    await this.settled();
    await this.#manager.forget([...this.#comms.keys()]);
  }

  /** Used by `PageComm`. */
  send(message: Omit<Extract<ToWorker, { type: "comm" }>, "type" | "header">, callbacks?: ICallbacks): string {
    const id = `page-${++this.#sent}`;
    if (!this.#alive) return id;
    this.#waiting.set(id, callbacks);
    this.#port.postMessage({ type: "comm", header: { msg_id: id }, ...message });
    return id;
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case "started":
        this.#started?.(message);
        break;
      case "ran":
        this.#ends.get(message.cell)?.(message);
        this.#ends.delete(message.cell);
        break;
      case "recorded":
        break;
      case "note":
        this.#listener.noted(message.cell, message.text);
        break;
      case "comm":
        this.#then(() => this.#deliver(message));
        break;
      case "idle":
        // Behind the updates that answer the message: the view sends its next value when it has drawn them.
        this.#then(async () => {
          const id = String(message.header["msg_id"]);
          const callbacks = this.#waiting.get(id);
          this.#waiting.delete(id);
          callbacks?.iopub?.status?.({
            content: { execution_state: "idle" },
            parent_header: message.header,
          } as never);
        });
        break;
      default:
        this.#then(async () => this.#listener.output(message));
    }
  }

  #then(work: () => Promise<unknown>): void {
    this.#queue = this.#queue.then(work).catch((error: unknown) => this.#listener.failed(error));
  }

  async #deliver({ message, content, metadata, buffers, parent }: CommFromKernel): Promise<void> {
    const id = String(content["comm_id"]);
    const views = buffers.map(
      ({ buffer, byteOffset, byteLength }) => new DataView(buffer as ArrayBuffer, byteOffset, byteLength),
    );
    const jupyter = { content, metadata, buffers: views, parent_header: parent, header: { msg_id: "" } };
    if (message === "comm_open") {
      const comm = new PageComm(this, id, String(content["target_name"]));
      this.#comms.set(id, comm);
      await this.#manager.handle_comm_open(comm, jupyter as never);
    } else if (message === "comm_msg") await this.#comms.get(id)?.hear(jupyter);
    else {
      await this.#comms.get(id)?.end(jupyter);
      this.#comms.delete(id);
    }
  }
}

/** The page's end of a comm. */
class PageComm implements IClassicComm {
  readonly comm_id: string;
  readonly target_name: string;
  readonly #kernel: PageKernel;
  #message: ((message: never) => unknown) | undefined;
  #close: ((message: never) => unknown) | undefined;

  constructor(kernel: PageKernel, id: string, target: string) {
    this.#kernel = kernel;
    this.comm_id = id;
    this.target_name = target;
  }

  async hear(message: unknown): Promise<void> {
    await this.#message?.(message as never);
  }

  async end(message: unknown): Promise<void> {
    await this.#close?.(message as never);
  }

  open(): string {
    throw new TypeError("A page's comms are opened by its kernel");
  }

  send(
    data: unknown,
    callbacks?: ICallbacks,
    metadata: unknown = {},
    buffers: readonly (ArrayBuffer | ArrayBufferView)[] = [],
  ): string {
    const bytes = buffers.map((buffer) =>
      ArrayBuffer.isView(buffer)
        ? new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.byteLength)
        : new Uint8Array(buffer),
    );
    const content = { comm_id: this.comm_id, data: data as JsonObject };
    return this.#kernel.send(
      { message: "comm_msg", content, metadata: metadata as JsonObject, buffers: bytes },
      callbacks,
    );
  }

  close(data: unknown = {}): string {
    const content = { comm_id: this.comm_id, data: data as JsonObject };
    return this.#kernel.send({ message: "comm_close", content, metadata: {}, buffers: [] });
  }

  on_msg(hear: (message: never) => unknown): void {
    this.#message = hear;
  }

  on_close(hear: (message: never) => unknown): void {
    this.#close = hear;
  }
}
