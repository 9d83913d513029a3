import type { ChangedSample, Prepared, RunSpec } from "../spec.js";
import { Child, WorkerGoneError } from "./child.js";
import type { ShardDone } from "./messages.js";

/** So many shards are given to a process at once: while one is on its way to the disk, the next is explained. */
export const AT_ONCE = 2;

/** A worker process, and another one in its place when it is gone. */
export class LastingChild {
  #child: Child;
  #use: readonly [path: string, prepared: Prepared] | undefined;
  #renewal: Promise<void> | undefined;
  /** The process that another one came for: each of the shards that it had asks for one. */
  #lost: Child | undefined;
  #isEnded = false;

  constructor(readonly spec: RunSpec) {
    this.#child = new Child(spec);
  }

  /** Loads model and data and explains once. @throws the worker's error; WorkerGoneError */
  start(): Promise<Prepared> {
    return this.#child.start();
  }

  /** Looks whether samples that a store holds are still what they were. @throws the worker's error; WorkerGoneError */
  changed(path: string, prepared: Prepared): Promise<ChangedSample | undefined> {
    return this.#child.changed(path, prepared);
  }

  /** Says where shards go. */
  use(path: string, prepared: Prepared): void {
    this.#use = [path, prepared];
    this.#child.use(path, prepared);
  }

  /**
   * Explains and writes a shard.
   *
   * @throws ShardError; WorkerGoneError, when another process is there; what that one could not start for
   */
  async explain(shard: number): Promise<ShardDone> {
    await this.#renewal;
    const child = this.#child;
    try {
      return await child.explain(shard);
    } catch (error) {
      if (error instanceof WorkerGoneError && !this.#isEnded) {
        if (child !== this.#lost) {
          this.#lost = child;
          this.#renewal = this.#renew();
        }
        await this.#renewal;
      }
      throw error;
    }
  }

  async #renew(): Promise<void> {
    await this.#child.end();
    if (this.#isEnded) return;
    const child = new Child(this.spec);
    this.#child = child;
    try {
      await child.start();
    } catch (error) {
      await child.end();
      throw error;
    }
    if (this.#use !== undefined) child.use(...this.#use);
    if (this.#isEnded) await child.end();
  }

  /** Ends the process at once: what it was writing has no name yet. */
  end(): Promise<void> {
    this.#isEnded = true;
    return this.#child.end();
  }
}
