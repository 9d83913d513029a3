import type { Tensor } from "@tensorflow/tfjs-core";
import { targetIndices } from "../../class-names.js";
import { classNamesOf, outputCountOf } from "../../context.js";
import { ParameterError } from "../../errors.js";
import type { Model } from "../../network/index.js";
import { checked, choice, type OptionsOf, real, seed, toggle, type ValuesOf, whole } from "../../parameters.js";
import { follow, followed, type ProgressOptions } from "../../progress.js";
import type { Target } from "../../target.js";
import { type LayerRows, layerRows, layerSlopes, type PassOptions } from "../layer-rows.js";
import { type Products, productsOf } from "./directions.js";
import { againstOthers, againstRandom, type Fitting, type Found, fitCount, type Statistic } from "./scores.js";
import { setsOf } from "./sets.js";
import { corrected } from "./significance.js";

const parameters = {
  separator: choice(["logistic", "hinge", "means"], "logistic", "How a concept's pictures are told from others", {
    notes: {
      logistic: { description: "Logistic regression with an L2 penalty" },
      hinge: { description: "Linear support vector machine, squared hinge loss" },
      means: { label: "difference of means", description: "From the others' mean to the concept's" },
    },
  }),
  regularization: real(0.01, "λ of the penalty, in units of the pictures' mean squared distance from their mean", {
    least: 0,
    open: true,
    minor: true,
  }),
  pooling: choice(["none", "mean"], "none", "Whether positions of a map are told apart or averaged"),
  randomSets: whole(undefined, "Sets of random pictures; by default as many as have no picture in common, at most 30", {
    least: 3,
    label: "Random sets",
  }),
  statistic: choice(
    ["derivative", "sign"],
    "derivative",
    "What is tested: the mean derivative along the concept, or the share of positive ones",
  ),
  test: choice(["concepts", "runs"], "concepts", "Against what spread", {
    notes: {
      concepts: { description: "That of random concepts: keeps its level" },
      runs: {
        description:
          "That of one concept's runs, Welch's t-test as published: finds random concepts significant far too often",
      },
    },
  }),
  correction: choice(["holm", "bonferroni", "benjamini-hochberg", "none"], "holm", "For how many tests are made"),
  significance: real(0.05, "α, up to which corrected p-values are significant", { least: 0, most: 1, open: true }),
  relative: toggle(false, "Compares the concepts with one another, rather than with random pictures"),
  folds: whole(3, "Parts of the pictures, each of which is left out once to find the separator's accuracy", {
    least: 2,
    minor: true,
  }),
  seed,
  memoryBudget: whole(1024 * 2 ** 20, "What the layers' values of all pictures may take", {
    least: 1,
    unit: "bytes",
    label: "Memory",
    minor: true,
  }),
};

type Values = ValuesOf<typeof parameters>;

/** Pictures and layers that concepts are looked for in. */
export interface ConceptData {
  /** The layer, or several. */
  readonly layers: string | readonly string[];
  /** Pictures of each concept, `[n, …input]`, by its name; 30 to 100 of each say something. */
  readonly concepts: Readonly<Record<string, Tensor>>;
  /**
   * Random pictures: one tensor, from which sets of the concepts' size are drawn, or one tensor a set. Concepts can be compared with
   * one another without them (`relative`), but nothing is tested then.
   */
  readonly random?: Tensor | readonly Tensor[];
}

export type TcavOptions = ConceptData & OptionsOf<typeof parameters>;

/** What to explain of the inputs. */
export interface ConceptRun extends ProgressOptions {
  /** Default `"top1"`; a class, as a rule: that of which the inputs are pictures. */
  readonly target?: Target;
  readonly output?: number;
}

/** How far a class at one layer follows one concept. */
export interface ConceptScore extends Found {
  readonly layer: string;
  readonly concept: string;
  /** `"random"`, or the concepts that it was compared with. */
  readonly against: "random" | readonly string[];
  /** The p-value brought to the level of all tests that were made; `null` where nothing was tested. */
  readonly correctedPValue: number | null;
  /** The same of either statistic, whichever was asked for. */
  readonly correctedPValues: Readonly<Record<Statistic, number>> | null;
  readonly significant: boolean;
}

type Tested = "correctedPValue" | "correctedPValues" | "significant";

export interface ConceptScores {
  readonly method: "TCAV";
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The explained index of each input; `null` where the target was a tensor or a function. */
  readonly target: readonly (number | null)[];
  /** The explained output of each input. */
  readonly output: readonly number[];
  readonly layers: readonly string[];
  readonly concepts: readonly string[];
  /** Layer by layer, concept by concept. */
  readonly scores: readonly ConceptScore[];
  /** How many random sets there were. */
  readonly randomSets: number;
  /** What does not mean what it seems to. */
  readonly warnings: readonly string[];
}

/**
 * Tests with concept activation vectors (Kim et al. 2018, ICML): how far the explained output rises where a layer's values move
 * towards a concept, given by pictures of it. A concept's vector is the normal of a linear separator between its pictures and a set of random
 * ones; its score is the share of inputs whose derivative along it is positive, the mean over as many vectors as there are random sets.
 *
 * Beside the paper's score there is the mean derivative itself, which is what is tested unless asked otherwise: shares are 0 or 1
 * where all inputs have one gradient, as before a linear output. The test asks whether a concept differs from what sets of random pictures
 * have against one another (`test: "concepts"`).
 *
 * Everything but one forward pass of the pictures and one way back of the inputs is done on inner products, so that hundreds of vectors
 * cost as much as one.
 *
 * @param options layers, concepts and random pictures, and how they are compared
 * @returns a function of inputs `[batch, …]`, as a rule pictures of one class, that gives plain data
 * @throws ParameterError, InputShapeError, LayerError, TargetError, AbortedError
 * @example
 * const { scores } = await tcav(model, { layers: ["conv2d_2"], concepts: { stripes }, random })(zebras, { target: 340 });
 * scores[0].score; // the share of zebras that more stripes would make more of a zebra
 */
export function tcav(model: Model, { layers, concepts, random, ...given }: TcavOptions) {
  const values = checked("tcav", parameters, given);
  const names = typeof layers === "string" ? [layers] : [...(layers ?? [])];
  if (names.length === 0) throw new ParameterError("layers", layers, "the name of a layer, or several");
  if (values.relative && Object.keys(concepts).length < 2) {
    throw new ParameterError("relative", true, "false where there is one concept: it has no other to be compared with");
  }
  return (inputs: Tensor, run: ConceptRun = {}): Promise<ConceptScores> =>
    followed("TCAV", run, async (asked) => {
      const target = targetIndices(asked.target ?? "top1", classNamesOf(model), outputCountOf(model), asked.output);
      const sets = setsOf(concepts, random ?? [], values);
      try {
        const pictures = sets.examples.shape[0]! + inputs.shape[0]!;
        const fits = names.length * fitCount(sets, values);
        const progress = follow(pictures + fits, asked);
        const pass: PassOptions = { pooling: values.pooling, memoryBudget: values.memoryBudget, progress };
        const found = await layerProducts(
          model,
          names,
          sets.examples,
          inputs,
          { target, output: asked.output ?? 0 },
          pass,
        );
        const fitting: Fitting = { ...values, step: () => progress.step(1) };
        const scores: Omit<ConceptScore, Tested>[] = [];
        for (const layer of names) {
          const products = found.products.get(layer)!;
          const compared = values.relative
            ? await againstOthers(products, sets, fitting)
            : await againstRandom(products, sets, fitting);
          for (const [concept, score] of compared) {
            const others = [...sets.concepts.keys()].filter((other) => other !== concept);
            scores.push({ layer, concept, against: values.relative ? others : "random", ...score });
          }
        }
        const tested = scores.map(({ pValues }) => pValues).filter((p) => p !== null);
        const all = (statistic: Statistic) =>
          corrected(
            tested.map((p) => p[statistic]),
            values.correction,
          );
        const [derivatives, signs] = [all("derivative"), all("sign")];
        return {
          method: "TCAV",
          parameters: { ...values, randomSets: sets.random.length },
          target: found.targets,
          output: found.outputs,
          layers: names,
          concepts: [...sets.concepts.keys()],
          scores: scores.map((score, index) => {
            // Either all are tested or none.
            const both = tested.length > 0 ? { derivative: derivatives[index]!, sign: signs[index]! } : null;
            const own = both === null ? null : both[values.statistic];
            return {
              ...score,
              correctedPValue: own,
              correctedPValues: both,
              significant: (own ?? 1) <= values.significance,
            };
          }),
          randomSets: sets.random.length,
          warnings: warningsOf(scores, sets.overlapping, values),
        };
      } finally {
        sets.examples.dispose();
      }
    });
}

tcav.id = "tcav";
tcav.parameters = parameters;
tcav.reference = "Kim et al. 2018, ICML";
tcav.question = "Does a concept that people can show by pictures move the output?";

async function layerProducts(
  model: Model,
  layers: readonly string[],
  examples: Tensor,
  inputs: Tensor,
  run: { readonly target: Target; readonly output: number },
  pass: PassOptions,
) {
  const slopes = await layerSlopes(model, layers, inputs, run, pass);
  try {
    const shown = await layerRows(model, layers, examples, pass);
    try {
      const of = ({ rows }: LayerRows, layer: string) => rows.get(layer)!;
      const products = new Map<string, Products>();
      for (const layer of layers) {
        products.set(layer, productsOf(of(shown, layer), of(slopes.gradients, layer), of(slopes.values, layer)));
      }
      return { products, outputs: slopes.outputs, targets: slopes.targets };
    } finally {
      shown.dispose();
    }
  } finally {
    slopes.values.dispose();
    slopes.gradients.dispose();
  }
}

function warningsOf(scores: readonly Omit<ConceptScore, Tested>[], overlapping: boolean, { test }: Values): string[] {
  const warnings: string[] = [];
  if (scores.some(({ pValue }) => pValue === null)) {
    warnings.push(
      "Nothing is tested: that takes sets of random pictures, whose directions show what comes of nothing.",
    );
  }
  if (overlapping) {
    warnings.push(
      "Random sets share pictures, so they differ less than others would: p-values are too small. Give more random pictures, or ask for fewer sets.",
    );
  }
  if (test === "runs") {
    warnings.push(
      'The runs of a concept share its pictures: test: "runs" finds random concepts significant far more often than it says.',
    );
  }
  for (const { layer, concept, accuracy, magnitudes } of scores) {
    if (accuracy < CHANCE) {
      warnings.push(
        `At layer "${layer}" the pictures of "${concept}" are told from others at ${(100 * accuracy).toFixed(0)} % (chance 50 %): its direction means little.`,
      );
    }
    if (magnitudes.every((value) => value === 0)) {
      warnings.push(
        `At layer "${layer}" no derivative along "${concept}" differs from 0: the output does not depend on it there.`,
      );
    }
  }
  return warnings;
}

/** Below it a separator is hardly better than chance. */
const CHANCE = 0.6;
