import { type ChildProcess, fork } from "node:child_process";
import { LimpidError } from "../../explainers/index.js";
import { packageFile } from "../../kernel-helpers/platform/files.js";
import { RunError } from "../errors.js";
import type { ChangedSample, Prepared, RunSpec } from "../spec.js";
import type { FromWorker, SentError, ShardDone, ToWorker } from "./messages.js";

/** How much of what a process printed last is kept for its error. */
const LOG = 4000;

/** A worker process ended before its time: it was killed, or ran out of memory. */
export class WorkerGoneError extends RunError {}

/** An error of a shard that its worker survived. */
export class ShardError extends RunError {
  constructor(
    readonly shard: number,
    message: string,
    /** Of the error in the worker: `WriteError` where the store, and not the shard, is at fault. */
    readonly kind: string,
  ) {
    super(message);
  }
}

/** What a process was asked: to start, to look at a store, or a shard's number. */
type Question = "start" | "check" | number;

/** One process with one model. It explains one shard at a time, while the one before is on its way to the disk. */
export class Child {
  readonly #process: ChildProcess;
  #log = "";
  readonly #waiting = new Map<Question, { resolve(message: FromWorker): void; reject(error: Error): void }>();
  #gone: Error | undefined;

  constructor(readonly spec: RunSpec) {
    const threads = spec.threads === null ? {} : { TF_NUM_INTRAOP_THREADS: String(spec.threads) };
    this.#process = fork(packageFile("build", "src", "runs", "pool", "shard-worker.js"), [], {
      execArgv: [],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      serialization: "advanced",
      env: { ...process.env, ...threads, TF_CPP_MIN_LOG_LEVEL: process.env["TF_CPP_MIN_LOG_LEVEL"] ?? "2" },
    });
    for (const stream of [this.#process.stdout!, this.#process.stderr!]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#log = (this.#log + text).slice(-LOG);
      });
    }
    this.#process.on("message", (message: FromWorker) => {
      const question = this.#questionOf(message);
      this.#waiting.get(question)?.resolve(message);
      this.#waiting.delete(question);
    });
    this.#process.on("error", (error) => this.#ended(`could not be started: ${error.message}`));
    this.#process.on("exit", (code, signal) =>
      this.#ended(signal === null ? `ended with code ${code}` : `was ended by ${signal}`),
    );
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Loads model and data and explains once. @throws the worker's error; WorkerGoneError */
  async start(): Promise<Prepared> {
    const answer = await this.#ask({ kind: "start", spec: this.spec });
    if (answer.kind === "ready") return answer.prepared;
    throw errorOf(answer);
  }

  /** Looks whether samples that a store holds are still what they were. @throws the worker's error; WorkerGoneError */
  async changed(path: string, prepared: Prepared): Promise<ChangedSample | undefined> {
    const answer = await this.#ask({ kind: "check", path, prepared });
    if (answer.kind === "checked") return answer.changed;
    throw errorOf(answer);
  }

  /** Says where shards go. */
  use(path: string, prepared: Prepared): void {
    this.#process.send({ kind: "store", path, prepared } satisfies ToWorker);
  }

  /** Explains and writes a shard. @throws ShardError, WorkerGoneError */
  async explain(shard: number): Promise<ShardDone> {
    const answer = await this.#ask({ kind: "shard", shard });
    if (answer.kind === "done") return answer;
    throw errorOf(answer);
  }

  /** Ends the process at once: what it was writing has no name yet. */
  async end(): Promise<void> {
    this.#gone ??= new WorkerGoneError("The worker process was ended");
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGKILL");
    await gone;
  }

  #questionOf(answer: FromWorker): Question {
    if (answer.kind === "done" || (answer.kind === "failed" && answer.shard !== undefined)) return answer.shard!;
    return this.#waiting.has("start") ? "start" : "check";
  }

  #ask(message: Exclude<ToWorker, { kind: "store" }>): Promise<FromWorker> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    return new Promise((resolve, reject) => {
      this.#waiting.set(message.kind === "shard" ? message.shard : message.kind, { resolve, reject });
      this.#process.send(message, (error) => {
        if (error !== null) this.#ended(`hears nothing: ${error.message}`);
      });
    });
  }

  #ended(how: string): void {
    const said = this.#log.trim() === "" ? "" : `; it said last: ${this.#log.trim().split("\n").slice(-3).join(" / ")}`;
    this.#gone ??= new WorkerGoneError(`A worker process ${how}${said}`);
    for (const { reject } of this.#waiting.values()) reject(this.#gone);
    this.#waiting.clear();
  }
}

function errorOf(answer: FromWorker): Error {
  if (answer.kind !== "failed") return new RunError(`A worker process said ${answer.kind} where it was not asked`);
  const { shard, error } = answer;
  if (shard !== undefined) return new ShardError(shard, inWords(error), error.name);
  if (error.isLimpid) return Object.assign(new LimpidError(error.message), { name: error.name });
  return Object.assign(new Error(error.message), { name: error.name, ...(error.stack && { stack: error.stack }) });
}

const inWords = ({ name, message, isLimpid }: SentError): string => (isLimpid ? message : `${name}: ${message}`);
