import { AsyncLocalStorage } from "node:async_hooks";
import { type Host, type MimeBundle, provideHost } from "../../src/comms/host.js";
import { CommManager, newId } from "../../src/comms/manager.js";
import type { CommMessageType, Json, JsonObject } from "../../src/comms/message.js";

/** A message that left the kernel, as it arrives: JSON that was really JSON, buffers, and the id of the request it answers. */
export interface Sent {
  type: CommMessageType | "idle";
  content: JsonObject;
  metadata: JsonObject;
  buffers: ArrayBufferView[];
  parent: string | undefined;
}

export type State = Record<string, unknown>;

/**
 * A front end over memory: it writes and reads the messages that JupyterLab's widget manager does, in their shapes, and
 * sends like a kernel's transport does, with the request in whose asynchronous context the sending happens as the parent.
 */
export class FrontEnd {
  readonly sent: Sent[] = [];
  readonly reported: unknown[] = [];
  readonly displayed: MimeBundle[] = [];
  /** The states of the models that are open, by id, as the messages have built them up. */
  readonly models = new Map<string, State>();
  readonly manager: CommManager;
  readonly #context = new AsyncLocalStorage<string>();

  constructor() {
    this.manager = new CommManager(
      {
        send: (type, content, metadata, buffers) => {
          const message = { type, metadata, buffers, parent: this.#context.getStore() };
          this.#receive({ ...message, content: JSON.parse(JSON.stringify(content)) as JsonObject });
        },
      },
      (error) => this.reported.push(error),
    );
  }

  /** Makes this the front end of the widgets that are created from now on. */
  attach(): this {
    const host: Host = {
      comms: this.manager,
      display: (bundle) => this.displayed.push(bundle),
      clearOutput: () => {},
      format: (value) => ({ "text/plain": String(value) }),
      poll: () => 0,
      check: () => {},
    };
    provideHost(host);
    return this;
  }

  /** Sends a comm message and, when it is handled, records its idle; returns its id. */
  deliver(
    type: CommMessageType,
    content: JsonObject,
    buffers: ArrayBufferView[] = [],
    metadata: JsonObject = {},
  ): string {
    const id = newId();
    const { state } = (content["data"] ?? {}) as { state?: State };
    if (type === "comm_open" && content["target_name"] === "jupyter.widget" && state) {
      this.models.set(String(content["comm_id"]), { ...state });
    }
    this.#context.run(id, () => {
      const idle = () => this.sent.push({ type: "idle", content: {}, metadata: {}, buffers: [], parent: id });
      const pending = this.manager.handle({ type, content, metadata, buffers, header: { msg_id: id } });
      if (pending === undefined) idle();
      else void pending.then(idle);
    });
    return id;
  }

  /** A view changes values of a model. */
  update(model: string, state: JsonObject, buffer_paths: (string | number)[][] = [], buffers: ArrayBufferView[] = []) {
    const data = { method: "update", state, buffer_paths };
    return this.deliver("comm_msg", { comm_id: model, data }, buffers);
  }

  custom(model: string, content: Json, buffers: ArrayBufferView[] = []) {
    return this.deliver("comm_msg", { comm_id: model, data: { method: "custom", content } }, buffers);
  }

  /** What a page asks for when it is loaded again: all states, over a comm of its own. */
  requestStates(): Record<
    string,
    { model_name: string; model_module: string; model_module_version: string; state: State }
  > {
    const id = newId();
    const open = { comm_id: id, target_name: "jupyter.widget.control", data: {} };
    this.deliver("comm_open", open, [], { version: "1.0.0" });
    this.deliver("comm_msg", { comm_id: id, data: { method: "request_states" } });
    const answer = this.sent.findLast(({ content }) => content["comm_id"] === id);
    const data = answer?.content["data"] as JsonObject;
    if (data?.["method"] !== "update_states") throw new Error(`no states came: ${JSON.stringify(answer)}`);
    this.deliver("comm_close", { comm_id: id, data: {} });
    const states = data["states"] as State;
    put(states, data["buffer_paths"] as (string | number)[][], answer!.buffers);
    return states as ReturnType<FrontEnd["requestStates"]>;
  }

  /** The messages since the last call of this, in short: method or type, and the state. */
  take(): { kind: string; comm: string; state: State; parent: string | undefined }[] {
    return this.sent.splice(0).map(({ type, content, parent }) => {
      const data = (content["data"] ?? {}) as JsonObject;
      return {
        kind: type === "comm_msg" ? String(data["method"]) : type,
        comm: String(content["comm_id"] ?? ""),
        state: (data["state"] ?? {}) as State,
        parent,
      };
    });
  }

  #receive(message: Sent): void {
    this.sent.push(message);
    const { type, content, buffers, metadata } = message;
    const id = String(content["comm_id"]);
    if (type === "comm_close") this.models.delete(id);
    const data = content["data"] as { method?: string; state?: State; buffer_paths?: (string | number)[][] };
    if (data.state === undefined) return;
    if (data.buffer_paths === undefined) throw new Error(`no buffer_paths in ${JSON.stringify(data)}`);
    const state = structuredClone(data.state);
    put(state, data.buffer_paths, buffers);
    for (const [value] of JSON.stringify(data.state).matchAll(/(?<=")IPY_MODEL_\w+(?=")/g)) {
      if (!this.models.has(value.slice(10))) throw new Error(`${id} refers to model ${value}, which is not open`);
    }
    if (type === "comm_open") {
      if (!String(metadata["version"]).startsWith("2.")) throw new Error(`protocol version ${metadata["version"]}`);
      this.models.set(id, state);
    } else Object.assign(this.models.get(id) as State, state);
  }
}

function put(state: State, paths: (string | number)[][], buffers: ArrayBufferView[]): void {
  paths.forEach((path, i) => {
    const parent = path.slice(0, -1).reduce((at: unknown, key) => (at as State)[key], state);
    (parent as State)[path.at(-1)!] = buffers[i];
  });
}

/** Lets all that is due in this turn of the event loop happen. */
export const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
