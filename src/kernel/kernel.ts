/** A kernel: the server in a thread of its own, and in this one the session with the interpreter that it is given. */
import { getHeapStatistics } from "node:v8";
import { MessageChannel, Worker } from "node:worker_threads";
import { CommManager } from "../comms/manager.js";
import { SUPPORT } from "./debug-support.js";
import type { Kernel, StartInterpreter } from "./interpreter.js";
import { log } from "./log.js";
import { reportError } from "./report.js";
import { readConnection } from "./server/connection.js";
import { INTERRUPT_BYTES } from "./server/interrupt-flag.js";
import type { Inbound, WorkerStart } from "./server/link.js";
import { executor } from "./session/execute.js";
import { history as makeHistory } from "./session/history.js";
import { historyFile, historyPath } from "./session/history-file.js";
import { inbox as makeInbox } from "./session/inbox.js";
import { inputs } from "./session/input.js";
import { interrupts as makeInterrupts } from "./session/interrupt.js";
import { outbox as makeOutbox } from "./session/outbox.js";
import { session as makeSession } from "./session/session.js";
import { captureConsole, captureStreams } from "./session/streams.js";

/** Ends the process, also when `process.exit` has become another. */
const exit = process.exit.bind(process);

/** Starts the kernel that a Jupyter server's connection file describes, in the folder of its notebook. */
export function startKernel(connectionFile: string, start: StartInterpreter): void {
  const connection = readConnection(connectionFile);
  const interruptMemory = new SharedArrayBuffer(INTERRUPT_BYTES);
  const { port1: port, port2: workerPort } = new MessageChannel();

  const outbox = makeOutbox(port);
  const interrupts = makeInterrupts(interruptMemory);
  const kept = historyPath(process.env);
  const history = makeHistory(kept === undefined ? undefined : historyFile(kept));
  const stdin = inputs(outbox);
  const comms = new CommManager({ send: outbox.publish }, reportError);
  captureStreams(outbox);
  process.on("SIGINT", interrupts.signal);

  const kernel: Kernel = {
    folder: process.cwd(),
    comms,
    display: outbox.display,
    clearOutput: (wait = false) => outbox.publish("clear_output", { wait }),
    poll: () => inbox.offer((inbound) => inbound.kind === "message" && session.takeComm(inbound.message)),
    captureConsole,
    input: stdin.input,
    hasReader: stdin.hasReader,
    interruption: interrupts,
  };
  const interpreter = start(kernel);
  if (interpreter.debug) Object.assign(globalThis, { [Symbol.for(SUPPORT)]: interpreter.debug });
  const session = makeSession({
    ...{ outbox, comms, history, interrupts, interpreter },
    executor: executor({ outbox, history, interpreter, interrupts, stdin }),
    collect: () => inbox.collect(),
  });
  const inbox = makeInbox(port, (inbound: Inbound) => {
    if (inbound.kind === "interrupt") interrupts.raise(inbound.number);
    else if (inbound.kind === "ping") {
      if (interrupts.answer(inbound.number)) session.recover();
    } else if (inbound.kind === "exit") exit(inbound.code);
    else if (inbound.socket === "stdin") stdin.answer(inbound.message.content);
    else session.receive(inbound.message);
  });

  const workerData: WorkerStart = {
    ...{ connection, interruptMemory, port: workerPort },
    ...{ connectionFile, heapLimit: getHeapStatistics().heap_size_limit },
    session: crypto.randomUUID(),
    info: interpreter.info,
    debugged: interpreter.debug && kernel.folder,
  };
  const worker = new Worker(new URL("./server/worker.js", import.meta.url), { workerData, transferList: [workerPort] });
  worker.on("error", (error) => {
    log(`the thread that talks to Jupyter failed: ${error.stack ?? error}`);
    exit(1);
  });
}
