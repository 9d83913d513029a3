/** A front end of the page's kernel, for tests: cells are compiled here, and run in a worker in Chromium. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "../../src/comms/message.js";
import { language } from "../../src/kernel/language/language.js";
import type { WireMessage } from "../../src/kernel/server/link.js";
import type { FromWorker, ToWorker } from "../../src/page/protocol.js";
import { wasmBinary, workerScript } from "../../src/reports/page-files.js";
import { ROOT, startBrowser, WAIT } from "../browser/lab.js";
import type { ProtocolClient } from "../comms/protocol-suite.js";
import { typeOf } from "../helpers/kernel.js";

/** A message as it passes between this process and the browser: bytes as base64. */
type Packed<T> = { readonly message: T; readonly buffers: readonly string[] };

interface TestPage {
  kernel: Worker;
  fromKernel(packed: string): void;
}

/** Starts the page's kernel in a page of its own. */
export async function startPageKernel(): Promise<ProtocolClient> {
  const folder = await mkdtemp(join(tmpdir(), "limpid-page-"));
  const compiler = language(folder);
  const browser = await startBrowser();
  const page = await browser.newPage();
  page.setDefaultTimeout(WAIT);
  const iopub: WireMessage[] = [];
  const replies = new Map<string, JsonObject>();
  /** Messages of the worker that say of no request whose they are: those of the request whose end comes next. */
  let unowned: WireMessage[] = [];
  const cells = new Map<number, string>();
  let wake: (() => void)[] = [];
  let count = 0;
  let started: (message: FromWorker) => void = () => {};

  const publish = (type: string, content: JsonObject, parent: JsonObject, more: Partial<WireMessage> = {}) => {
    const message = { header: { msg_type: type }, parentHeader: parent, metadata: {}, content, buffers: [], ...more };
    iopub.push(message as unknown as WireMessage);
    return message as unknown as WireMessage;
  };
  /** Of a cell that runs the messages are its own; later ones belong to the request that is being handled. */
  const ofCell = (cell: number, type: string, content: JsonObject, running: boolean) => {
    const id = cells.get(cell);
    const message = publish(type, content, running && id !== undefined ? { msg_id: id } : {});
    if (!running) unowned.push(message);
  };
  const running = new Set<number>();
  const adopt = (parent: JsonObject) => {
    for (const message of unowned) message.parentHeader = parent;
    unowned = [];
  };

  await page.exposeFunction("fromKernel", (text: string) => {
    const { message, buffers } = JSON.parse(text) as Packed<FromWorker>;
    switch (message.type) {
      case "started":
        started(message);
        break;
      case "comm":
        publish(message.message, message.content, ownedBy(message.parent), {
          metadata: message.metadata,
          buffers: buffers.map((bytes) => new Uint8Array(Buffer.from(bytes, "base64"))),
        });
        break;
      case "idle":
        adopt(message.header);
        publish("status", { execution_state: "idle" }, message.header);
        break;
      case "stream":
        ofCell(message.cell, "stream", { name: message.name, text: message.text }, running.has(message.cell));
        break;
      case "display":
        ofCell(message.cell, "display_data", { data: message.bundle as JsonObject }, running.has(message.cell));
        break;
      case "result":
        ofCell(message.cell, "execute_result", { data: message.bundle as JsonObject }, running.has(message.cell));
        break;
      case "error":
        replies.set(cells.get(message.cell)!, {
          status: "error",
          ...message.error,
          traceback: [...message.error.traceback],
        });
        break;
      case "ran": {
        const id = cells.get(message.cell)!;
        running.delete(message.cell);
        if (!replies.has(id)) replies.set(id, { status: "ok" });
        publish("status", { execution_state: "idle" }, { msg_id: id });
        break;
      }
    }
    const woken = wake;
    wake = [];
    for (const resolve of woken) resolve();
  });
  /** What code of a running cell sends is the cell's. */
  const ownedBy = (parent: JsonObject): JsonObject => {
    const cell = [...running].at(0);
    return Object.keys(parent).length > 0 || cell === undefined ? parent : { msg_id: cells.get(cell)! };
  };

  const script = new TextDecoder().decode(await workerScript());
  await page.evaluate((text) => {
    const scope = globalThis as unknown as TestPage;
    const worker = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
    scope.kernel = worker;
    const base64 = (bytes: Uint8Array) => {
      let binary = "";
      for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
      return btoa(binary);
    };
    worker.onmessage = ({ data }) => {
      const { buffers = [], ...message } = data as { buffers?: Uint8Array[] };
      scope.fromKernel(JSON.stringify({ message, buffers: buffers.map(base64) }));
    };
  }, script);

  const post = (message: ToWorker, buffers: readonly Uint8Array[] = []): Promise<void> =>
    page.evaluate(
      ([text, packed]) => {
        const bytes = packed.map((one) => Uint8Array.from(atob(one), (character) => character.charCodeAt(0)));
        const message = JSON.parse(text);
        const whole = message.type === "start" ? { ...message, wasm: bytes[0] } : { ...message, buffers: bytes };
        (globalThis as unknown as TestPage).kernel.postMessage(whole);
      },
      [JSON.stringify(message), buffers.map((bytes) => Buffer.from(bytes).toString("base64"))] as const,
    );
  const begun = new Promise<FromWorker>((resolve) => {
    started = resolve;
  });
  const resources = await carried(["mnist-cnn/model.json", "mnist-cnn/weights.bin"]);
  await post({ type: "start", wasm: new Uint8Array(), resources }, [await wasmBinary()]);
  const { error } = (await begun) as Extract<FromWorker, { type: "started" }>;
  if (error) throw new Error(error.traceback.join("\n"));

  async function until<T>(find: () => T | undefined, what: string, milliseconds = WAIT): Promise<T> {
    const deadline = Date.now() + milliseconds;
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error(`Waited ${milliseconds} ms for ${what}`);
      await Promise.race([
        new Promise<void>((resolve) => wake.push(resolve)),
        new Promise((resolve) => setTimeout(resolve, 100)),
      ]);
    }
  }
  const published = (id: string) => iopub.filter(({ parentHeader }) => parentHeader["msg_id"] === id);
  const isIdle = (message: WireMessage) =>
    typeOf(message) === "status" && message.content["execution_state"] === "idle";

  const client: ProtocolClient = {
    received: { shell: [], control: [], stdin: [], iopub },
    published,
    until,
    async send(_, type, content, { buffers = [], metadata = {} } = {}) {
      const header = { msg_id: crypto.randomUUID(), msg_type: type };
      const message = type as "comm_msg";
      await post({ type: "comm", message, content, metadata, buffers: [], header }, buffers);
      return header.msg_id;
    },
    async idle(id) {
      await until(() => published(id).find(isIdle), `idle after ${id}`);
      return published(id);
    },
    async executeRequest(code) {
      const id = crypto.randomUUID();
      const number = ++count;
      cells.set(number, id);
      running.add(number);
      publish("execute_input", { code }, { msg_id: id });
      const compiled = (await compiler).compile(code);
      await post({ type: "run", cell: { cell: number, name: `cell ${number}`, code: compiled.code } });
      return id;
    },
    async executed(id) {
      const reply = await until(() => (published(id).some(isIdle) ? replies.get(id) : undefined), `cell ${id}`, 60_000);
      const all = published(id);
      const text = (name: string) =>
        all
          .filter((message) => typeOf(message) === "stream" && message.content["name"] === name)
          .map((message) => message.content["text"])
          .join("");
      const data = all.find((message) => typeOf(message) === "execute_result")?.content["data"] as
        | JsonObject
        | undefined;
      return {
        reply,
        published: all.filter((message) => typeOf(message) !== "status"),
        stdout: text("stdout"),
        stderr: text("stderr"),
        result: data?.["text/plain"] as string | undefined,
        data,
      };
    },
    async execute(code) {
      return client.executed(await client.executeRequest(code));
    },
    async evaluate(code) {
      const { reply, result } = await client.execute(code);
      if (reply["status"] !== "ok") throw new Error(`${reply["ename"]}: ${reply["evalue"]}`);
      return result;
    },
    async stop() {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return client;
}

/** Files of this package, as a report embeds them. */
const carried = (files: readonly string[]) =>
  Promise.all(
    files.map(async (file) => ({
      key: `limpid:models/${file}`,
      kind: "file" as const,
      about: {},
      content: { text: (await readFile(join(ROOT, "models", file))).toString("base64"), encoding: "base64" as const },
    })),
  );
