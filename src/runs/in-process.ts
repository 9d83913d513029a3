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
      for (const [place, shard] of shards.entries()) {
        const begin = performance.now();
        const coming = explainer.explain(shard, () => signal?.aborted === true);
        const next = shards[place + 1];
        if (next !== undefined) explainer.expect(next);
        const { values, failed, warnings } = await coming;
        const middle = performance.now();
        const bytes = await store.write(shard, values);
        const end = performance.now();
        const seconds = {
          all: (end - begin) / 1000,
          explaining: (middle - begin) / 1000,
          writing: (end - middle) / 1000,
        };
        tell.done({ shard, samples: (values.id as readonly string[]).length, failed, warnings, bytes, seconds });
      }
    },
    end: () => explainer.dispose(),
  };
}
