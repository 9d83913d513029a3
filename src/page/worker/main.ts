/** The page's kernel: a worker in which the cells of a notebook run as they ran in Node.js. */
import "./prelude.js";
import { startBackend } from "../../kernel-helpers/tensorflow/backend.js";
import { type NotebookRecording, recordCells } from "../../reports/recorder/recording.js";
import { embed } from "../platform/embedded.js";
import { listenToDecoding } from "../platform/pictures.js";
import { useWasm } from "../platform/tensorflow.js";
import type { PageCell, ToWorker } from "../protocol.js";
import { cellRunner } from "./cells.js";
import { captureConsole } from "./console.js";
import { describeError } from "./errors.js";
import { type Post, pageHost } from "./host.js";
import { interruption as newInterruption } from "./interruption.js";

const worker = globalThis as unknown as {
  postMessage(message: unknown, transfer: Transferable[]): void;
  onmessage: (event: { data: ToWorker }) => void;
};
const post: Post = (message, transfer = []) => worker.postMessage(message, transfer);
const reportError = (error: unknown) => {
  post({ type: "stream", cell: page.cell, name: "stderr", text: `${describeError(error).traceback.join("\n")}\n` });
};

const interruption = newInterruption();
const page = pageHost(post, interruption, reportError);
captureConsole(post, page);
globalThis.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  reportError(event.reason);
});
// A timer's error is its own: unhandled it would end the kernel.
globalThis.addEventListener("error", (event) => {
  event.preventDefault();
  reportError(event.error ?? event.message);
});
listenToDecoding((text) => post({ type: "note", cell: page.cell, text }));
const { run } = cellRunner(post, page, interruption);
/** What cells compute, where the page asked for it. */
let recorded: NotebookRecording | undefined;

/** Cells run one after another. */
let queue: Promise<unknown> = Promise.resolve();
const enqueue = (cell: PageCell) => {
  queue = queue.then(async () => {
    const ended = await run(cell);
    const values = recorded?.cells.at(-1);
    if (values) post({ type: "recorded", cell: cell.cell, values });
    post(ended);
  });
};

worker.onmessage = ({ data: message }) => {
  switch (message.type) {
    case "start":
      embed(message.resources);
      useWasm(message.wasm);
      if (message.record) recorded = recordCells(page.host);
      queue = startBackend().then(
        (info) => post({ type: "started", backend: { ...info } }),
        (error: unknown) => post({ type: "started", error: describeError(error) }),
      );
      break;
    case "run":
      enqueue(message.cell);
      break;
    case "stop":
      interruption.stop();
      break;
    case "comm":
      page.receive(message);
      break;
  }
};
