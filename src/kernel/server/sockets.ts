import { context, Reply, Router, XPublisher } from "zeromq";
import { log } from "../log.js";
import { address, type Connection } from "./connection.js";
import type { SocketName } from "./link.js";

type Frames = (string | Uint8Array)[];

/** First byte of a subscription; 0 takes one back. */
const SUBSCRIBE = 1;
/** How long a closing socket may still deliver what it holds, in milliseconds. */
const LINGER = 1000;

export interface Sockets {
  /** Queues one multipart message; messages of a socket leave in the order they were queued. */
  send(socket: SocketName, frames: Frames): void;
  /** Resolves when everything queued has been handed to ZeroMQ and the sockets are closed. */
  close(): Promise<void>;
}

/**
 * Binds the kernel's five sockets, answers heartbeats, calls `receive` for every message that arrives, and `welcome`
 * with the topic when a front end has subscribed to IOPub.
 * ZeroMQ refuses overlapping sends on one socket, so each socket has a queue.
 */
export async function openSockets(
  connection: Connection,
  receive: (socket: "shell" | "control" | "stdin", frames: Uint8Array[]) => void,
  welcome: (topic: string) => void,
): Promise<Sockets> {
  // What a front end that left did not take must not hold up, or be warned of, when the process ends.
  context.blocky = false;
  const options = { linger: LINGER, sendHighWaterMark: 0, receiveHighWaterMark: 0 };
  const routers = { shell: new Router(options), control: new Router(options), stdin: new Router(options) };
  const iopub = new XPublisher({ linger: LINGER, sendHighWaterMark: 0, verbosity: "allSubs" });
  const heartbeat = new Reply({ linger: 0 });
  await Promise.all([
    routers.shell.bind(address(connection, connection.shell_port)),
    routers.control.bind(address(connection, connection.control_port)),
    routers.stdin.bind(address(connection, connection.stdin_port)),
    iopub.bind(address(connection, connection.iopub_port)),
    heartbeat.bind(address(connection, connection.hb_port)),
  ]);

  const listening = [
    (async () => {
      for await (const frames of heartbeat) await heartbeat.send(frames);
    })(),
    (async () => {
      for await (const [frame] of iopub) if (frame?.[0] === SUBSCRIBE) welcome(frame.subarray(1).toString("utf8"));
    })(),
    ...(["shell", "control", "stdin"] as const).map(async (name) => {
      for await (const frames of routers[name]) receive(name, frames);
    }),
  ];
  // A closed socket ends its loop; some versions end it by an error.
  const ended = Promise.allSettled(listening);

  const queues = {
    shell: sendQueue(routers.shell),
    control: sendQueue(routers.control),
    stdin: sendQueue(routers.stdin),
    iopub: sendQueue(iopub),
  };
  return {
    send: (socket, frames) => queues[socket].push(frames),
    async close() {
      await Promise.all(Object.values(queues).map((queue) => queue.drained()));
      for (const socket of [...Object.values(routers), iopub, heartbeat]) socket.close();
      await ended;
    },
  };
}

function sendQueue(socket: { send(frames: Frames): Promise<void> }) {
  const waiting: Frames[] = [];
  let sending: Promise<void> | undefined;

  async function drain(): Promise<void> {
    for (let frames = waiting.shift(); frames; frames = waiting.shift()) {
      try {
        await socket.send(frames);
      } catch (error) {
        // A front end that went away cannot be answered; the others can.
        log(`a message was not sent: ${(error as Error).message}`);
      }
    }
    sending = undefined;
  }

  return {
    push(frames: Frames): void {
      waiting.push(frames);
      sending ??= drain();
    },
    async drained(): Promise<void> {
      while (sending) await sending;
    },
  };
}
