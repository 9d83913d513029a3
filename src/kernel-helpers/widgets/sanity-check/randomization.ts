import type { Tensor } from "@tensorflow/tfjs-core";
import type { MapSimilarity } from "../../../comms/states/sanity-check.js";
import { mapsOf } from "../../../explainers/evaluation/randomization/maps.js";
import { Comparison, type SignedSimilarities } from "../../../explainers/evaluation/randomization/similarity.js";
import {
  RandomizationWalk,
  randomizationOrder,
  type WalkOptions,
} from "../../../explainers/evaluation/randomization/walk.js";
import type { Attribution, Explain } from "../../../explainers/explanation.js";
import type { Model } from "../../../explainers/network/index.js";
import { AbortedError, type ProgressOptions, throwIfAborted } from "../../../explainers/progress.js";
import type { Target } from "../../../explainers/target.js";
import type { RelevanceMap } from "../../pictures/relevance-map.js";

/** A method that is checked, for any model. */
export interface Checked {
  label: string;
  explain: (model: Model) => Explain;
}

/** A method's map at one step, and how alike it is to that of the original model. */
export interface CheckedMap {
  signed: RelevanceMap;
  absolute: RelevanceMap;
  similarities: Readonly<Record<"signed" | "absolute", Partial<Record<MapSimilarity, number>>>>;
  output: number;
}

/** What a step found of each method: its map, or why there is none. */
export type CheckedStep = readonly (CheckedMap | Error)[];

const SIMILARITIES = { similarities: ["spearman", "ssim", "hog"], similarity: "spearman" } as const;

/** Model parameter randomization (Adebayo et al. 2018) of several methods at once, step by step, to be stopped and taken up again. */
export class Randomization {
  /** The original model, then the layers in the order in which they are randomized. */
  readonly steps: readonly string[];
  readonly #comparisons: (Comparison | undefined)[] = [];

  constructor(
    readonly model: Model,
    readonly methods: readonly Checked[],
    readonly options: WalkOptions,
  ) {
    this.steps = ["original", ...randomizationOrder(model, options)];
  }

  /**
   * The steps from the given one on, each as soon as it is there.
   *
   * @throws AbortedError
   */
  async *run(x: Tensor, target: Target, from: number, run: ProgressOptions): AsyncGenerator<CheckedStep> {
    const count = this.methods.length;
    const total = this.steps.length * count;
    const walk = new RandomizationWalk(this.model, x, this.options);
    try {
      for (let step = from; step < this.steps.length; step++) {
        const model = walk.at(step);
        const found: (CheckedMap | Error)[] = [];
        for (const [index, { explain }] of this.methods.entries()) {
          throwIfAborted(run, step * count + index, total);
          const report = (share: number) => run.onProgress?.({ done: step * count + index + share, total });
          report(0);
          // The page is heard ahead of what may block.
          await new Promise((resolve) => setImmediate(resolve));
          throwIfAborted(run, step * count + index, total);
          found.push(await this.#checked(index, step, explain, model, { x, target, run, report }));
        }
        yield found;
      }
    } finally {
      walk.dispose();
    }
  }

  async #checked(
    index: number,
    step: number,
    explain: Checked["explain"],
    model: Model,
    { x, target, run, report }: { x: Tensor; target: Target; run: ProgressOptions; report: (share: number) => void },
  ): Promise<CheckedMap | Error> {
    try {
      const result = await explain(model)(x, {
        target,
        ...(run.signal && { signal: run.signal }),
        onProgress: ({ done, total }) => report(done / total),
      });
      if (step === 0) {
        this.#comparisons[index] = new Comparison(result, {
          ...SIMILARITIES,
          similarities: [...SIMILARITIES.similarities],
          normalization: "max",
          channels: "summed",
        });
      }
      return checkedMap(result, this.#comparisons[index]);
    } catch (error) {
      if (error instanceof AbortedError) throw error;
      return error as Error;
    }
  }
}

function checkedMap(result: Attribution, comparison: Comparison | undefined): CheckedMap {
  if (comparison === undefined)
    throw new Error("The original model could not be explained: there is nothing to compare with.");
  const similarities: SignedSimilarities = comparison.with(result);
  const first = (sign: "signed" | "absolute") =>
    Object.fromEntries(Object.entries(similarities[sign]).map(([name, values]) => [name, values![0]!]));
  return {
    signed: mapOf(result, "signed"),
    absolute: mapOf(result, "absolute"),
    similarities: { signed: first("signed"), absolute: first("absolute") },
    output: result.output[0]!,
  };
}

/** Channels summed; of tables one row. */
function mapOf(result: Attribution, sign: "signed" | "absolute"): RelevanceMap {
  const { shape, fields } = mapsOf(result, "summed", sign);
  const width = shape.at(-1)!;
  const values = fields[0]![0]!;
  return { shape: [values.length / width, width], values };
}
