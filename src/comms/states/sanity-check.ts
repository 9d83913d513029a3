import type { Choice } from "./field.js";
import type { ModelReference } from "./model.js";
import { choice, data, flag, integer, list, nullable, number, type StateOf, text } from "./traits.js";

/** How two maps are compared. */
export type MapSimilarity = "spearman" | "ssim" | "hog";

export const similarityWords: Readonly<Record<MapSimilarity, string>> = {
  spearman: "Spearman’s rank correlation",
  ssim: "structural similarity",
  hog: "correlation of oriented gradients",
};

/** How alike the maps of a method are to its map of the original model: one number a step, null where there is none. */
export interface SimilarityCurve {
  /** Its method. */
  method: string;
  /** Of values with their signs, and of their sizes. */
  signed: Partial<Record<MapSimilarity, (number | null)[]>>;
  absolute: Partial<Record<MapSimilarity, (number | null)[]>>;
  /** Why it has no more steps, or none; empty where nothing is amiss. */
  error: string;
}

/** A model that forgets what it learned, layer by layer, and whether explanations notice. */
export const sanityCheckState = {
  title: text(),
  subtitle: text(),
  /** The methods that are checked. */
  methods: data<Choice[]>([]),
  /** The one whose maps are shown. */
  method: text(),
  /** What is randomized at each step; the first is the original model. */
  steps: list(text()),
  /** The step that is shown. */
  step: integer(),
  similarity: choice<MapSimilarity>("spearman", "ssim", "hog"),
  /** Whether sizes are shown and compared, without signs. */
  absolute: flag(),
  /** One for each method. */
  curves: data<SimilarityCurve[]>([]),
  /** How many steps are computed. */
  done: integer(),
  /** What the maps show, in words. */
  words: text(),
  /** The map of the original model, and of the one at this step: heatmaps. */
  original: nullable(data<ModelReference>("" as ModelReference)),
  randomized: nullable(data<ModelReference>("" as ModelReference)),
  running: flag(),
  /** Share of the work done, 0 to 1; null while there is none. */
  progress: nullable(number()),
  /** Where it was stopped, 0 to 1; null when it was not. */
  stopped: nullable(number()),
  error: text(),
};

export interface SanityCheckState extends StateOf<typeof sanityCheckState> {}

/** The values of a curve under these settings; empty where there are none. */
export function similaritiesOf(
  curve: SimilarityCurve | undefined,
  { similarity, absolute }: Pick<SanityCheckState, "similarity" | "absolute">,
): (number | null)[] {
  return curve?.[absolute ? "absolute" : "signed"][similarity] ?? [];
}
