/** What "limpid" and its other entries export, by name. Whoever adds or removes a name changes this list and the changelog. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { methods } from "../../src/explainers/methods.js";

const ROOT = join(import.meta.dirname, "..", "..", "..");

/** Values by purpose. */
const values = {
  "explain with LRP": `attnLrp contrastiveExcitationBackpropagation deepTaylorDecomposition excitationBackpropagation lrp
    lrpRecurrent`,
  "compose LRP": `alpha1Beta0 attention composite contrastiveExcitationBackprop deepTaylor epsilonAlpha2Beta1 epsilonAlpha2Beta1Flat
    epsilonGammaBox epsilonPlus epsilonPlusFlat excitationBackprop overview2019 recurrent uniform`,
  "rules of LRP": "alphaBeta epsilon flat gamma rules wSquare zBox zPlus",
  "explain with gradients": `deconvnet deepLift deepLiftShap expectedGradients gradCam gradCamPlusPlus gradientTimesInput
    guidedBackprop guidedGradCam integratedGradients layerActivation layerCam layerConductance layerGradientTimesActivation
    sensitivity simpleTaylor smoothGrad smoothedGradient squareGrad varGrad xGradCam`,
  "explain with patterns": "fitPatterns loadPatterns patternAttribution patternNet savePatterns",
  "explain by perturbation": `featureAblation fitPatchGaussian kernelShap lime limeTable meaningfulPerturbation occlusion
    predictionDifference rise scoreCam shapleyValues slic`,
  "find and run measures": "evaluate findMeasure measures",
  "measure faithfulness": `deletion faithfulnessCorrelation faithfulnessEstimate infidelity insertion monotonicity pixelFlipping regionPerturbation
    road segmentFlipping selectivity sensitivityN wordDeletion`,
  "measure complexity": "complexity effectiveFeatures sparseness",
  "compare with masks": `focus inputDependence inputIndependence insideTotalRatio localizationAuc modelContrast mosaics pointingGame
    relevanceMassAccuracy relevanceRankAccuracy topKIntersection`,
  "explain again to evaluate": `completeness conservation continuity inputInvariance localLipschitz maxSensitivity nonSensitivity parameterRandomization positivity randomLabels randomLogit randomizedModel relativeInputStability relativeOutputStability relativeRepresentationStability`,
  "explain support vector machines": `bagVector decisionValue explainBagOfWords explainFisherVector explainSvm fromScikitLearn tokenize trainSvm
    vocabularyOf`,
  "find and run methods": "findMethod methods record release",
  "invert layers": "builtInInverters inversion invert loadInverter",
  "look for prototypes": `activationMaximization fitGaussian fitRbm fourier gaussianDensity generator pixels prototype rbmDensity
    yosinskiSettings`,
  "find concepts": `attributionGraph channelMaps conceptRelevance conditionalRelevance dataPass dissect fillRegion receptiveField referenceSamples spray
    storedDataPass strategyRegion tcav topSamples withinRegion withoutRegion`,
  "follow recurrent cells": "cellStates gateSaturation phraseRule rankCells textRule textRules",
  "follow shattered gradients": `architectures autocorrelation linearPieces montufarLowerBound randomNet scanModel scanNet
    shatteringTable zigzag`,
  "say how sure a number is": "adjustedRandIndex bootstrapInterval pairedDifference wilsonInterval",
  "classify by a linear discriminant": "discriminantScores fitDiscriminant",
  "load models and data": `builtInDensities builtInModels bundledPhotos characterIds findClass loadConcepts loadDensity loadDigits loadImage loadModel
    loadWeights sampleText wordIds`,
  "plant pictures": "conceptMask plantedObjects plantedPictures plantedScenes",
  "data sets and files of one's own": `aniBonds aniEnergies dataSets DataSetError getData heartbeats loadAniNetworks loadMolecules loadPictureSet loadPublishedModel loadSignals loadTable loadText loadVolume
    nucleiPatches stackSignals stackVolumes windowSignals`,
  "save files": "loadDataPass loadEvaluation saveCsv saveDataPass saveEvaluation saveNpy savePng",
  "use TensorFlow": "backendInfo startBackend tensorflow",
  "draw pictures": "Plot PlotlyFigure heatmapPng pictureSheet plot",
  "show things in the notebook":
    "Output clearOutput display expectClose install interact liveCurves progress summary table",
  "say what a report holds": "report steps top",
  controls: `Accordion AppLayout Audio BoundedFloatText BoundedIntText Box Button Checkbox ColorPicker ColorsInput Combobox Controller ControllerAxis ControllerButton
    DatePicker DatetimePicker Dropdown FileUpload FloatLogSlider FloatProgress FloatRangeSlider FloatSlider FloatText FloatsInput GridBox GridspecLayout HBox HTML
    HTMLMath Image IntProgress IntRangeSlider IntSlider IntText IntsInput Label Layout NaiveDatetimePicker Password Play RadioButtons Select SelectMultiple
    SelectionRangeSlider SelectionSlider Stack Tab TagsInput Text Textarea TimePicker ToggleButton ToggleButtons TwoByTwoLayout VBox Valid Video
    dlink jsdlink jslink link`,
  "make widgets of one's own": "defineWidget",
  widgets:
    "CellText Choice ClassPrototype ConceptBars ConceptExplorer DrawDigit Explorer FlippingCurve Heatmap Inversion LayerWalk MethodGallery MethodGrid MoleculeView RankMatrix RelevanceBrowser RelevanceFlow SanityCheck ScalpMap ShatteredGradients SignalHeatmap SliceMap StrategyMap TextHeatmap UnitGallery UnitPage compare",
  "catch errors": `AbortedError BackendError ComputationError DataFileError DataPassAbortedError DataPassError DivergedError EvaluationAbortedError ExpectationError ImageError InstallError InteractError LimpidError MissingEvidenceError ModelFileError ModelNotFoundError
    ParameterError StoppedError TargetError TargetNameError TraitError UnsupportedOperationError WidgetClosedError`,
};

/** Types of what is passed around. */
const types = `GridSpan LiveCurves LiveCurvesOptions ModuleOptions PlotlyPoint TabOptions UploadedFile Attribution AttributionGraph BackendInfo ChoiceOptions Chosen ConceptBarsOptions ConceptOptions ConceptPictures UnitGalleryOptions RelevanceBrowserOptions CompareOptions Compared ComparedMethod Composite DataPass Density Digits DisplayHandle Evaluation Evidence Explain FlippingCurveOptions FoundMap GridScore GridWork Input LayerSummary LoadedImage LoadedModel LrpAttribution Mask Measure MeasureId
  Method MethodId Model ModelInput ModelOptions ModelSummary Patterns PictureSheet PlotOptions PrototypeStep RandomizationScore Recording Rule RunOptions SavedFile
  ConceptKind ConceptScores Dissection PlantedOptions PlantedPictures Strategies
  SavedNumbers SavedPicture Score Series Table TableOptions TableRow Target
  CellLayer CellRanking CellRule CellScore CellStates CellTextOptions GateSaturation
  BagOfWords BagOfWordsAttribution KeptTokens SupportVectorMachine TextHeatmapOptions TextRelevance
  EvaluationTask FlowSettings GalleryOptions LayerWalkOptions SanityCheckOptions
  ConceptExplorerOptions StrategyMapOptions SliceMapOptions VolumeMap
  AniBonds AniEnergies Annotation AniNetworks Bond DataSet DenseLayer GetOptions HeartbeatOptions LoadedTable Molecule Molecules PictureSet SignalChannel SignalOptions SignalSeries Signals
  NucleiPatches NucleiPatchOptions Split StackedSignals StackedVolumes TableColumn TextOptions Texts Volume
  PrecomputeAxes PrecomputeOptions TopClasses
  BondRelevance InversionStep InversionWidgetOptions Inverter MoleculeViewOptions Discriminant LabeledFeatures SignalHeatmapOptions ScalpMapOptions ScalpMapPart UnitPageOptions`;

const words = (text: string): string[] => text.trim().split(/\s+/);
const sorted = (names: Iterable<string>): string[] => [...names].sort((a, b) => (a < b ? -1 : 1));

const { exports: entries } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  exports: Record<string, { types: string } | string>;
};

/** The declarations behind the names that each entry exports, and whether they exist at run time. */
const exported = new Map<string, Map<string, { declared: ts.Symbol; isValue: boolean }>>();
const files = Object.entries(entries).flatMap(([entry, target]) =>
  typeof target === "string" ? [] : [[entry.replace(/^\./, "limpid"), join(ROOT, target.types)] as const],
);
const program = ts.createProgram(
  files.map(([, file]) => file),
  {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    skipLibCheck: true,
    noEmit: true,
  },
);
const checker = program.getTypeChecker();
for (const [entry, file] of files) {
  const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!);
  const names = symbols.map((symbol) => {
    const declared = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    // A class that is exported as a type is none at run time.
    const isType = symbol.declarations?.some(
      (at) => ts.isExportSpecifier(at) && (at.isTypeOnly || at.parent.parent.isTypeOnly),
    );
    return [symbol.name, { declared, isValue: !isType && (declared.flags & ts.SymbolFlags.Value) !== 0 }] as const;
  });
  exported.set(entry, new Map(names));
}

test('"limpid" exports what a cell needs, and nothing else', () => {
  const found = exported.get("limpid")!;
  const valuesFound = [...found].filter(([, { isValue }]) => isValue).map(([name]) => name);
  const typesFound = [...found].filter(([, { isValue }]) => !isValue).map(([name]) => name);
  assert.deepEqual(sorted(valuesFound), sorted(Object.values(values).flatMap(words)));
  assert.deepEqual(sorted(typesFound), sorted(words(types)));
});

test('"limpid" exports every method of the list', async () => {
  const limpid: Record<string, unknown> = await import("../../src/kernel-helpers/index.js");
  const all = new Set(Object.values(limpid));
  assert.deepEqual(
    methods.filter((method) => !all.has(method)).map(({ id }) => id),
    [],
  );
});

test("two meanings never share a name: what two entries call the same is the same", () => {
  const meanings = new Map<string, { declared: ts.Symbol; entry: string }>();
  const shared: string[] = [];
  for (const [entry, names] of exported) {
    for (const [name, { declared }] of names) {
      const other = meanings.get(name);
      if (other === undefined) meanings.set(name, { declared, entry });
      else if (other.declared !== declared) shared.push(`${name} of ${other.entry} and of ${entry}`);
    }
  }
  assert.deepEqual(shared, []);
});

for (const entry of ["limpid", "limpid/explainers", "limpid/network", "limpid/widgets-kit", "limpid/comms"]) {
  test(`a process that imports ${entry} alone gets what its types say`, () => {
    const script = `import * as all from ${JSON.stringify(entry)}; console.log(JSON.stringify(Object.keys(all)));`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      cwd: ROOT,
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    assert.equal(stderr, "");
    const stated = [...exported.get(entry)!].filter(([, { isValue }]) => isValue).map(([name]) => name);
    assert.deepEqual(sorted(JSON.parse(stdout) as string[]), sorted(stated));
  });
}
