/** A small Jupyter front end over real ZeroMQ, for tests: starts the kernel process and talks to it. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Dealer, Request, Subscriber } from "zeromq";
import type { JsonObject } from "../../src/comms/message.js";
import type { WireMessage } from "../../src/kernel/server/link.js";
import { type JsonFrames, makeHeader, wireFormat } from "../../src/kernel/server/wire.js";
import { freePorts } from "./ports.js";

const KERNEL = fileURLToPath(new URL("../../src/kernel/main.js", import.meta.url));
const KEY = "a key for tests";

export interface Executed {
  reply: JsonObject;
  /** All that was published for the request, `busy` and `idle` left out. */
  published: WireMessage[];
  stdout: string;
  stderr: string;
  /** text/plain of the result. */
  result: string | undefined;
  /** MIME bundle of the result. */
  data: JsonObject | undefined;
}

export interface ExecuteOptions {
  silent?: boolean;
  store_history?: boolean;
  stop_on_error?: boolean;
  allow_stdin?: boolean;
  user_expressions?: JsonObject;
}

export type Client = Awaited<ReturnType<typeof startKernel>>;

export const typeOf = (message: WireMessage): string => String(message.header["msg_type"]);
const parentOf = (message: WireMessage): unknown => message.parentHeader["msg_id"];

/** Starts a kernel, by default Limpid's, in a new empty folder and waits until it answers. */
export async function startKernel({
  program = KERNEL,
  history = "off",
  env = {},
  connectionFile = "",
  args = (file: string) => [file],
} = {}) {
  const folder = mkdtempSync(join(tmpdir(), "limpid-kernel-"));
  const [shell_port, control_port, iopub_port, stdin_port, hb_port] = (await freePorts(5)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const connection = { shell_port, control_port, iopub_port, stdin_port, hb_port };
  const file = connectionFile || join(mkdtempSync(join(tmpdir(), "limpid-connection-")), "kernel.json");
  const common = { transport: "tcp", ip: "127.0.0.1", key: KEY, signature_scheme: "hmac-sha256" };
  writeFileSync(file, JSON.stringify({ ...connection, ...common }));
  const child = spawn(process.execPath, [program, ...args(file)], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: "2", LIMPID_HISTORY: history, ...env },
  });
  let log = "";
  child.stderr.on("data", (chunk) => {
    log += chunk;
  });
  child.stdout.on("data", (chunk) => {
    log += chunk;
  });
  const exited = new Promise<number | null>((resolve) => child.on("exit", (code) => resolve(code)));

  const session = crypto.randomUUID();
  const wire = wireFormat(KEY, "hmac-sha256");
  const at = (port: number) => `tcp://127.0.0.1:${port}`;
  const sockets = {
    shell: new Dealer({ routingId: session, linger: 0 }),
    control: new Dealer({ routingId: session, linger: 0 }),
    stdin: new Dealer({ routingId: session, linger: 0 }),
  };
  const iopub = new Subscriber({ linger: 0 });
  sockets.shell.connect(at(shell_port));
  sockets.control.connect(at(control_port));
  sockets.stdin.connect(at(stdin_port));
  iopub.connect(at(iopub_port));
  iopub.subscribe();

  /** Everything received so far, and who waits for what is next. */
  const received: { shell: WireMessage[]; control: WireMessage[]; stdin: WireMessage[]; iopub: WireMessage[] } = {
    shell: [],
    control: [],
    stdin: [],
    iopub: [],
  };
  let wake: (() => void)[] = [];
  for (const [name, socket] of Object.entries({ ...sockets, iopub }) as [keyof typeof received, Dealer][]) {
    void (async () => {
      for await (const frames of socket) {
        received[name].push(wire.decode(frames));
        const woken = wake;
        wake = [];
        for (const resolve of woken) resolve();
      }
    })().catch(() => {});
  }

  async function until<T>(find: () => T | undefined, what: string, milliseconds = 60_000): Promise<T> {
    const deadline = Date.now() + milliseconds;
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`Waited ${milliseconds} ms for ${what}. Kernel's log: ${log}`);
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        new Promise<void>((resolve) => wake.push(resolve)),
        new Promise<void>((resolve) => {
          timer = setTimeout(resolve, left);
        }),
      ]);
      clearTimeout(timer);
    }
  }

  async function sendFrames(
    socket: "shell" | "control" | "stdin",
    json: JsonFrames,
    buffers: Uint8Array[] = [],
    key = KEY,
  ): Promise<void> {
    await sockets[socket].send(wireFormat(key, "hmac-sha256").encode([], json, buffers));
  }

  /** Sends a message and returns its id. */
  async function send(
    socket: "shell" | "control" | "stdin",
    type: string,
    content: JsonObject,
    { buffers = [] as Uint8Array[], key = KEY, parent = {} as JsonObject, metadata = {} as JsonObject } = {},
  ): Promise<string> {
    const header = makeHeader(type, session);
    const json = [header, parent, metadata, content].map((part) => JSON.stringify(part));
    await sendFrames(socket, json as JsonFrames, buffers, key);
    return String(header["msg_id"]);
  }

  const replyTo = (id: string, socket: "shell" | "control" = "shell") =>
    until(() => received[socket].find((m) => parentOf(m) === id), `the reply to ${id}`, 60_000);

  const published = (id: string): WireMessage[] => received.iopub.filter((m) => parentOf(m) === id);

  const isIdle = (m: WireMessage) => typeOf(m) === "status" && m.content["execution_state"] === "idle";

  async function idle(id: string): Promise<WireMessage[]> {
    await until(() => published(id).find(isIdle), `idle after ${id}`);
    return published(id);
  }

  async function request(
    type: string,
    content: JsonObject = {},
    socket: "shell" | "control" = "shell",
  ): Promise<JsonObject> {
    const id = await send(socket, type, content);
    const { content: answer } = await replyTo(id, socket);
    await idle(id);
    return answer;
  }

  function executeRequest(code: string, options: ExecuteOptions = {}): Promise<string> {
    const defaults = { silent: false, store_history: true, user_expressions: {}, allow_stdin: false };
    return send("shell", "execute_request", { code, stop_on_error: true, ...defaults, ...options });
  }

  async function executed(id: string): Promise<Executed> {
    const { content: reply } = await replyTo(id);
    const all = await idle(id);
    const text = (name: string) =>
      all
        .filter((m) => typeOf(m) === "stream" && m.content["name"] === name)
        .map((m) => m.content["text"])
        .join("");
    const data = all.find((m) => typeOf(m) === "execute_result")?.content["data"] as JsonObject | undefined;
    return {
      reply,
      published: all.filter((m) => typeOf(m) !== "status"),
      stdout: text("stdout"),
      stderr: text("stderr"),
      result: data?.["text/plain"] as string | undefined,
      data,
    };
  }

  async function execute(code: string, options: ExecuteOptions = {}): Promise<Executed> {
    return executed(await executeRequest(code, options));
  }

  /** Executes a cell that must succeed, and returns the text of its result. */
  async function evaluate(code: string): Promise<string | undefined> {
    const { reply, result } = await execute(code);
    if (reply["status"] !== "ok") throw new Error(`${reply["ename"]}: ${reply["evalue"]}\n${plain(reply)}`);
    return result;
  }

  async function heartbeat(): Promise<string> {
    const socket = new Request({ linger: 0, receiveTimeout: 2000 });
    socket.connect(at(hb_port));
    await socket.send("ping");
    const [answer] = await socket.receive();
    socket.close();
    return String(answer);
  }

  /** Ends the kernel and returns its exit code. */
  async function stop(): Promise<number | null> {
    if (child.exitCode === null && child.signalCode === null) {
      await send("control", "shutdown_request", { restart: false });
      const killer = setTimeout(() => child.kill("SIGKILL"), 5000);
      await exited;
      clearTimeout(killer);
    }
    for (const socket of [...Object.values(sockets), iopub]) socket.close();
    return exited;
  }

  // The subscription takes effect some time after the kernel has bound its sockets.
  for (;;) {
    const id = await send("shell", "kernel_info_request", {});
    await replyTo(id);
    const seen = await until(() => published(id).find(isIdle), "the subscription", 200).catch(() => undefined);
    if (seen) break;
  }

  return {
    folder,
    connectionFile: file,
    child: child as ChildProcess,
    exited,
    received,
    send,
    sendFrames,
    until,
    replyTo,
    published,
    idle,
    request,
    execute,
    executed,
    executeRequest,
    evaluate,
    heartbeat,
    stop,
    log: () => log,
  };
}

/** The traceback without colors. */
export function plain(reply: JsonObject): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the colors.
  return ((reply["traceback"] ?? []) as string[]).join("\n").replace(/\u001b\[[\d;]*m/g, "");
}
