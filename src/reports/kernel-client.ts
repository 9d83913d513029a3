import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Dealer, Subscriber } from "zeromq";
import type { JsonObject } from "../comms/message.js";
import type { WireMessage } from "../kernel/server/link.js";
import { type JsonFrames, makeHeader, wireFormat } from "../kernel/server/wire.js";
import { KernelError } from "./errors.js";

export interface KernelOptions {
  /** The kernel's program, `kernel/main.js`. */
  readonly program: string;
  /** Its working folder: the notebook's. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What a request came to. */
export interface Reply {
  readonly status: "ok" | "error" | "aborted";
  readonly content: JsonObject;
}

export interface KernelClient {
  /**
   * Executes code. `onMessage` hears all that is published for it, also what comes after the reply (a timer's text).
   *
   * @throws KernelError when the kernel ends before it has answered
   */
  execute(code: string, options?: ExecuteOptions): Promise<Reply>;
  /** Stops what is being executed, by a message: a signal would not be heard in a loop. */
  interrupt(): void;
  /** How many milliseconds ago the kernel published something. */
  readonly quiet: number;
  /** Asks the kernel to end, and ends it where it does not. */
  stop(): Promise<void>;
  /** Ends it at once. */
  kill(): void;
}

interface ExecuteOptions {
  /** Of the reporter, not of the notebook: it has no number and stands in no history. */
  readonly silent?: boolean;
  /** Which cell it is: the recorder notes it. */
  readonly cellId?: string;
  readonly onMessage?: (type: string, content: JsonObject) => void;
}

/** Milliseconds until a kernel must have answered. */
const START = 60_000;
/** Milliseconds that a kernel has to end by itself. */
const LEAVE = 5000;
/** Milliseconds until a request is repeated whose answer the subscription may have come too late for. */
const KNOCK = 100;
/** How much of what the kernel's process wrote is told when it fails. */
const LOG = 2000;

/**
 * Starts a kernel process of our own on this machine and waits until it answers: ports of 127.0.0.1, each message signed by a key
 * that no one else has.
 *
 * @throws KernelError when it does not start
 */
export async function startKernel({ program, folder, env }: KernelOptions): Promise<KernelClient> {
  const key = randomBytes(32).toString("hex");
  const ports = await freePorts();
  const own = await mkdtemp(join(tmpdir(), "limpid-report-"));
  const file = join(own, "kernel.json");
  const transport = { transport: "tcp", ip: "127.0.0.1", key, signature_scheme: "hmac-sha256" };
  await writeFile(file, JSON.stringify({ ...transport, ...ports }), { mode: 0o600 });

  const child = spawn(process.execPath, [program, file], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    // With the first the kernel leaves when this process is gone, whichever number it says.
    env: { ...env, JPY_PARENT_PID: "1", TF_CPP_MIN_LOG_LEVEL: "2", LIMPID_HISTORY: "off" },
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      log = (log + chunk).slice(-LOG);
    });
  }
  let gone: KernelError | undefined;
  const exited = new Promise<void>((resolve) => {
    const end = (how: string) => {
      gone ??= new KernelError(`The kernel ended ${how}${log.trim() === "" ? "" : `; it said last:\n${log.trim()}`}`);
      for (const { reject } of waiting.values()) reject(gone);
      waiting.clear();
      resolve();
    };
    child.on("error", (error) => end(`before it began: ${error.message}`));
    child.on("exit", (code, signal) => end(signal === null ? `with code ${code}` : `by ${signal}`));
  });

  const session = crypto.randomUUID();
  const wire = wireFormat(key, "hmac-sha256");
  const sockets = { shell: new Dealer({ linger: 0 }), control: new Dealer({ linger: 0 }) };
  const iopub = new Subscriber({ linger: 0, receiveHighWaterMark: 0 });
  const at = (port: number) => `tcp://127.0.0.1:${port}`;
  sockets.shell.connect(at(ports.shell_port));
  sockets.control.connect(at(ports.control_port));
  iopub.connect(at(ports.iopub_port));
  iopub.subscribe();

  interface Waiting {
    reply?: Reply;
    idle: boolean;
    resolve(reply: Reply): void;
    reject(error: Error): void;
  }
  const waiting = new Map<string, Waiting>();
  const listeners = new Map<string, NonNullable<ExecuteOptions["onMessage"]>>();
  let last = performance.now();

  function settle(id: string): void {
    const request = waiting.get(id);
    if (!request?.idle || request.reply === undefined) return;
    waiting.delete(id);
    request.resolve(request.reply);
  }

  function heard(message: WireMessage): void {
    const id = String(message.parentHeader["msg_id"] ?? "");
    const type = String(message.header["msg_type"]);
    last = performance.now();
    if (type.endsWith("_reply")) {
      const request = waiting.get(id);
      if (request) request.reply = { status: message.content["status"] as Reply["status"], content: message.content };
    } else if (type === "status" && message.content["execution_state"] === "idle") {
      const request = waiting.get(id);
      if (request) request.idle = true;
    } else {
      listeners.get(id)?.(type, message.content);
    }
    settle(id);
  }

  for (const socket of [sockets.shell, sockets.control, iopub]) {
    void (async () => {
      for await (const frames of socket) heard(wire.decode(frames));
    })().catch(() => {
      // A socket that was closed ends its loop by an error.
    });
  }

  function request(socket: Dealer, type: string, content: JsonObject, options: ExecuteOptions = {}) {
    const { cellId, onMessage } = options;
    const header = makeHeader(type, session);
    const id = String(header["msg_id"]);
    const reply = new Promise<Reply>((resolve, reject) => {
      if (gone) {
        reject(gone);
        return;
      }
      waiting.set(id, { idle: false, resolve, reject });
      if (onMessage) listeners.set(id, onMessage);
      const metadata = cellId === undefined ? {} : { cellId };
      const frames = [header, {}, metadata, content].map((part) => JSON.stringify(part)) as unknown as JsonFrames;
      socket.send(wire.encode([], frames, [])).catch(reject);
    });
    reply.catch(() => {});
    return { id, reply };
  }

  async function stop(): Promise<void> {
    if (gone === undefined) {
      request(sockets.control, "shutdown_request", { restart: false });
      const late = setTimeout(() => child.kill("SIGKILL"), LEAVE);
      await exited;
      clearTimeout(late);
    }
    for (const socket of [...Object.values(sockets), iopub]) socket.close();
    await rm(own, { recursive: true, force: true });
  }

  // The subscription takes effect some time after the kernel has bound its sockets: until then nothing is heard of `idle`.
  const deadline = performance.now() + START;
  try {
    for (let isThere = false; !isThere; ) {
      if (performance.now() > deadline) {
        throw new KernelError(
          `The kernel did not answer within ${START / 1000} s${log === "" ? "" : `:\n${log.trim()}`}`,
        );
      }
      const { id, reply } = request(sockets.shell, "kernel_info_request", {});
      let timer: NodeJS.Timeout | undefined;
      const knocked = new Promise<false>((resolve) => {
        timer = setTimeout(() => resolve(false), KNOCK);
      });
      isThere = await Promise.race([reply.then(() => true), knocked]);
      clearTimeout(timer);
      waiting.delete(id);
    }
  } catch (error) {
    child.kill("SIGKILL");
    await stop();
    throw error;
  }

  return {
    async execute(code, options = {}) {
      const { silent = false } = options;
      const content = {
        code,
        silent,
        store_history: !silent,
        user_expressions: {},
        allow_stdin: false,
        stop_on_error: true,
      };
      return request(sockets.shell, "execute_request", content, options).reply;
    },
    interrupt: () => void request(sockets.control, "interrupt_request", {}),
    get quiet() {
      return performance.now() - last;
    },
    stop,
    kill: () => void child.kill("SIGKILL"),
  };
}

interface Ports {
  readonly shell_port: number;
  readonly control_port: number;
  readonly iopub_port: number;
  readonly stdin_port: number;
  readonly hb_port: number;
}

/** Five ports of this machine that nobody listens at. */
async function freePorts(): Promise<Ports> {
  const servers = Array.from({ length: 5 }, () => createServer());
  const [shell_port, control_port, iopub_port, stdin_port, hb_port] = (await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once("error", reject);
          server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
        }),
    ),
  )) as [number, number, number, number, number];
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return { shell_port, control_port, iopub_port, stdin_port, hb_port };
}
