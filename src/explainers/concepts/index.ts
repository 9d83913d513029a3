export {
  type ConceptRelevance,
  type ConceptRelevanceOptions,
  type ConceptRunOptions,
  type Condition,
  type ConditionalOptions,
  conceptRelevance,
  conditionalRelevance,
} from "./crp/concept-relevance.js";
export {
  type Box,
  type Reference,
  type ReferenceOptions,
  type ReferenceSamples,
  receptiveField,
  referenceSamples,
} from "./crp/reference-samples.js";
export type { Concept, ConceptMap, LabeledPictures, PictureSource } from "./dissection/concept-maps.js";
export {
  type DetectorCount,
  type DissectedLayer,
  type DissectedUnit,
  type Dissection,
  type DissectOptions,
  dissect,
} from "./dissection/dissect.js";
export type { RelevanceMaps } from "./spray/features.js";
export { type SprayOptions, type Strategies, spray } from "./spray/spray.js";
export {
  type ConceptData,
  type ConceptRun,
  type ConceptScore,
  type ConceptScores,
  type TcavOptions,
  tcav,
} from "./tcav/tcav.js";
