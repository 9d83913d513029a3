import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Redis } from "ioredis";

const { testRedis } = (await import(new URL("../../../scripts/setup/redis.mjs", import.meta.url).href)) as {
  testRedis(log: (text: string) => void): Promise<string>;
};

/** A Redis server of a test's or a benchmark's own, on loopback and behind a password, which keeps what it holds in a file. */
export class RedisServer {
  #process: ChildProcess | undefined;

  private constructor(
    readonly program: string,
    readonly folder: string,
    readonly port: number,
    readonly password: string,
  ) {}

  static async start(folder: string): Promise<RedisServer> {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const redis = new RedisServer(await testRedis(console.log), folder, port, randomBytes(16).toString("hex"));
    await redis.begin();
    return redis;
  }

  get address(): string {
    return `redis://:${this.password}@127.0.0.1:${this.port}`;
  }

  /** Starts it, also after it was killed: what it held is there again. */
  async begin(): Promise<void> {
    const lines = ["bind 127.0.0.1", `port ${this.port}`, `requirepass ${this.password}`, `dir ${this.folder}`];
    const kept = ["appendonly yes", "appendfsync everysec", "maxmemory-policy noeviction", 'save ""'];
    writeFileSync(join(this.folder, "redis.conf"), `${[...lines, ...kept].join("\n")}\n`, { mode: 0o600 });
    this.#process = spawn(this.program, [join(this.folder, "redis.conf")], { stdio: "ignore" });
    const client = new Redis(this.address, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
    client.on("error", () => undefined);
    while ((await client.ping().catch(() => "")) !== "PONG") await wait(50);
    client.disconnect();
  }

  /** Ends it as a machine that fails does. */
  async kill(): Promise<void> {
    const gone = new Promise((resolve) => this.#process!.once("exit", resolve));
    this.#process!.kill("SIGKILL");
    await gone;
  }
}
