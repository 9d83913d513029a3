export type { CellKind, GateName } from "./cell-states/cell.js";
export type { CellLayer } from "./cell-states/cell-layer.js";
export { type CellStates, type CellStatesOptions, cellStates } from "./cell-states/cell-states.js";
export { type CellRanking, type CellScore, type RankCellsOptions, rankCells } from "./cell-states/ranking.js";
export {
  type CellRule,
  phraseRule,
  type TextRuleId,
  type TextSyntax,
  textRule,
  textRules,
} from "./cell-states/rules.js";
export { type GateSaturation, gateSaturation } from "./cell-states/saturation.js";
export {
  type AttributionGraph,
  type AttributionGraphOptions,
  attributionGraph,
  type ChannelName,
  type GraphChannel,
  type GraphEdge,
  type GraphLayer,
} from "./crp/attribution-graph.js";
export { type ChannelMaps, channelMaps, type RegionRelevance, withinRegion } from "./crp/channel-maps.js";
export {
  type ConceptRelevance,
  type ConceptRelevanceOptions,
  type ConceptRunOptions,
  type Condition,
  type ConditionalOptions,
  conceptRelevance,
  conditionalRelevance,
} from "./crp/concept-relevance.js";
export type { Reference } from "./crp/reference-pass.js";
export {
  type ReferenceOptions,
  type ReferenceSamples,
  type RegionBox,
  receptiveField,
  referenceSamples,
} from "./crp/reference-samples.js";
export {
  DataPassAbortedError,
  type DataPassOptions,
  type DataPassRun,
  dataPass,
  type PassSource,
} from "./data-pass/data-pass.js";
export { DataPassError, type DataPassKey } from "./data-pass/key.js";
export { type DataPass, type PassedLayer, type TopSample, type TopSamples, topSamples } from "./data-pass/passed.js";
export type { Concept, ConceptMap, LabeledPictures } from "./dissection/concept-maps.js";
export {
  type DetectorCount,
  type DissectedLayer,
  type DissectedUnit,
  type Dissection,
  type DissectOptions,
  dissect,
} from "./dissection/dissect.js";
export type { PictureSource } from "./picture-source.js";
export type { RelevanceMaps } from "./spray/features.js";
export { type SprayOptions, type Strategies, spray } from "./spray/spray.js";
export { strategyRegion } from "./spray/strategy-region.js";
export {
  type ClassChange,
  fillRegion,
  type MeasuredChange,
  type WithoutRegion,
  withoutRegion,
} from "./spray/without-region.js";
export {
  type ConceptData,
  type ConceptRun,
  type ConceptScore,
  type ConceptScores,
  type TcavOptions,
  tcav,
} from "./tcav/tcav.js";
