export type {
  EvaluatedMeasureInput,
  EvaluatedMethodInput,
  MeasureSetting,
  MethodSetting,
  OwnMeasure,
  OwnMethod,
} from "./columns.js";
export type { EvaluationData, EvaluationDataInput } from "./data.js";
export { type EvaluateOptions, EvaluationAbortedError, evaluate } from "./evaluate.js";
export type {
  Comparison,
  EvaluatedMeasure,
  EvaluatedMethod,
  EvaluatedSample,
  Evaluation,
  EvaluationRow,
  MeanRow,
  MeasurePair,
  MeasureVerdict,
  MethodRank,
  RankCell,
  Ranks,
  TrialRow,
  TrustRow,
  Verdict,
} from "./evaluation.js";
export { evaluationFromJson, evaluationToJson } from "./json.js";
