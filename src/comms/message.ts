/** A JSON value, as Jupyter messages carry it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** The three comm messages of the Jupyter protocol. */
export type CommMessageType = "comm_open" | "comm_msg" | "comm_close";

/** A comm message that arrived from the front end. Buffers are the binary frames, in order. */
export interface CommMessage {
  type: CommMessageType;
  /** `comm_id`, `data`, and for `comm_open` also `target_name` and optionally `target_module`. */
  content: JsonObject;
  metadata: JsonObject;
  buffers: ArrayBufferView[];
  /** Header of this message: what a kernel uses as the parent of everything sent while it is handled. */
  header: JsonObject;
}

/**
 * Where a comm manager hands its messages. The kernel behind it attaches as parent header the request
 * in whose (asynchronous) context the send happens. The buffers are the transport's own copies, each filling its
 * ArrayBuffer: it may transfer them to another thread.
 */
export interface CommTransport {
  send(type: CommMessageType, content: JsonObject, metadata: JsonObject, buffers: ArrayBufferView[]): void;
}
