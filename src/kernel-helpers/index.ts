/**
 * What a cell imports from "limpid": each name is listed by a test, and docs/api.md says how stable they are. What lies
 * beneath has entries of its own: limpid/explainers, limpid/network, limpid/widgets-kit, limpid/comms.
 */

import "./notebook/long-runs.js";

// Methods, rules and composites, prototypes, shattered gradients.
export {
  AbortedError,
  type Attribution,
  activationMaximization,
  alpha1Beta0,
  alphaBeta,
  architectures,
  attention,
  attnLrp,
  autocorrelation,
  type Composite,
  ComputationError,
  type ConceptScores,
  completeness,
  complexity,
  composite,
  conceptRelevance,
  conditionalRelevance,
  conservation,
  continuity,
  contrastiveExcitationBackprop,
  contrastiveExcitationBackpropagation,
  type Density,
  type Dissection,
  DivergedError,
  deconvnet,
  deepLift,
  deepLiftShap,
  deepTaylor,
  deepTaylorDecomposition,
  deletion,
  dissect,
  type Evaluation,
  EvaluationAbortedError,
  type Evidence,
  type Explain,
  effectiveFeatures,
  epsilon,
  epsilonAlpha2Beta1,
  epsilonAlpha2Beta1Flat,
  epsilonGammaBox,
  epsilonPlus,
  epsilonPlusFlat,
  evaluate,
  excitationBackprop,
  excitationBackpropagation,
  expectedGradients,
  explainBagOfWords,
  explainFisherVector,
  explainSvm,
  faithfulnessCorrelation,
  faithfulnessEstimate,
  featureAblation,
  findClass,
  findMeasure,
  findMethod,
  fitGaussian,
  fitPatchGaussian,
  fitPatterns,
  fitRbm,
  flat,
  focus,
  fourier,
  gamma,
  gaussianDensity,
  generator,
  gradCam,
  gradCamPlusPlus,
  gradientTimesInput,
  guidedBackprop,
  guidedGradCam,
  type Input,
  infidelity,
  inputDependence,
  inputIndependence,
  inputInvariance,
  insertion,
  insideTotalRatio,
  integratedGradients,
  kernelShap,
  LimpidError,
  type LrpAttribution,
  layerActivation,
  layerCam,
  layerConductance,
  layerGradientTimesActivation,
  lime,
  limeTable,
  linearPieces,
  loadPatterns,
  localizationAuc,
  localLipschitz,
  lrp,
  lrpRecurrent,
  type Mask,
  type Measure,
  type MeasureId,
  type Method,
  type MethodId,
  MissingEvidenceError,
  type Model,
  maxSensitivity,
  meaningfulPerturbation,
  measures,
  methods,
  modelContrast,
  montufarLowerBound,
  mosaics,
  nonSensitivity,
  occlusion,
  overview2019,
  ParameterError,
  type Patterns,
  type PrototypeStep,
  parameterRandomization,
  patternAttribution,
  patternNet,
  pixelFlipping,
  pixels,
  pointingGame,
  positivity,
  predictionDifference,
  prototype,
  type RandomizationScore,
  type Recording,
  type Rule,
  type RunOptions,
  randomizedModel,
  randomLabels,
  randomLogit,
  randomNet,
  rbmDensity,
  receptiveField,
  record,
  recurrent,
  referenceSamples,
  regionPerturbation,
  relativeInputStability,
  relativeOutputStability,
  release,
  relevanceMassAccuracy,
  relevanceRankAccuracy,
  rise,
  road,
  type Score,
  type Strategies,
  savePatterns,
  scanModel,
  scanNet,
  scoreCam,
  segmentFlipping,
  selectivity,
  sensitivity,
  sensitivityN,
  shapleyValues,
  shatteringTable,
  simpleTaylor,
  slic,
  smoothedGradient,
  smoothGrad,
  sparseness,
  spray,
  squareGrad,
  type Target,
  TargetError,
  TargetNameError,
  tcav,
  topKIntersection,
  trainSvm,
  UnsupportedOperationError,
  uniform,
  varGrad,
  wordDeletion,
  wSquare,
  xGradCam,
  zBox,
  zigzag,
  zPlus,
} from "../explainers/index.js";
export * as rules from "../explainers/methods/lrp/rules/index.js";
// The notebook: output, controls, widgets.
export { HBox, VBox } from "./controls/boxes.js";
export { Button, Checkbox } from "./controls/buttons.js";
export { jsdlink, jslink, link } from "./controls/link.js";
export { FloatProgress, IntProgress } from "./controls/progress-bars.js";
export { Dropdown, ToggleButtons } from "./controls/selection.js";
export { FloatLogSlider, FloatSlider, IntSlider } from "./controls/sliders.js";
export { HTML, Label, Text } from "./controls/texts.js";
// Models, pictures, data, TensorFlow.
export { type Digits, loadDigits } from "./data/digits.js";
export {
  type ConceptKind,
  conceptMask,
  type PlantedOptions,
  type PlantedPictures,
  plantedObjects,
  plantedPictures,
  plantedScenes,
} from "./data/planted/index.js";
export { loadEvaluation, saveEvaluation } from "./evaluation/files.js";
export { DataFileError } from "./formats/errors.js";
export { ModelFileError, ModelNotFoundError } from "./models/errors.js";
export {
  builtInDensities,
  builtInModels,
  type LoadedModel,
  loadDensity,
  loadModel,
  loadWeights,
  type ModelInput,
  type ModelOptions,
} from "./models/index.js";
export { clearOutput, type DisplayHandle, display } from "./notebook/display.js";
export { InteractError, interact } from "./notebook/interact.js";
export { Output } from "./notebook/output.js";
export { progress, StoppedError } from "./notebook/progress.js";
export { type SavedFile, type SavedNumbers, type SavedPicture, saveCsv, saveNpy, savePng } from "./notebook/save.js";
export {
  type LayerSummary,
  type ModelSummary,
  summary,
  type Table,
  type TableOptions,
  type TableRow,
  table,
} from "./notebook/values/index.js";
export { heatmapPng } from "./pictures/heatmap-png.js";
export { bundledPhotos, ImageError, type LoadedImage, loadImage } from "./pictures/load-image.js";
export { type PictureSheet, pictureSheet } from "./pictures/picture-sheet.js";
export { BackendError, type BackendInfo, backendInfo, startBackend, tensorflow } from "./tensorflow/backend.js";
export { Layout } from "./widgets/base/layout.js";
export { TraitError } from "./widgets/base/trait-error.js";
export { WidgetClosedError } from "./widgets/base/widget.js";
export { ClassPrototype } from "./widgets/class-prototype/class-prototype.js";
export { DrawDigit } from "./widgets/draw-digit/draw-digit.js";
export { Explorer } from "./widgets/explorer/explorer.js";
export { FlippingCurve, type FlippingCurveOptions } from "./widgets/flipping-curve/flipping-curve.js";
export { Heatmap } from "./widgets/heatmap/heatmap.js";
export { type CompareOptions, compare } from "./widgets/method-grid/compare.js";
export type { Compared, ComparedMethod } from "./widgets/method-grid/compared.js";
export { type FoundMap, type GridScore, type GridWork, MethodGrid } from "./widgets/method-grid/method-grid.js";
export { Plot, type PlotOptions, plot, type Series } from "./widgets/plot/plot.js";
export { type EvaluationTask, RankMatrix } from "./widgets/rank-matrix/rank-matrix.js";
export { type FlowSettings, RelevanceFlow } from "./widgets/relevance-flow/relevance-flow.js";
export { SanityCheck, type SanityCheckOptions } from "./widgets/sanity-check/sanity-check.js";
export { ShatteredGradients } from "./widgets/shattered-gradients/shattered-gradients.js";
