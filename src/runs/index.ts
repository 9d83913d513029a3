/** Explanations of data sets: what a program imports from "limpid/runs". */

export type { RunRecord } from "../kernel-helpers/relevance/record.js";
export {
  openRelevanceStore,
  type RelevanceStore,
  RelevanceStoreError,
  type StoredExplanation,
} from "../kernel-helpers/relevance/relevance-store.js";
export {
  type StoredExplainer,
  type StoredExplainerOptions,
  storedExplainer,
} from "../kernel-helpers/relevance/stored-explainer.js";
export { type StoredMaps, type StoredMapsOptions, storedMaps } from "../kernel-helpers/relevance/stored-maps.js";
export { ChangedDataError, OtherRunError, RunError, StoreInUseError } from "./errors.js";
export { type DatasetOptions, explainDataset, type RunSettings, type SampleIterable } from "./explain-dataset.js";
export type { RunControl, RunProgress, RunSummary } from "./run.js";
export type { GivenSample } from "./sources/iterable.js";
export { WriteError } from "./store/files.js";
export { type RunVerification, verifyRun } from "./verify.js";
