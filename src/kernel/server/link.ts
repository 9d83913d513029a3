import type { MessagePort } from "node:worker_threads";
import type { JsonObject } from "../../comms/message.js";
import type { Connection } from "./connection.js";
import type { WireMessage } from "./wire.js";

/** What the two threads of the kernel say to each other. */

export type SocketName = "shell" | "control" | "iopub" | "stdin";

/** Given to the worker thread when it starts. */
export interface WorkerStart {
  connection: Connection;
  session: string;
  /** Memory that both threads see: whether an interrupt is raised. */
  interruptMemory: SharedArrayBuffer;
  /** This thread's end of the channel to the main thread. */
  port: MessagePort;
}

/** Worker → main. */
export type Inbound =
  | { kind: "message"; socket: "shell" | "stdin"; message: WireMessage }
  | { kind: "interrupt"; number: number }
  | { kind: "exit"; code: number };

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
  | { kind: "stream"; name: "stdout" | "stderr"; text: string; parentHeader: string }
  | { kind: "status"; state: "busy" | "idle" | "starting"; parentHeader: string; cell: boolean };

export const PROTOCOL_VERSION = "5.3";

export function makeHeader(type: string, session: string): JsonObject {
  return {
    msg_id: crypto.randomUUID(),
    msg_type: type,
    session,
    username: "limpid",
    date: new Date().toISOString(),
    version: PROTOCOL_VERSION,
  };
}
