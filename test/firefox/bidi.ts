/** Firefox without a window, driven by WebDriver BiDi over its own websocket: no other program stands between. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const STARTING = 60_000;

/** What makes a fresh Firefox call nobody, and everything that a page asks of the net fail at once. */
const PREFERENCES: Record<string, string | number | boolean> = {
  "network.proxy.type": 1,
  "network.proxy.http": "127.0.0.1",
  "network.proxy.http_port": 9,
  "network.proxy.ssl": "127.0.0.1",
  "network.proxy.ssl_port": 9,
  "network.proxy.socks": "127.0.0.1",
  "network.proxy.socks_port": 9,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "app.update.disabledForTesting": true,
  "browser.shell.checkDefaultBrowser": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "toolkit.telemetry.reportingpolicy.firstRun": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "browser.startup.page": 0,
};

interface Request {
  url: string;
}

/** A page in Firefox. */
export interface FirefoxPage {
  /** Everything that it asked for, by address. */
  readonly requests: readonly string[];
  /** What it wrote to its console as errors, and what it threw. */
  readonly errors: readonly string[];
  open(url: string): Promise<void>;
  /** The value of an expression in the page, which may be a promise. */
  evaluate<T>(expression: string): Promise<T>;
  /** Runs a function's source in every page before its own scripts. */
  prepare(source: string): Promise<void>;
  press(...keys: string[]): Promise<void>;
  screenshot(file: string): Promise<void>;
}

export interface Firefox {
  readonly version: string;
  page(width: number, height: number): Promise<FirefoxPage>;
  close(): Promise<void>;
}

/** Keys that are no letters, by their code points in WebDriver. */
const KEYS: Record<string, string> = { ArrowRight: "\uE014", ArrowLeft: "\uE012", Tab: "\uE004", Enter: "\uE007" };

async function addressOf(firefox: ChildProcess): Promise<string> {
  let log = "";
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`Firefox did not answer in time:\n${log}`)), STARTING);
    firefox.once("exit", (code) => reject(new Error(`Firefox ended with ${code}:\n${log}`)));
    firefox.stderr!.on("data", (text: Buffer) => {
      log += text;
      const found = /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(log);
      if (!found) return;
      clearTimeout(late);
      resolve(found[1]!);
    });
  });
}

/** Starts a Firefox with a profile of its own; everything ends with `close`. */
export async function startFirefox(program: string): Promise<Firefox> {
  const profile = await mkdtemp(join(tmpdir(), "limpid-firefox-"));
  const lines = Object.entries(PREFERENCES).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  );
  await writeFile(join(profile, "user.js"), lines.join("\n"));
  const firefox = spawn(program, ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: "1" },
  });
  const close = async () => {
    if (firefox.exitCode === null && firefox.signalCode === null) {
      const ended = once(firefox, "exit");
      firefox.kill("SIGTERM");
      const late = setTimeout(() => firefox.kill("SIGKILL"), 10_000);
      await ended;
      clearTimeout(late);
    }
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    const socket = new WebSocket(`${await addressOf(firefox)}/session`);
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error("Firefox's websocket cannot be opened"));
    });
    const waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
    const listeners: ((method: string, params: never) => void)[] = [];
    let last = 0;
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(String(data));
      if (message.type === "event") {
        for (const listener of listeners) listener(message.method, message.params as never);
        return;
      }
      const own = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.type === "error") own?.reject(new Error(`${message.error}: ${message.message}`));
      else own?.resolve(message.result as never);
    };
    const send = <T>(method: string, params: object): Promise<T> =>
      new Promise((resolve, reject) => {
        const id = ++last;
        waiting.set(id, { resolve, reject });
        socket.send(JSON.stringify({ id, method, params }));
      });
    const { capabilities } = await send<{ capabilities: { browserVersion: string } }>("session.new", {
      capabilities: {},
    });
    await send("session.subscribe", { events: ["network.beforeRequestSent", "log.entryAdded"] });
    return {
      version: capabilities.browserVersion,
      close,
      async page(width, height) {
        const { context } = await send<{ context: string }>("browsingContext.create", { type: "tab" });
        await send("browsingContext.setViewport", { context, viewport: { width, height } });
        const requests: string[] = [];
        const errors: string[] = [];
        listeners.push((method, params: { request?: Request; level?: string; text?: string }) => {
          if (method === "network.beforeRequestSent") requests.push(params.request!.url);
          else if (params.level === "error") errors.push(params.text ?? "");
        });
        const evaluate = async <T>(expression: string): Promise<T> => {
          const answer = await send<{ type: string; result: { value?: string }; exceptionDetails?: { text: string } }>(
            "script.evaluate",
            {
              // Values come as JSON: BiDi's own form of them needs a reader.
              expression: `Promise.resolve(${expression}).then((value) => JSON.stringify(value ?? null))`,
              target: { context },
              awaitPromise: true,
            },
          );
          if (answer.type === "exception") throw new Error(`${expression}: ${answer.exceptionDetails!.text}`);
          return JSON.parse(answer.result.value!) as T;
        };
        return {
          requests,
          errors,
          evaluate,
          async open(url) {
            await send("browsingContext.navigate", { context, url, wait: "none" });
          },
          async prepare(source) {
            await send("script.addPreloadScript", { functionDeclaration: source, contexts: [context] });
          },
          async press(...keys) {
            const actions = keys
              .map((key) => KEYS[key] ?? key)
              .flatMap((value) => [
                { type: "keyDown", value },
                { type: "keyUp", value },
              ]);
            await send("input.performActions", { context, actions: [{ type: "key", id: "keys", actions }] });
          },
          async screenshot(file) {
            const { data } = await send<{ data: string }>("browsingContext.captureScreenshot", { context });
            await writeFile(file, Buffer.from(data, "base64"));
          },
        };
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
