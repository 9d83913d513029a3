import type { ConceptBarsState } from "../../comms/states/concept-bars.js";
import type { ConceptScores } from "../../explainers/index.js";

/** What is shown of concept scores. */
export type ScoresContent = Pick<
  ConceptBarsState,
  | "title"
  | "subtitle"
  | "target"
  | "layers"
  | "concepts"
  | "cells"
  | "significance"
  | "correction"
  | "against"
  | "randomSets"
  | "inputs"
  | "warnings"
>;

export function scoresContent(found: ConceptScores, model: string, target: string): ScoresContent {
  const { significance, correction, relative } = found.parameters as {
    significance: number;
    correction: string;
    relative: boolean;
  };
  return {
    title: `Which concepts move *${target}*?`,
    subtitle: `TCAV, ${model}, ${found.output.length} inputs`,
    target,
    layers: [...found.layers],
    concepts: [...found.concepts],
    cells: found.scores.map((score) => ({
      layer: score.layer,
      concept: score.concept,
      score: score.score,
      interval: pair(score.interval),
      magnitude: score.magnitude,
      magnitudeInterval: pair(score.magnitudeInterval),
      pValues: score.correctedPValues === null ? null : { ...score.correctedPValues },
      accuracy: score.accuracy,
    })),
    significance,
    correction,
    against: relative ? "others" : "random",
    randomSets: found.randomSets,
    inputs: found.output.length,
    warnings: [...found.warnings],
  };
}

export const pair = (interval: readonly [number, number] | null): [number, number] | null =>
  interval === null ? null : [...interval];
