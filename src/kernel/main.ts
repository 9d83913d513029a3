/** Starts the kernel: `node main.js CONNECTION_FILE`. This thread runs the cells; the other one talks to Jupyter. */
import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import { type Host, provideHost } from "../comms/host.js";
import { CommManager } from "../comms/manager.js";
import { defaultBundle } from "./runtime/display.js";
import { exitKernel, guardProcess } from "./runtime/guard.js";
import { inspectPromisesPlainly } from "./runtime/inspect-promises.js";
import { modules } from "./runtime/modules.js";
import { runner } from "./runtime/run.js";
import { installStackTraces } from "./runtime/stack.js";
import { connectTslab } from "./runtime/tslab.js";
import { readConnection } from "./server/connection.js";
import type { Inbound, WorkerStart } from "./server/link.js";
import { log } from "./server/log.js";
import { executor } from "./session/execute.js";
import { history } from "./session/history.js";
import { inputs } from "./session/input.js";
import { interrupts } from "./session/interrupt.js";
import { INTERRUPT_BYTES } from "./session/interrupt-flag.js";
import { outbox as makeOutbox } from "./session/outbox.js";
import { session as makeSession } from "./session/session.js";
import { captureStreams } from "./session/streams.js";

const [, , connectionFile] = process.argv;
if (connectionFile === undefined) {
  log("usage: node main.js CONNECTION_FILE (Jupyter starts it so; a reader starts JupyterLab)");
  process.exit(2);
}

/** Some turns of the event loop, in milliseconds. */
const LOADING_PAUSE = 5;

const folder = process.cwd();
const interruptMemory = new SharedArrayBuffer(INTERRUPT_BYTES);
const { port1: port, port2: workerPort } = new MessageChannel();
const start: WorkerStart = {
  connection: readConnection(connectionFile),
  session: crypto.randomUUID(),
  interruptMemory,
  port: workerPort,
};
const worker = new Worker(new URL("./server/worker.js", import.meta.url), {
  workerData: start,
  transferList: [workerPort],
});
worker.on("error", (error) => {
  log(`the thread that talks to Jupyter failed: ${error.stack ?? error}`);
  exitKernel(1);
});

const outbox = makeOutbox(port);
const interrupt = interrupts(interruptMemory);
const past = history();
const stdin = inputs(outbox);
const comms = new CommManager({
  send: (type, content, metadata, buffers) => outbox.publish(type, content, metadata, buffers),
});

const host: Host = {
  comms,
  display(data, { metadata = {}, displayId, update = false } = {}) {
    outbox.publish(update ? "update_display_data" : "display_data", {
      data: data as never,
      metadata,
      transient: displayId === undefined ? {} : { display_id: displayId },
    });
  },
  clearOutput: (wait = false) => outbox.publish("clear_output", { wait }),
  format: defaultBundle,
  poll,
};
provideHost(host);
Object.defineProperty(globalThis, "input", { value: stdin.input, writable: true, configurable: true });

installStackTraces();
inspectPromisesPlainly();
captureStreams(outbox);
guardProcess((error) => console.error(error));
process.on("SIGINT", () => interrupt.signal());

const loaded = modules(folder, (specifier, require) => connectTslab(specifier, require, host.display));
const language = import("./language/language.js").then(async ({ language }) => {
  // Loading takes a second in which nothing else happens: what has arrived is answered in between, an interrupted cell too.
  await new Promise((resolve) => setTimeout(resolve, LOADING_PAUSE));
  return language(folder);
});

const session = makeSession(
  {
    outbox,
    comms,
    history: past,
    interrupts: interrupt,
    executor: executor({
      outbox,
      history: past,
      runner: runner(folder, loaded, interrupt),
      language,
      interrupts: interrupt,
      onEnd: (context) => stdin.forget(context),
    }),
    complete: async (code, cursor) => (await language).complete(code, cursor),
    inspect: async (code, cursor) => (await language).inspect(code, cursor),
    completeness: async (code) => (await language).completeness(code),
  },
  collect,
);

/** Messages that were taken from the port while a cell computed, and wait for their turn. */
const inbox: Inbound[] = [];

function deliver(inbound: Inbound): void {
  if (inbound.kind === "interrupt") interrupt.raise(inbound.number);
  else if (inbound.kind === "exit") exitKernel(inbound.code);
  else if (inbound.socket === "stdin") stdin.answer(inbound.message.content);
  else session.receive(inbound.message);
}

function deliverInbox(): void {
  for (let inbound = inbox.shift(); inbound; inbound = inbox.shift()) deliver(inbound);
}

/** Puts all that has arrived where it belongs, without waiting for the event loop. */
function collect(): void {
  takeWaiting();
  deliverInbox();
}

function takeWaiting(): void {
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port))
    inbox.push(next.message as Inbound);
}

/** Handles waiting comm messages now; everything else keeps its order and its time. */
function poll(): number {
  takeWaiting();
  let handled = 0;
  for (const inbound of inbox.splice(0)) {
    if (inbound.kind === "message" && session.isComm(inbound.message)) {
      session.handleComm(inbound.message);
      handled += 1;
    } else {
      inbox.push(inbound);
    }
  }
  if (inbox.length > 0) setImmediate(deliverInbox);
  return handled;
}

port.on("message", (inbound: Inbound) => {
  deliverInbox();
  deliver(inbound);
});
