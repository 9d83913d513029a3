import { NonFiniteError } from "../../errors.js";
import type { Attribution, InputRelevance } from "../../explanation.js";
import { memoryBudget } from "../../methods/gradient/engine/parameters.js";
import { choice, everyKind, type Parameter, seed, toggle } from "../../parameters.js";
import { follow, type ProgressOptions } from "../../progress.js";
import type { Evidence } from "../evidence.js";
import { explainAgain, explainedTarget } from "../explaining.js";
import { measure, type Score, type ScoreWarning } from "../measure.js";
import { mapsOf } from "./maps.js";
import { Comparison, type SignedSimilarities, similarityParameters } from "./similarity.js";
import { RandomizationWalk } from "./walk.js";

/** The explanations of one state of the model, from the original to the last. */
export interface RandomizationStep {
  /** The layer that was randomized in this step; `null` for the original model. */
  readonly layer: string | null;
  /** All layers that are random in this state. */
  readonly randomized: readonly string[];
  /** How alike the explanations are to the original's, one number a sample. In step 0 the explainer is compared with what was given: 1 where it repeats itself. */
  readonly similarities: SignedSimilarities;
  /** The explained output of each sample. */
  readonly output: readonly number[];
  /** The explanations `[batch, …positions]`, channels summed: what a heat map of them shows; left out with `keepMaps: false`. */
  readonly map?: InputRelevance;
}

/** The similarities of explanations to the original's, state by state. */
export interface RandomizationScore extends Score {
  /** One for each state that could be explained: the original first. */
  readonly steps: readonly RandomizationStep[];
}

const layerNames: Parameter<readonly string[] | undefined> = {
  type: "list",
  description: "Which layers are randomized; by default all that have weights",
  range: "a list of layers' names",
  default: undefined,
  minor: true,
  accepts: (value) => Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === "string"),
};

const NAME = "Model parameter randomization";

/** How far step 0 may be from 1 before the explainer counts as another one. */
const REPEATED = 0.999;

/**
 * Model parameter randomization test (Adebayo et al., NeurIPS 2018): layers lose what they learned, one after the other from the output on
 * (`cascading`) or each alone (`independent`), and the same class is explained again. An explanation that stays as it was does not depend on what
 * the model learned: lower is better. The value is the mean similarity over all states (`summary: "last"`: that of the last one).
 *
 * Every similarity is computed of signed values and of absolute ones (`steps[i].similarities`): a map of edges looks alike without its signs, whatever its
 * model knows. Quantus averages the original's similarity with itself, 1, into the mean, and compares every channel alone (`channels: "apart"`).
 *
 * @throws MissingEvidenceError without `explain`; ModelError for a model whose weights are not known; LayerError
 * @example
 * const check = parameterRandomization(model, { order: "cascading" });
 * const { values, steps } = await check({ x, attribution, explain: (model) => lrp(model) });
 */
export const parameterRandomization = measure({
  id: "parameter-randomization",
  name: NAME,
  short: "Randomization",
  category: "randomization",
  reference:
    "Adebayo et al. 2018, NeurIPS, model parameter randomization test; Binder et al. 2023, CVPR, on what its similarities hide",
  question: "Does the explanation change when the model forgets what it learned?",
  co12: ["correctness"],
  better: "lower",
  range: [-1, 1],
  inputs: everyKind,
  needs: ["explainer"],
  parameters: {
    order: choice(
      ["cascading", "bottom-up", "independent"],
      "cascading",
      "From the output on and all before stay random, the same from the input on, or each layer alone",
      { notes: { "bottom-up": { label: "cascading, bottom up" } } },
    ),
    draw: choice(
      ["reinitialized", "permuted"],
      "reinitialized",
      "Whether weights are drawn anew as before training, or each weight's entries shuffled",
    ),
    layers: layerNames,
    summary: choice(["mean", "last"], "mean", "Whether the value is the mean over all states, or that of the last"),
    ...similarityParameters,
    keepMaps: toggle(true, "Whether the result holds the map of every state", { minor: true }),
    seed,
    memoryBudget,
  },
  measurer: (model, { order, draw, layers, summary, keepMaps, memoryBudget, seed: first, ...compared }) => {
    const { similarity, absolute } = compared;
    const sign = absolute ? "absolute" : "signed";
    return async (evidence, run) => {
      const { x, attribution } = evidence;
      const walk = new RandomizationWalk(model, x, { order, draw, layers, seed: first });
      try {
        const progress = follow(walk.layers.length + 1, run);
        const comparison = new Comparison(attribution, compared);
        comparison.check(similarity);
        const steps: RandomizationStep[] = [];
        const warnings: ScoreWarning[] = [];
        for await (const { step, found } of explainedSteps(walk, evidence, memoryBudget, run)) {
          const layer = step === 0 ? null : walk.layers[step - 1]!;
          if (found instanceof NonFiniteError) {
            // Random weights may make numbers grow without bounds: that state is left out, and named.
            warnings.push({
              kind: "undefined",
              message: `With random weights in ${layer} there is no explanation: ${found.message}`,
              sample: null,
            });
          } else steps.push(stepOf(layer, walk.randomAt(step), found, comparison, keepMaps));
          await progress.step(1);
        }
        const paths = pathsOf(steps, (similarities) => similarities[sign][similarity]!);
        return {
          values: Float64Array.from(paths, (path) => summaryOf(path.slice(1), summary)),
          curves: paths.map((path, sample) => ({
            sample,
            name: similarity,
            x: Float64Array.from(path.keys()),
            y: Float64Array.from(path),
          })),
          steps,
          warnings: [...warnings, ...paths.flatMap((path, sample) => warningsOf(path, sample, steps))],
        };
      } finally {
        walk.dispose();
      }
    };
  },
});

/** The explanation of every step, the original's first; where numbers grew beyond all bounds the error that says so. */
async function* explainedSteps(
  walk: RandomizationWalk,
  evidence: Evidence,
  memoryBudget: number,
  run: ProgressOptions,
): AsyncGenerator<{ step: number; found: Attribution | NonFiniteError }> {
  const { x, target, output, explain } = evidence;
  const alone = async (step: number) => {
    try {
      return { step, found: await explainAgain(NAME, walk.at(step), evidence, run)(x) };
    } catch (error) {
      if (!(error instanceof NonFiniteError) || step === 0) throw error;
      return { step, found: error };
    }
  };
  yield await alone(0);
  const stated = target === undefined ? explainedTarget(NAME, evidence) : undefined;
  const indices = Array.isArray(stated) ? (stated as readonly number[]) : undefined;
  const options = { ...(output !== undefined && { output }), ...(run.signal && { signal: run.signal }) };
  let together = indices === undefined ? 1 : walk.togetherUnder(memoryBudget);
  let isChecked = false;
  for (let begin = 1; begin <= walk.layers.length; ) {
    const count = Math.min(together, walk.layers.length + 1 - begin);
    const steps = Array.from({ length: count }, (_, i) => begin + i);
    const all =
      count > 1
        ? await walk.explainTogether(steps, explain!, { ...options, target: indices!, onProgress: () => {} }, isChecked)
        : undefined;
    if (all !== undefined) {
      isChecked = true;
      for (const [index, found] of all.entries()) yield { step: steps[index]!, found };
    } else {
      if (!isChecked) together = 1;
      for (const step of steps) yield await alone(step);
    }
    begin += count;
  }
}

function stepOf(
  layer: string | null,
  randomized: readonly string[],
  found: Attribution,
  comparison: Comparison,
  keepMaps: boolean,
): RandomizationStep {
  const step = { layer, randomized, similarities: comparison.with(found), output: found.output };
  if (!keepMaps) return step;
  const { shape, fields } = mapsOf(found, "summed", "signed");
  const size = fields[0]![0]!.length;
  const relevance = new Float32Array(fields.length * size);
  fields.forEach(([field], sample) => {
    relevance.set(field!, sample * size);
  });
  return { ...step, map: { relevance, shape: [fields.length, ...shape] } };
}

/** Of each sample its similarities, state by state. */
function pathsOf(
  steps: readonly RandomizationStep[],
  chosen: (similarities: SignedSimilarities) => Float64Array,
): number[][] {
  const values = steps.map(({ similarities }) => chosen(similarities));
  return Array.from(values[0]!, (_, sample) => values.map((step) => step[sample]!));
}

function summaryOf(path: readonly number[], summary: "mean" | "last"): number {
  if (summary === "last") return path.at(-1) ?? Number.NaN;
  const there = path.filter((value) => !Number.isNaN(value));
  return there.reduce((sum, value) => sum + value, 0) / there.length;
}

function warningsOf(path: readonly number[], sample: number, steps: readonly RandomizationStep[]): ScoreWarning[] {
  const [own, ...others] = path as [number, ...number[]];
  if (Number.isNaN(own)) {
    return [{ kind: "constant", message: "The explanation is the same everywhere: nothing can be like it.", sample }];
  }
  const warnings: ScoreWarning[] = [];
  if (own < REPEATED) {
    warnings.push({
      kind: "meaningless",
      message:
        `Explained again, the unchanged model gives another map (similarity ${own.toFixed(3)}): explain is not the method, with its ` +
        "options, that made the attribution, or it draws at random without a seed.",
      sample,
    });
  }
  const missing = steps.slice(1).filter((_, index) => Number.isNaN(others[index]!));
  if (missing.length > 0) {
    warnings.push({
      kind: "undefined",
      message: `With random weights in ${missing.map(({ layer }) => layer).join(", ")} the explanation is the same everywhere: these states have no similarity and do not count.`,
      sample,
    });
  }
  return warnings;
}
