import type { MessagePort } from "node:worker_threads";
import type { DisplayOptions, MimeBundle } from "../../comms/host.js";
import type { JsonObject } from "../../comms/message.js";
import type { Outbound, StreamName, Work } from "../server/link.js";
import { currentContext, type RequestContext } from "./context.js";

export type Outbox = ReturnType<typeof outbox>;

/** Everything the main thread says to the front end, in order, through the worker thread. */
export function outbox(port: MessagePort) {
  function post(message: Outbound, transfer: ArrayBuffer[] = []): void {
    port.postMessage(message, transfer);
  }

  /** Publishes to all front ends on behalf of the current request. Buffers move: the caller has copied them. */
  function publish(
    type: string,
    content: JsonObject,
    metadata: JsonObject = {},
    buffers: ArrayBufferView[] = [],
    context: RequestContext | undefined = currentContext(),
  ): void {
    if (context?.silent) return;
    const bytes = buffers.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength));
    const own = bytes.map(({ buffer }) => buffer).filter((buffer) => buffer instanceof ArrayBuffer);
    post(
      {
        kind: "send",
        socket: "iopub",
        identities: [],
        type,
        parentHeader: context?.parentHeader ?? "{}",
        metadata: JSON.stringify(metadata),
        content: JSON.stringify(content),
        buffers: bytes,
      },
      [...new Set(own)],
    );
  }

  function display(bundle: MimeBundle, { metadata = {}, displayId, update = false }: DisplayOptions = {}): void {
    publish(update ? "update_display_data" : "display_data", {
      data: bundle as JsonObject,
      metadata,
      transient: displayId === undefined ? {} : { display_id: displayId },
    });
  }

  function stream(name: StreamName, text: string): void {
    const context = currentContext();
    if (text !== "" && !context?.silent)
      post({ kind: "stream", name, text, parentHeader: context?.parentHeader ?? "{}" });
  }

  /** Sends to the front end that made the request. */
  function reply(socket: "shell" | "stdin", context: RequestContext, type: string, content: JsonObject): void {
    const { identities, parentHeader } = context;
    post({
      kind: "send",
      socket,
      identities,
      type,
      parentHeader,
      metadata: "{}",
      content: JSON.stringify(content),
      buffers: [],
    });
  }

  /** `work` is what the request is for: the worker keeps track of the cell that runs, and of messages that are soon dealt with. */
  function status(state: "busy" | "idle", context: RequestContext, work: Work = "other"): void {
    post({ kind: "status", state, parentHeader: context.parentHeader, work });
  }

  return { publish, display, stream, reply, status };
}
