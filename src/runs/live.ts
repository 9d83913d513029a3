import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { RunError } from "./errors.js";
import type { RunProgress } from "./run.js";

export interface LiveOptions {
  /** 0 for any that is free. */
  readonly port: number;
  /** Default 127.0.0.1; anything but loopback needs a token. */
  readonly host?: string;
  readonly token?: string;
}

/** A page that shows how far a run is, for as long as it runs. */
export interface LivePage {
  readonly address: string;
  tell(progress: RunProgress): void;
  close(): Promise<void>;
}

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;

/**
 * Serves how far a run is: `/` a page, `/status.json`, and `/metrics` in Prometheus' text format.
 *
 * @throws RunError where others could look without a token, or the port is taken
 */
export async function livePage(name: string, { port, host = "127.0.0.1", token }: LiveOptions): Promise<LivePage> {
  if (!LOOPBACK.test(host) && (token === undefined || token.length < 16)) {
    throw new RunError(
      `A page on ${host} can be seen by others: set LIMPID_LIVE_TOKEN to at least 16 characters, or leave out --live-host`,
    );
  }
  let progress: RunProgress | undefined;
  const server = createServer((request, response) => {
    if (!mayLook(request, token))
      return answer(response, 401, "text/plain", "a token is needed: ?token=… or Authorization: Bearer …\n");
    // Only pages of this server ask by its own name: another's name that was pointed here is no reader's.
    if (LOOPBACK.test(host) && !LOOPBACK.test(hostOf(request)))
      return answer(response, 403, "text/plain", "this page is asked for by the address of this machine\n");
    const { pathname } = new URL(request.url ?? "/", "http://page");
    if (request.method !== "GET") return answer(response, 405, "text/plain", "GET only\n");
    if (pathname === "/") return answer(response, 200, "text/html", page(name, progress));
    if (pathname === "/status.json")
      return answer(response, 200, "application/json", JSON.stringify({ name, ...progress }));
    if (pathname === "/metrics") return answer(response, 200, "text/plain", metrics(progress));
    return answer(response, 404, "text/plain", "there are /, /status.json and /metrics\n");
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(new RunError(`The page cannot be served on ${host}:${port}: ${cause.message}`, { cause })),
    );
    server.listen(port, host, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    address: `http://${host.includes(":") ? `[${host}]` : host}:${taken}/`,
    tell: (next) => {
      progress = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const hostOf = ({ headers }: IncomingMessage) => (headers.host ?? "").replace(/:\d+$/, "").replace(/^\[|\]$/g, "");

function mayLook({ headers, url }: IncomingMessage, token: string | undefined): boolean {
  if (token === undefined) return true;
  const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];
  const given = bearer ?? new URL(url ?? "/", "http://page").searchParams.get("token") ?? "";
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(token));
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    "content-type": `${type}; charset=utf-8`,
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  });
  response.end(body);
}

function metrics(progress: RunProgress | undefined): string {
  const rows: [name: string, help: string, value: number | undefined][] = [
    ["limpid_samples_done", "Samples that the store holds.", progress?.done],
    ["limpid_samples_total", "Samples of the data set.", progress?.total],
    ["limpid_samples_failed", "Samples that could not be read or explained in this run.", progress?.failed],
    ["limpid_shards_done", "Shards that the store holds.", progress?.shards[0]],
    ["limpid_samples_per_second", "Samples a second since the run began.", progress?.rate],
    ["limpid_seconds_left", "Seconds that are left at that rate.", progress?.left],
  ];
  return rows
    .filter(([, , value]) => value !== undefined)
    .map(([name, help, value]) => `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name} ${value}\n`)
    .join("");
}

const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const short = (value: number) => (value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3));

function page(name: string, progress: RunProgress | undefined): string {
  const { done = 0, total = 0, rate, left, shards = [0, 0], failed = 0 } = progress ?? {};
  const rows = [
    ["samples", `${done.toLocaleString("en")} of ${total.toLocaleString("en")}`],
    ["shards", `${shards[0]} of ${shards[1]}`],
    ["rate", rate === undefined ? "not known yet" : `${short(rate)} a second`],
    [
      "time left",
      left === undefined
        ? "not known yet"
        : left > 7200
          ? `${short(left / 3600)} hours`
          : `${short(left / 60)} minutes`,
    ],
    ["failed", String(failed)],
  ];
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<meta name="viewport" content="width=device-width"><title>${escaped(name)}</title><style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 34rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.2rem; overflow-wrap: anywhere } progress { width: 100%; height: 1rem }
td { padding: 0.1rem 1.5rem 0.1rem 0; font-variant-numeric: tabular-nums }
</style></head><body><h1>${escaped(name)}</h1>
<progress value="${done}" max="${Math.max(1, total)}" aria-label="samples done">${done} of ${total}</progress>
<table>${rows.map(([what, value]) => `<tr><td>${what}</td><td>${value}</td></tr>`).join("")}</table></body></html>
`;
}
