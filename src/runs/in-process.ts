import type { LoadedModel } from "../kernel-helpers/models/index.js";
import { ShardExplainer } from "./explain/shards.js";
import { ShardWriter } from "./explain/writing.js";
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
      const writer = new ShardWriter(explainer, store);
      let told: Promise<void> = Promise.resolve();
      try {
        for (const [place, shard] of shards.entries()) {
          const coming = writer.explain(shard, () => signal?.aborted === true);
          const next = shards[place + 1];
          if (next !== undefined) explainer.expect(next);
          const { written } = await coming;
          await told;
          told = written.then((done) => tell.done(done));
          // Whoever waits for it hears of it.
          told.catch(() => undefined);
        }
        await told;
      } finally {
        await told.catch(() => undefined);
      }
    },
    end: () => explainer.dispose(),
  };
}
