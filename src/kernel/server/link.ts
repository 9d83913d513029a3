import type { MessagePort } from "node:worker_threads";
import type { JsonObject } from "../../comms/message.js";
import type { Connection } from "./connection.js";

/** What the two threads of the kernel say to each other. */

export type SocketName = "shell" | "control" | "iopub" | "stdin";
export type StreamName = "stdout" | "stderr";

/** A Jupyter message as it stands between the identities and the end of a ZeroMQ multipart message. */
export interface WireMessage {
  /** Routing frames: who asked. On IOPub a single topic. */
  identities: Uint8Array[];
  header: JsonObject;
  parentHeader: JsonObject;
  metadata: JsonObject;
  content: JsonObject;
  /** Binary frames after the content; not covered by the signature. */
  buffers: Uint8Array[];
}

/** Given to the worker thread when it starts. */
export interface WorkerStart {
  connection: Connection;
  session: string;
  /** What `kernel_info_reply` says of the language. */
  info: JsonObject;
  /** The folder of the notebook, where the language can be debugged. */
  debugged: string | undefined;
  /** Memory that both threads see: whether an interrupt is raised. */
  interruptMemory: SharedArrayBuffer;
  /** Bytes that JavaScript's values may take in the main thread. */
  heapLimit: number;
  connectionFile: string;
  /** This thread's end of the channel to the main thread. */
  port: MessagePort;
}

/** Worker → main. */
export type Inbound =
  | { kind: "message"; socket: "shell" | "stdin"; message: WireMessage }
  | { kind: "interrupt"; number: number }
  /** Asks whether the event loop turns. */
  | { kind: "ping"; number: number }
  | { kind: "exit"; code: number };

/** What a request is for: a cell, a widget's message, or anything else. */
export type Work = "cell" | "comm" | "other";

/** Main → worker. JSON is serialized by the sender, so that only strings and buffers cross. */
export type Outbound =
  | {
      kind: "send";
      socket: SocketName;
      identities: Uint8Array[];
      type: string;
      parentHeader: string;
      metadata: string;
      content: string;
      buffers: Uint8Array[];
    }
  | { kind: "stream"; name: StreamName; text: string; parentHeader: string }
  | { kind: "status"; state: "busy" | "idle"; parentHeader: string; work: Work };
