import type { ShardDone } from "../pool/messages.js";
import type { RunStore } from "../store/store.js";
import type { ShardExplainer } from "./shards.js";

/** Explains shards, each while the one before is on its way to the disk, and no more, so that memory is bounded. */
export class ShardWriter {
  #writing: Promise<unknown> = Promise.resolve();

  /** @param store Where they go; without one they are only explained. */
  constructor(
    private readonly explainer: ShardExplainer,
    private readonly store: RunStore | undefined,
  ) {}

  /** Resolves when the next shard can be explained; `written` when this one is on the disk. */
  async explain(shard: number, isStopped?: () => boolean): Promise<{ readonly written: Promise<ShardDone> }> {
    const begin = performance.now();
    const { values, failed, warnings } = await this.explainer.explain(shard, isStopped);
    const middle = performance.now();
    await this.#writing;
    const end = performance.now();
    const samples = (values.id as readonly string[]).length;
    const seconds = { all: (end - begin) / 1000, explaining: (middle - begin) / 1000, writing: (end - middle) / 1000 };
    const written = (this.store?.write(shard, values) ?? Promise.resolve(0)).then((bytes) => {
      return { shard, samples, failed, warnings, bytes, seconds };
    });
    // Whoever waits for `written` hears of its failure.
    this.#writing = written.catch(() => undefined);
    return { written };
  }
}
