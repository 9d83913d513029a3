import type { LoadedModel } from "../kernel-helpers/models/index.js";
import { ShardExplainer } from "./explain/shards.js";
import type { Computing } from "./run.js";
import type { DataSource } from "./sources/source.js";
import type { RunSpec } from "./spec.js";

/** Explains in this process: a model that is loaded, or samples that come from a program. */
export async function explainHere(
  spec: RunSpec,
  own: { readonly model?: LoadedModel; readonly source?: DataSource },
): Promise<Computing> {
  const explainer = await ShardExplainer.make(spec, own);
  return {
    prepared: explainer.prepared,
    changed: (store) => explainer.changed(store),
    async compute(store, shards, tell, { signal }) {
      // One shard is written while the next is explained, and no more, so that memory is bounded.
      let writing: Promise<unknown> = Promise.resolve();
      try {
        for (const [place, shard] of shards.entries()) {
          const begin = performance.now();
          const coming = explainer.explain(shard, () => signal?.aborted === true);
          const next = shards[place + 1];
          if (next !== undefined) explainer.expect(next);
          const { values, failed, warnings } = await coming;
          const middle = performance.now();
          await writing;
          const end = performance.now();
          const samples = (values.id as readonly string[]).length;
          const seconds = {
            all: (end - begin) / 1000,
            explaining: (middle - begin) / 1000,
            writing: (end - middle) / 1000,
          };
          writing = store
            .write(shard, values)
            .then((bytes) => tell.done({ shard, samples, failed, warnings, bytes, seconds }));
          // Whoever waits for it hears of it.
          writing.catch(() => undefined);
        }
        await writing;
      } finally {
        await writing.catch(() => undefined);
      }
    },
    end: () => explainer.dispose(),
  };
}
