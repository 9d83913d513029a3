/**
 * The kernel's second thread: owns the ZeroMQ sockets, checks and makes signatures, and answers by itself whatever
 * must be answered while a cell computes (heartbeat, kernel_info, interrupt, shutdown).
 */
import { workerData } from "node:worker_threads";
import type { JsonObject } from "../../comms/message.js";
import { type KernelDebugger, kernelDebugger } from "../debugger/debugger.js";
import { log } from "../log.js";
import { endChildren, leaveNoChildren } from "./children.js";
import { portsOf } from "./connection.js";
import { endUnheard } from "./end-unheard.js";
import { kernelInfo } from "./info.js";
import { endSynchronousWork, FULL, isHeard, raiseInterrupt } from "./interrupt-flag.js";
import { lastWords } from "./last-words.js";
import { lateBusy } from "./late-busy.js";
import { leave } from "./leave.js";
import type { Inbound, Outbound, SocketName, WireMessage, WorkerStart } from "./link.js";
import { memoryWatch } from "./memory-watch.js";
import { openSockets, type Sockets } from "./sockets.js";
import { streamBuffer } from "./stream-buffer.js";
import { terminateMainThread } from "./terminate.js";
import { makeHeader, wireFormat } from "./wire.js";

/** A cell that has not stopped by itself this long after an interrupt is ended, in milliseconds. */
const PATIENCE = 150;
/** How long after an interrupt programs are ended that the kernel waits for, in milliseconds. */
const CHILDREN = 1000;
/** How long after an interrupt it is said that nothing ends what runs, in milliseconds. */
const UNENDED = 5000;
const UNHEARD =
  "The interrupt is not heard: what runs is no JavaScript (a native library, or a program that is waited for), or code of the kernel. " +
  "Wait for it, or restart the kernel (the notebook's variables are lost then).\n";
const ended = (cell: string) =>
  `The kernel before this one ended in the midst of ${cell}, and Jupyter started it anew: its variables are gone, and cells that they came from must be ` +
  "run again. Where it was memory that gave out, Jupyter's log says so; started with NODE_OPTIONS=--max-old-space-size=8192 it allows more.\n";
/** How long leaving may take after a shutdown request, in milliseconds. */
const EXIT_GRACE = 4500;

const {
  connection,
  session,
  info: language,
  debugged,
  interruptMemory,
  port: main,
  ...start
} = workerData as WorkerStart;
const wire = wireFormat(connection.key, connection.signature_scheme);
const info = kernelInfo(language, debugged !== undefined);

const memory = memoryWatch(start.heapLimit, (used) => {
  Atomics.store(new Int32Array(interruptMemory), FULL, Math.round(used / 1e6));
  interrupt();
});
const note = lastWords(start.connectionFile);
/** The cell in which the kernel before this one ended, until its reader is told. */
let lostIn = note.taken();

/** Header of the cell that runs now: after our own `idle` the front end must hear `busy` again. */
let runningCell: string | undefined;
let closing = false;

const streams = streamBuffer((name, text, parentHeader) =>
  transmit("iopub", [Buffer.from(`stream.${name}`)], "stream", parentHeader, "{}", JSON.stringify({ name, text }), []),
);

let events = 0;
const debug =
  debugged === undefined
    ? undefined
    : kernelDebugger(debugged, (event, body) => {
        events += 1;
        publish("debug_event", runningCell ?? "{}", JSON.stringify({ type: "event", seq: events, event, body }));
      });

const messages = lateBusy((parentHeader) => publishStatus("busy", parentHeader));

function transmit(
  socket: SocketName,
  identities: Uint8Array[],
  type: string,
  parentHeader: string,
  metadata: string,
  content: string,
  buffers: Uint8Array[],
): void {
  const header = JSON.stringify(makeHeader(type, session));
  sockets.send(socket, wire.encode(identities, [header, parentHeader, metadata, content], buffers));
}

function publish(
  type: string,
  parentHeader: string,
  content: string,
  metadata = "{}",
  buffers: Uint8Array[] = [],
): void {
  streams.flush();
  transmit("iopub", [Buffer.from(type)], type, parentHeader, metadata, content, buffers);
}

function publishStatus(state: string, parentHeader: string): void {
  publish("status", parentHeader, JSON.stringify({ execution_state: state }));
}

function post(message: Inbound, transfer: ArrayBuffer[] = []): void {
  main.postMessage(message, transfer);
}

type Answer = [type: string, content: JsonObject];

/** Runs `answer` between `busy` and `idle`, as every request is. */
function handle(socket: "shell" | "control", message: WireMessage, answer: () => Answer): void {
  const parentHeader = JSON.stringify(message.header);
  publishStatus("busy", parentHeader);
  finish(socket, message, parentHeader, answer());
}

function finish(socket: "shell" | "control", message: WireMessage, parentHeader: string, answer: Answer): void {
  const [type, content] = answer;
  transmit(socket, message.identities, type, parentHeader, "{}", JSON.stringify(content), []);
  publishStatus("idle", parentHeader);
  if (runningCell !== undefined) publishStatus("busy", runningCell);
}

/** The debugger asks the main thread, and is answered in its time. */
async function answerDebugger(socket: "shell" | "control", message: WireMessage, debug: KernelDebugger): Promise<void> {
  const parentHeader = JSON.stringify(message.header);
  publishStatus("busy", parentHeader);
  const content = await debug.reply(message.content);
  if (!closing) finish(socket, message, parentHeader, ["debug_reply", content]);
}

/** Whoever asks on the control channel what it does not answer is told so, and does not wait. */
function refuse(message: WireMessage): void {
  const type = String(message.header["msg_type"]);
  log(`no answer to ${type} on the control channel`);
  if (!type.endsWith("_request")) return;
  const evalue = `The control channel of this kernel does not know the message type ${type}; it answers kernel_info, interrupt, shutdown, connect and debug`;
  const failed = { status: "error", ename: "RangeError", evalue, traceback: [] };
  handle("control", message, () => [type.replace(/_request$/, "_reply"), failed]);
}

function interrupt(): void {
  const cell = runningCell;
  const number = raiseInterrupt(interruptMemory);
  post({ kind: "interrupt", number });
  endStop();
  // Loops of the cell see the flag; a synchronous call into a library must be ended by the engine.
  setTimeout(() => {
    if (cell !== undefined && runningCell === cell) endSynchronousWork(interruptMemory, terminateMainThread);
  }, PATIENCE);
  const unheard = () => !closing && !isHeard(interruptMemory, number);
  // What waits for a program that it has started hears nothing before that has ended.
  setTimeout(() => unheard() && endChildren(), CHILDREN).unref();
  void endUnheard(interruptMemory, (ping) => post({ kind: "ping", number: ping }), UNENDED).then((ended) => {
    if (ended || closing) return;
    const running = runningCell ?? cell ?? "{}";
    publish("stream", running, JSON.stringify({ name: "stderr", text: UNHEARD }));
    log("an interrupt was not heard in 5 s");
  });
}

/** Code that is stopped hears no interrupt: it is let go, and ended where it may be. */
function endStop(): void {
  if (debug === undefined) return;
  let isEnded = false;
  if (debug.isStopped()) {
    endSynchronousWork(interruptMemory, () => {
      isEnded = true;
      debug.interrupt({ isEnded, isCell: runningCell !== undefined });
    });
  }
  if (!isEnded) debug.interrupt({ isEnded, isCell: runningCell !== undefined });
}

async function shutDown(): Promise<void> {
  if (closing) return;
  closing = true;
  memory.end();
  note.end();
  streams.flush();
  interrupt();
  await leave({
    // An open ZeroMQ socket aborts the process when it exits.
    async close() {
      debug?.close();
      await Promise.all([sockets.close(), leaveNoChildren()]);
    },
    exit: () => post({ kind: "exit", code: 0 }),
    kill: () => process.kill(process.pid, "SIGKILL"),
    grace: EXIT_GRACE,
  });
}

function receive(socket: "shell" | "control" | "stdin", frames: Uint8Array[]): void {
  try {
    take(socket, wire.decode(frames));
  } catch (error) {
    log(`dropped a message on ${socket}: ${(error as Error).message}`);
  }
}

function take(socket: "shell" | "control" | "stdin", message: WireMessage): void {
  const type = message.header["msg_type"];
  if (type === "kernel_info_request" && socket !== "stdin") {
    handle(socket, message, () => ["kernel_info_reply", info]);
  } else if (type === "interrupt_request" && socket !== "stdin") {
    handle(socket, message, () => {
      interrupt();
      return ["interrupt_reply", { status: "ok" }];
    });
  } else if (type === "shutdown_request" && socket !== "stdin") {
    const restart = message.content["restart"] === true;
    handle(socket, message, () => ["shutdown_reply", { status: "ok", restart }]);
    void shutDown();
  } else if (type === "connect_request" && socket !== "stdin") {
    handle(socket, message, () => ["connect_reply", { status: "ok", ...portsOf(connection) }]);
  } else if (type === "debug_request" && debug && socket !== "stdin") {
    void answerDebugger(socket, message, debug);
  } else if (socket === "control") {
    refuse(message);
  } else {
    // ZeroMQ owns the memory of its frames: one copy, which then moves to the main thread.
    const buffers = message.buffers.map((buffer) => new Uint8Array(buffer));
    const identities = message.identities.map((identity) => new Uint8Array(identity));
    post(
      { kind: "message", socket, message: { ...message, identities, buffers } },
      buffers.map((buffer) => buffer.buffer),
    );
  }
}

main.on("message", (outbound: Outbound) => {
  if (closing) return;
  if (outbound.kind === "stream") {
    streams.write(outbound.name, outbound.text, outbound.parentHeader);
  } else if (outbound.kind === "status") {
    const { state, parentHeader, work } = outbound;
    if (work === "cell") runningCell = state === "busy" ? parentHeader : undefined;
    if (work === "cell" && state === "busy") memory.begin();
    if (work === "cell" && state === "idle") {
      memory.end();
      note.end();
    }
    if (work === "cell" && state === "idle") debug?.cellEnded();
    if (work === "comm" && state === "busy") messages.begin(parentHeader);
    else {
      messages.end(parentHeader);
      publishStatus(state, parentHeader);
    }
  } else if (outbound.socket === "iopub") {
    if (outbound.type === "execute_input") cellBegins(outbound);
    publish(outbound.type, outbound.parentHeader, outbound.content, outbound.metadata, outbound.buffers);
  } else {
    const { socket, identities, type, parentHeader, metadata, content, buffers } = outbound;
    // A reply must not overtake the text that the request printed.
    streams.flush();
    transmit(socket, identities, type, parentHeader, metadata, content, buffers);
  }
});

/** Notes which cell runs, and tells the reader of the first one what became of the kernel before. */
function cellBegins({ content, parentHeader }: { content: string; parentHeader: string }): void {
  const { execution_count: number } = JSON.parse(content) as { execution_count: number };
  note.begin(`Cell In[${number}]`);
  if (lostIn === undefined) return;
  publish("stream", parentHeader, JSON.stringify({ name: "stderr", text: ended(lostIn) }));
  lostIn = undefined;
}

/** A kernel whose server died has nobody to answer to. */
function leaveWithParent(): void {
  if (process.env["JPY_PARENT_PID"] === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) void shutDown();
  }, 1000).unref();
}

const sockets: Sockets = await openSockets(connection, receive, (topic) =>
  // The topic of the message must match the subscription, so that the new subscriber is among those who get it.
  transmit("iopub", [Buffer.from(topic)], "iopub_welcome", "{}", "{}", JSON.stringify({ subscription: topic }), []),
);
publishStatus("starting", "{}");
leaveWithParent();
