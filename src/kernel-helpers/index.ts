/**
 * What a cell imports from "limpid": each name is listed by a test, and docs/api.md says how stable they are. What lies
 * beneath has entries of its own: limpid/explainers, limpid/network, limpid/widgets-kit, limpid/comms.
 */

import "./notebook/completions.js";
import "./notebook/long-runs.js";

// Methods, rules and composites, prototypes, shattered gradients.
export {
  AbortedError,
  type Attribution,
  type AttributionGraph,
  activationMaximization,
  adjustedRandIndex,
  alpha1Beta0,
  alphaBeta,
  architectures,
  attention,
  attnLrp,
  attributionGraph,
  autocorrelation,
  type BagOfWords,
  type BagOfWordsAttribution,
  bagVector,
  bootstrapInterval,
  type CellLayer,
  type CellRanking,
  type CellRule,
  type CellScore,
  type CellStates,
  type Composite,
  ComputationError,
  type ConceptScores,
  cellStates,
  channelMaps,
  completeness,
  complexity,
  composite,
  conceptRelevance,
  conditionalRelevance,
  conservation,
  continuity,
  contrastiveExcitationBackprop,
  contrastiveExcitationBackpropagation,
  type DataPass,
  DataPassAbortedError,
  DataPassError,
  type Density,
  type Discriminant,
  type Dissection,
  DivergedError,
  dataPass,
  decisionValue,
  deconvnet,
  deepLift,
  deepLiftShap,
  deepTaylor,
  deepTaylorDecomposition,
  deletion,
  discriminantScores,
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
  fillRegion,
  findClass,
  findMeasure,
  findMethod,
  fitDiscriminant,
  fitGaussian,
  fitPatchGaussian,
  fitPatterns,
  fitRbm,
  flat,
  focus,
  fourier,
  fromScikitLearn,
  type GateSaturation,
  gamma,
  gateSaturation,
  gaussianDensity,
  generator,
  gradCam,
  gradCamPlusPlus,
  gradientTimesInput,
  guidedBackprop,
  guidedGradCam,
  type Input,
  type InversionStep,
  infidelity,
  inputDependence,
  inputIndependence,
  inputInvariance,
  insertion,
  insideTotalRatio,
  integratedGradients,
  inversion,
  invert,
  kernelShap,
  type LabeledFeatures,
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
  monotonicity,
  montufarLowerBound,
  mosaics,
  nonSensitivity,
  occlusion,
  overview2019,
  ParameterError,
  type Patterns,
  type PrototypeStep,
  pairedDifference,
  parameterRandomization,
  patternAttribution,
  patternNet,
  phraseRule,
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
  rankCells,
  rbmDensity,
  receptiveField,
  record,
  recurrent,
  referenceSamples,
  regionPerturbation,
  relativeInputStability,
  relativeOutputStability,
  relativeRepresentationStability,
  release,
  relevanceMassAccuracy,
  relevanceRankAccuracy,
  rise,
  road,
  type Score,
  type Strategies,
  type SupportVectorMachine,
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
  strategyRegion,
  type Target,
  TargetError,
  TargetNameError,
  tcav,
  textRule,
  textRules,
  tokenize,
  topKIntersection,
  topSamples,
  trainSvm,
  UnsupportedOperationError,
  uniform,
  varGrad,
  vocabularyOf,
  wilsonInterval,
  withinRegion,
  withoutRegion,
  wordDeletion,
  wSquare,
  xGradCam,
  yosinskiSettings,
  zBox,
  zigzag,
  zPlus,
} from "../explainers/index.js";
export * as rules from "../explainers/methods/lrp/rules/index.js";
// Models, pictures, data, TensorFlow.
export { loadDataPass, saveDataPass, storedDataPass } from "./concepts/data-pass-file.js";
// The notebook: output, controls, widgets.
export { Box, GridBox, HBox, VBox } from "./controls/boxes.js";
export { Button, Checkbox, ToggleButton, Valid } from "./controls/buttons.js";
export { DatePicker, DatetimePicker, NaiveDatetimePicker, TimePicker } from "./controls/entry/dates.js";
export { BoundedFloatText, BoundedIntText, FloatText, IntText, Play } from "./controls/entry/numbers.js";
export { ColorPicker, ColorsInput, FloatsInput, IntsInput, TagsInput } from "./controls/entry/tags.js";
export { type GridSpan, GridspecLayout } from "./controls/layouts/gridspec.js";
export { Accordion, Stack, Tab, type TabOptions } from "./controls/layouts/tabs.js";
export { AppLayout, TwoByTwoLayout } from "./controls/layouts/templates.js";
export { dlink, jsdlink, jslink, link } from "./controls/link.js";
export { Controller, ControllerAxis, ControllerButton } from "./controls/media/controller.js";
export { Audio, Image, Video } from "./controls/media/media.js";
export { FileUpload, type UploadedFile } from "./controls/media/upload.js";
export { FloatProgress, IntProgress } from "./controls/progress-bars.js";
export { Dropdown, RadioButtons, Select, SelectionSlider, ToggleButtons } from "./controls/selection.js";
export { SelectionRangeSlider, SelectMultiple } from "./controls/several.js";
export { FloatLogSlider, FloatRangeSlider, FloatSlider, IntRangeSlider, IntSlider } from "./controls/sliders.js";
export { Combobox, HTML, HTMLMath, Label, Password, Text, Textarea } from "./controls/texts.js";
export { type AniBonds, aniBonds } from "./data/ani/ani-bonds.js";
export { type AniEnergies, aniEnergies } from "./data/ani/ani-energies.js";
export type { ConceptPictures } from "./data/concepts/concept-pictures.js";
export { type ConceptOptions, loadConcepts } from "./data/concepts/load-concepts.js";
export { type Digits, loadDigits } from "./data/digits.js";
export { DataSetError } from "./data/errors.js";
export { getData } from "./data/get-data.js";
export { type HeartbeatOptions, heartbeats } from "./data/heartbeats.js";
export {
  loadAniNetworks,
  loadMolecules,
  loadPictureSet,
  loadPublishedModel,
  loadTable,
  loadText,
  loadVolume,
  type TextOptions,
} from "./data/load-records.js";
export { loadSignals, type SignalOptions } from "./data/load-signals.js";
export { type NucleiPatches, type NucleiPatchOptions, nucleiPatches } from "./data/nuclei-patches.js";
export {
  type ConceptKind,
  conceptMask,
  type PlantedOptions,
  type PlantedPictures,
  plantedObjects,
  plantedPictures,
  plantedScenes,
} from "./data/planted/index.js";
export type {
  AniNetworks,
  DenseLayer,
  LoadedTable,
  Molecules,
  PictureSet,
  Texts,
  Volume,
} from "./data/records/records.js";
export {
  type SignalChannel,
  type SignalSeries,
  type Signals,
  type Split,
  type StackedSignals,
  stackSignals,
  windowSignals,
} from "./data/records/signals.js";
export { sampleText } from "./data/sample-text.js";
export type { DataSet, GetOptions } from "./data/sets/data-set.js";
export { dataSets } from "./data/sets/sets.js";
export { type StackedVolumes, stackVolumes } from "./data/stack-volumes.js";
export { loadEvaluation, saveEvaluation } from "./evaluation/files.js";
export { DataFileError } from "./formats/errors.js";
export type { Bond, Molecule } from "./formats/molecules/molecule.js";
export type { Annotation } from "./formats/signals/edf.js";
export type { TableColumn } from "./formats/tables/delimited.js";
export { characterIds } from "./models/character-ids.js";
export { ModelFileError, ModelNotFoundError } from "./models/errors.js";
export {
  builtInDensities,
  builtInInverters,
  builtInModels,
  type Inverter,
  type LoadedModel,
  loadDensity,
  loadInverter,
  loadModel,
  loadWeights,
  type ModelInput,
  type ModelOptions,
} from "./models/index.js";
export { wordIds } from "./models/word-ids.js";
export { clearOutput, type DisplayHandle, display } from "./notebook/display.js";
export { ExpectationError, expectClose } from "./notebook/expect-close.js";
export { install } from "./notebook/install.js";
export { InstallError } from "./notebook/install-error.js";
export { InteractError, interact } from "./notebook/interact.js";
export { type LiveCurves, type LiveCurvesOptions, liveCurves } from "./notebook/live-curves.js";
export { Output } from "./notebook/output.js";
export { progress } from "./notebook/progress.js";
export { StoppedError } from "./notebook/progress-bar.js";
export { type PrecomputeAxes, type PrecomputeOptions, report, steps, type TopClasses, top } from "./notebook/report.js";
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
export { CellText, type CellTextOptions } from "./widgets/cell-text/cell-text.js";
export { Choice, type ChoiceOptions, type Chosen } from "./widgets/choice/choice.js";
export { ClassPrototype } from "./widgets/class-prototype/class-prototype.js";
export { ConceptBars, type ConceptBarsOptions } from "./widgets/concept-bars/concept-bars.js";
export { ConceptExplorer, type ConceptExplorerOptions } from "./widgets/concept-explorer/concept-explorer.js";
export { DrawDigit } from "./widgets/draw-digit/draw-digit.js";
export { Explorer } from "./widgets/explorer/explorer.js";
export { FlippingCurve, type FlippingCurveOptions } from "./widgets/flipping-curve/flipping-curve.js";
export { Heatmap } from "./widgets/heatmap/heatmap.js";
export { Inversion, type InversionWidgetOptions } from "./widgets/inversion/inversion.js";
export { LayerWalk, type LayerWalkOptions } from "./widgets/layer-walk/layer-walk.js";
export { type CompareOptions, compare } from "./widgets/method-grid/compare.js";
export type { Compared, ComparedMethod } from "./widgets/method-grid/compared.js";
export { type GalleryOptions, MethodGallery } from "./widgets/method-grid/method-gallery.js";
export { type FoundMap, type GridScore, type GridWork, MethodGrid } from "./widgets/method-grid/method-grid.js";
export { defineWidget, type ModuleOptions } from "./widgets/module-widget/define-widget.js";
export { type BondRelevance, MoleculeView, type MoleculeViewOptions } from "./widgets/molecule-view/molecule-view.js";
export { Plot, type PlotOptions, plot, type Series } from "./widgets/plot/plot.js";
export { PlotlyFigure, type PlotlyPoint } from "./widgets/plotly-figure/plotly-figure.js";
export { type EvaluationTask, RankMatrix } from "./widgets/rank-matrix/rank-matrix.js";
export { RelevanceBrowser, type RelevanceBrowserOptions } from "./widgets/relevance-browser/relevance-browser.js";
export { type FlowSettings, RelevanceFlow } from "./widgets/relevance-flow/relevance-flow.js";
export { SanityCheck, type SanityCheckOptions } from "./widgets/sanity-check/sanity-check.js";
export { ScalpMap, type ScalpMapOptions, type ScalpMapPart } from "./widgets/scalp-map/scalp-map.js";
export { ShatteredGradients } from "./widgets/shattered-gradients/shattered-gradients.js";
export { SignalHeatmap, type SignalHeatmapOptions } from "./widgets/signal-heatmap/signal-heatmap.js";
export { SliceMap, type SliceMapOptions, type VolumeMap } from "./widgets/slice-map/slice-map.js";
export { StrategyMap, type StrategyMapOptions } from "./widgets/strategy-map/strategy-map.js";
export {
  type KeptTokens,
  TextHeatmap,
  type TextHeatmapOptions,
  type TextRelevance,
} from "./widgets/text-heatmap/text-heatmap.js";
export { UnitGallery, type UnitGalleryOptions } from "./widgets/unit-gallery/unit-gallery.js";
export { UnitPage, type UnitPageOptions } from "./widgets/unit-page/unit-page.js";
