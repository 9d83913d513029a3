/** Every widget in every state, as cells of a notebook: the key is `WIDGET/STATE`, or the widget alone where it has something to show. */

/** The widgets with something to show: also seen in the dark and at 480 pixels. */
export const shown = {
  explorer: `const explorer = new Explorer(model, photo);
await explorer.settled();
explorer`,
  heatmap: `new Heatmap({ image: photo, relevance: explained, title: "Relevance for *tiger cat*", subtitle: "LRP, ε-γ-box" })`,
  "method-grid": `const grid = compare(digitModel, digit, ["lrp", "integrated-gradients", { method: "occlusion", parameters: { window: 7 } }, "sensitivity"], { target: 3 });
await grid.settled();
grid`,
  "method-gallery": `const questions = new MethodGallery(digitModel, digit, { methods: ["lrp", "deep-taylor", "sensitivity", "gradient-times-input", "grad-cam", "occlusion"], parameters: { occlusion: { window: 7 } }, target: 3 });
await questions.settled();
questions`,
  "class-prototype": `const prototype = new ClassPrototype(digitModel, { target: 3, seed: 1, examples: digits, pauseEvery: 40 });
prototype.playing = true;
while (prototype.playing) await prototype.next("playing");
prototype.rate = null;
prototype`,
  "draw-digit": `const pad = new DrawDigit(digitModel, { samples: digits });
await pad.draw(digits.pixels.subarray(4 * 784, 5 * 784));
if (pad.prototype === null) await pad.next("prototype");
pad`,
  "flipping-curve": `const flips = new FlippingCurve({ model: digitModel, image: digit, methods: ["lrp", "sensitivity", "gradient-times-input"], target: 3, region: 4, cursor: 6 });
await flips.measureAll();
flips.replacement = "blurred";
await flips.settled();
flips`,
  "shattered-gradients": `new ShatteredGradients({ depth: 8, width: 40, seed: 1 })`,
  "relevance-flow": `const flow = new RelevanceFlow(model, photo);
await flow.settled();
flow.choose("b11_project");
flow`,
  "layer-walk": `const walk = new LayerWalk(digitModel, digit, { parameters: { composite: "epsilon-gamma-box" }, target: 3 });
await walk.settled();
for (let step = 0; step < 3; step++) walk.follow();
walk.share = 1;
walk`,
  "relevance-browser": `const { explainDataset } = await import("limpid/runs");
await explainDataset(digitModel, "mnist", { store: "digits.zarr", samples: 64, shard: 16, method: "lrp", parameters: { composite: "epsilon-plus" } });
const browsed = new RelevanceBrowser("digits.zarr", { sort: "conservation", descending: true, selected: 3 });
await browsed.settled();
browsed`,
  "rank-matrix": `const x = tf.tensor4d(Float32Array.from(digits.pixels.subarray(0, 3 * 784), (ink) => ink / 255), [3, 28, 28, 1]);
const failing2 = { name: "broken", explain: () => async () => { throw new Error("The model has no layer conv9"); } };
const matrix = new RankMatrix({ model: digitModel, data: { x }, methods: ["lrp", "sensitivity", "random", failing2],
  measures: [{ measure: "pixel-flipping", parameters: { steps: 7 } }, { measure: "selectivity" }] }, { samples: 1 });
await matrix.settled();
matrix.pair = ["pixel-flipping", "selectivity"];
await matrix.settled();
matrix`,
  "sanity-check": `const check = new SanityCheck(digitModel, digit, { methods: ["lrp", "gradient-times-input", "guided-backprop"], seed: 1 });
await check.settled();
check.step = 2;
check`,
  inversion: `const drawn = tf.tensor4d(Float32Array.from(digits.pixels.subarray(4 * 784, 5 * 784), (ink) => ink / 255), [1, 28, 28, 1]);
const inverted = new Inversion(digitModel, drawn, { layer: "pool2", steps: 40 });
await inverted.settled();
inverted.runAll();
await inverted.settled();
inverted.way = "network";
await inverted.settled();
inverted.runAll();
await inverted.settled();
inverted.way = "optimization";
await inverted.settled();
inverted`,
  "unit-gallery": `const objectModel = await loadModel("planted-objects");
const labeled = await loadConcepts("planted", objectModel.input, { count: 60 });
const dissected = { layers: ["conv2", "conv3"], share: 0.05, leastOverlap: 0.06 };
const gallery = new UnitGallery(objectModel, labeled, dissected);
await gallery.settled();
gallery.selected = 1;
gallery`,
  "concept-bars": `const drawnPictures = (options: { count: number } & Parameters<typeof plantedPictures>[0]) => tf.tensor4d(plantedPictures(options).pixels, [options.count, 48, 48, 3]);
const asked = { layers: ["conv2", "conv3"], random: drawnPictures({ count: 300, seed: 12 }), inputs: drawnPictures({ count: 30, seed: 13, object: "disc" }),
  concepts: { watermark: drawnPictures({ count: 20, seed: 11, watermark: {} }), stripes: drawnPictures({ count: 20, seed: 11, scene: "stripes" }) }, target: "disc" };
const scored = new ConceptBars(hans, asked);
await scored.settled();
scored`,
  "strategy-map": `const painted = plantedPictures({ count: 200, seed: 3, watermark: { object: "disc", share: 0.4 } });
const scenes = tf.tensor4d(painted.pixels, [200, 48, 48, 3]);
const strategies = new StrategyMap({ model: hans, data: { x: scenes, classes: painted.objects }, target: "disc", neighbors: 5, chosen: 2 });
await strategies.settled();
strategies.takeCluster(1);
await strategies.measure();
strategies.watched = 3;
await strategies.settled();
strategies`,
  "concept-explorer": `const concepts = new ConceptExplorer({ model: hans, image: tf.slice(scenes, 7, 1), data: { x: tf.slice(scenes, 0, 60) }, target: "disc",
  region: { top: 38, left: 0, height: 10, width: 18 } });
await concepts.settled();
concepts.channel = concepts.channels[0]!.channel;
await concepts.settled();
concepts.sample = 0;
concepts`,
  "cell-text": `const cellText = new CellText(charModel, (await sampleText()).slice(0, 1800), { rule: "comments", shifts: 19 });
await cellText.settled();
cellText`,
  "text-heatmap": `const review = "A film that never once dull moment spoils. It's warm, funny, and wise.";
const wordsOf = (scores: Record<string, number>) => tokenize(review).map(({ token }) => scores[token] ?? 0.02);
const readings = { SVM: { relevance: wordsOf({ dull: -0.9, never: -0.2, spoils: -0.4, warm: 0.7, funny: 0.8, wise: 0.6 }), output: 0.88 },
  LSTM: { relevance: wordsOf({ dull: -0.5, never: 1.1, spoils: 0.3, warm: 1.2, funny: 0.9, wise: 1.4 }), output: 4.46 } };
const textHeatmap = new TextHeatmap({ text: review, tokens: tokenize(review), relevance: readings, title: "Why *positive*?", subtitle: "two models of one sentence",
  score: ({ kept }) => Object.values(readings).map(({ relevance }) => kept.reduce((sum, at) => sum + relevance[at]!, 0)) });
textHeatmap.deleted = [5];
await textHeatmap.settled();
textHeatmap`,
  "unit-page": `const manyDigits = tf.tensor4d(Float32Array.from(digits.pixels.subarray(0, 40 * 784), (ink) => ink / 255), [40, 28, 28, 1]);
const taken = { count: 40, take: (start: number, count: number) => tf.slice(manyDigits, start, count), labels: digits.labels.subarray(0, 40) };
const unitPage = new UnitPage(digitModel, { data: taken, layer: "conv2", channel: 13, steps: 24 });
await unitPage.settled();
unitPage`,
  "slice-map": `const [deep, tall, broad] = [14, 22, 18];
const inHead = (voxel: number) => {
  const [x, y, z] = [voxel % broad, Math.floor(voxel / broad) % tall, Math.floor(voxel / (broad * tall))];
  return Math.hypot((x - 8.5) / 8.5, (y - 10.5) / 10.5, (z - 5) / 8.5);
};
const blob = (voxel: number, [x0, y0, z0]: readonly number[]) => {
  const [x, y, z] = [voxel % broad, Math.floor(voxel / broad) % tall, Math.floor(voxel / (broad * tall))];
  return Math.exp(-((x - x0!) ** 2 + (y - y0!) ** 2 + (z - z0!) ** 2) / 6);
};
const headVoxels = Float32Array.from({ length: deep * tall * broad }, (_, at) => at);
const head = { shape: [1, deep, tall, broad] as const, voxel: [3, 3, 4] as const, affine: [[-3, 0, 0, 25.5], [0, 3, 0, -40], [0, 0, 4, -16]],
  mask: Uint8Array.from(headVoxels, (at) => (inHead(at) < 1 ? 1 : 0)), values: headVoxels.map((at) => Math.max(0, 1.15 - inHead(at)) * (1 + 0.2 * Math.sin(at / 3))) };
const lit = headVoxels.map((at) => 0.02 * blob(at, [5, 6, 4]) - 0.012 * blob(at, [12, 14, 6]) + 0.001 * Math.sin(7 * at));
const contrast = headVoxels.map((at) => 5 * blob(at, [5, 7, 4]) + 2 * blob(at, [11, 5, 3]) + 0.4 * Math.cos(5 * at));
new SliceMap({ volume: head, maps: { Relevance: lit, Contrast: { values: contrast, unit: "t", ends: ["less for faces", "more for faces"] } },
  title: "What speaks for *face*", subtitle: "LRP beside a t-test", threshold: 80 })`,
  "molecule-view": `const { MoleculeView } = await import("limpid");
const molecule = (name: string, elements: string, positions: number[]) => ({ name, elements: elements.split(" "), positions: Float32Array.from(positions), flat: false, bonds: undefined, charges: new Map<number, number>(), properties: {} });
const formaldehyde = molecule("H2CO", "O C H H", [0, 0, 1.2, 0, 0, 0, 0, 0.94, -0.59, 0, -0.94, -0.59]);
const moleculeView = new MoleculeView(formaldehyde, { title: "Energy of *formaldehyde*", subtitle: "made up", atoms: [-2.4, -6.1, 0.4, 0.4], bonds: [{ from: 1, to: 0, value: -5.2 }, { from: 1, to: 2, value: -1.2 }, { from: 1, to: 3, value: -1.2 }, { from: 0, to: 2, value: 0.6 }],
  whole: -8, unit: "kcal/mol", quantity: "energy", ends: ["lowers the energy", "raises it"] });
moleculeView.set({ parts: "both", cursor: 1 });
moleculeView`,
  "signal-heatmap": `const swing = (channel: number, time: number) => 8 * Math.sin(time / (5 + channel)) - (channel < 2 && time > 60 && time < 80 ? 14 : 0);
const traced = { name: "waves", rate: 100, start: -0.8, event: "key press", classNames: [], annotations: [],
  channels: ["C3", "C1", "Cz", "C2", "C4"].map((name) => ({ name, unit: "µV" })),
  series: [{ samples: 120, values: Float32Array.from({ length: 600 }, (_, at) => swing(Math.floor(at / 120), at % 120)) }] };
const shares = { shape: [5, 120], values: Float32Array.from({ length: 600 }, (_, at) => Math.exp(-(((at % 120) - 70) ** 2) / 60) * (2 - Math.floor(at / 120))) };
new SignalHeatmap({ signals: traced, relevance: shares, title: "Relevance for *left*", subtitle: "LRP, ε", output: 62, brush: [60, 80] })`,
  "scalp-map": `const middle = ["F3", "F1", "Fz", "F2", "F4", "FC5", "FC3", "FC1", "FCz", "FC2", "FC4", "FC6", "C5", "C3", "C1", "Cz"];
const bumps = (of: number) => ({ shape: [16, 20], values: Float32Array.from({ length: 320 }, (_, at) => Math.cos(Math.floor(at / 20) / of) + (at % 20) / 40) });
new ScalpMap({ electrodes: middle, rate: 100, start: -0.2, event: "key press", title: "What speaks for *left*", brush: [5, 15],
  maps: [{ title: "Relevance", values: bumps(3), over: "sum" }, { title: "Pattern", values: bumps(5), unit: "µV", ends: ["negative", "positive"] }] })`,
  controls: `new VBox([
  new HBox([new IntSlider({ value: 3, min: 1, max: 9, description: "units" }), new Checkbox({ value: true, description: "bias" })]),
  new FloatLogSlider({ value: 1e-6, min: -9, max: 0, description: "ε" }),
  new Dropdown({ options: ["absorb", "ignore"], description: "bias" }),
  new ToggleButtons({ options: ["image", "overlay", "map"], description: "shown" }),
  new Text({ value: "tiger cat", description: "class" }),
  new IntProgress({ value: 40, max: 100, description: "steps" }),
  new Button({ description: "Count" }),
  new HTML({ value: "<b>Σ</b> 8.34" }),
])`,
  choice: `const choice = new Choice("Which pixels are *relevant* for this class?", ["those whose change moves the score most", "those that the score comes from", "the brightest ones"],
  { answer: "those that the score comes from", explanation: "Sensitivity answers the first question; *relevance* answers how much of the score each pixel is worth." });
choice.given = [0];
choice`,
  plot: `plot({ LRP: [0.4, 0.2, 0.1], random: [0.4, 0.38, 0.3] }, { title: "Pixel flipping", x: "pixels flipped (%)", y: "probability" })`,
  "plotly-figure": `const { PlotlyFigure } = await import("limpid");
const share = Float64Array.from({ length: 21 }, (_, at) => at * 5);
new PlotlyFigure([
  { type: "scatter", mode: "lines+markers", name: "LRP", x: share, y: share.map((flipped) => 0.98 * Math.exp(-flipped / 18)) },
  { type: "scatter", mode: "lines", name: "random", x: share, y: share.map((flipped) => 0.98 * Math.exp(-flipped / 60)) },
  { type: "heatmap", xaxis: "x2", yaxis: "y2", z: { shape: [8, 8], data: Float32Array.from({ length: 64 }, (_, at) => Math.sin(at / 5)) }, colorbar: { title: { text: "relevance" } } },
], { title: { text: "Pixel flipping, and a map" }, grid: { rows: 1, columns: 2, pattern: "independent" }, xaxis: { title: { text: "pixels flipped (%)" } }, yaxis: { title: { text: "probability" } }, legend: { x: 0.2, y: 0.95 } })`,
};

/** The states without a result, each in a cell of its own. */
export const others = {
  "explorer/loading": "",
  "explorer/error": `const sums = await loadModel((x) => tf.transpose(tf.unsortedSegmentSum(tf.transpose(tf.reshape(x, [-1, 300])), Array.from({ length: 300 }, (_, i) => i % 3), 3)), { input: { shape: [10, 10, 3] } });
new Explorer(sums, await loadImage("coffee.png", sums.input))`,
  "choice/open": `new Choice("Which of the two looks at the watermark?", ["the first", "the second"], { answer: "the second" })`,
  "choice/several": `const several = new Choice("Which properties does this rule have?", ["conservation", "positivity", "continuity"],
  { answer: ["conservation", "continuity"], multiple: true });
several.given = [0, 2];
several`,
  "heatmap/empty": "new Heatmap()",
  "heatmap/error": `new Heatmap({ image: photo, title: "Why *tiger cat*?", error: "The model has no layer \\"conv9\\"" })`,
  "heatmap/compact": `new HBox(["LRP", "gradient"].map((title) => new Heatmap({ image: photo, relevance: explained, title, compact: true })))`,
  "method-grid/loading": `const underWay = new MethodGrid({
  rows: [{ label: "", note: "", image: null }],
  columns: ["LRP", "Occlusion", "Sensitivity"].map((label) => ({ label, note: "", hint: "" })),
});
underWay.fill(0, 0, { relevance: await lrp(digitModel)(digit.tensor), total: 1 });
underWay.cell(0, 1).set({ phase: "working", progress: 0.4 });
underWay`,
  "method-grid/error": `const failing = compare(digitModel, digit, { LRP: "lrp", broken: async () => { throw new Error("The model has no layer \\"conv9\\""); } });
await failing.settled();
failing`,
  "relevance-flow/loading": `const flowing = new RelevanceFlow(digitModel, digit);
await flowing.settled();
flowing.set({ running: true, progress: 0.4 });
flowing`,
  "relevance-flow/stopped": `const halted = new RelevanceFlow(digitModel, digit);
await halted.settled();
halted.stopped = "LRP, ε-plus";
halted`,
  "relevance-flow/error": `const noFlow = new RelevanceFlow(digitModel, digit, { method: "sensitivity" });
await noFlow.settled();
noFlow`,
  "relevance-flow/units": `const units = new RelevanceFlow(await lrp(digitModel, { composite: "epsilon-plus" })(digit.tensor, { keepLayers: true }), digit);
units.choose("dense");
units`,
  "layer-walk/loading": `const walking = new LayerWalk(digitModel, digit);
await walking.settled();
walking.set({ running: true, progress: 0.4 });
walking`,
  "layer-walk/stopped": `const standing = new LayerWalk(digitModel, digit);
await standing.settled();
standing.stopped = "LRP, ε-plus";
standing`,
  "layer-walk/error": `const nowhere = new LayerWalk(digitModel, digit, { method: "sensitivity" });
await nowhere.settled();
nowhere`,
  "layer-walk/input": `const arrived = new LayerWalk(digitModel, digit, { parameters: { composite: "epsilon-plus", bias: "distribute" }, target: 3 });
await arrived.settled();
while (arrived.node !== null) arrived.follow();
arrived`,
  "relevance-browser/loading": `const unread = new RelevanceBrowser("digits.zarr", { every: 0 });
await unread.settled();
unread.set({ there: 0, cards: [], running: true, progress: 0.4 });
unread`,
  "relevance-browser/growing": `const grown = new RelevanceBrowser("digits.zarr", { every: 0, which: "wrong" });
await grown.settled();
grown.set({ count: 50_000, there: 12_800, failed: 3, growing: true });
grown`,
  "relevance-browser/empty": `const none = new RelevanceBrowser("digits.zarr", { every: 0, search: "elephant" });
await none.settled();
none`,
  "relevance-browser/error": `const nowhereStored = new RelevanceBrowser("nothing.zarr");
await nowhereStored.settled();
nowhereStored`,
  "rank-matrix/loading": `const ranking = new RankMatrix(matrix.evaluation!);
ranking.set({ running: true, progress: 0.4 });
ranking`,
  "rank-matrix/stopped": `const broken2 = new RankMatrix(matrix.evaluation!);
broken2.stopped = 0.4;
broken2`,
  "rank-matrix/error": `const unknown = new RankMatrix({ model: digitModel, data: { x }, methods: ["lrpp" as never], measures: ["selectivity"] });
await unknown.settled();
unknown`,
  "unit-gallery/loading": `const unseen = new UnitGallery(objectModel, labeled, { ...dissected, dissection: gallery.dissection });
unseen.set({ layers: [], cards: [], running: true, progress: 0.4 });
unseen`,
  "unit-gallery/stopped": `const unseen2 = new UnitGallery(objectModel, labeled, { ...dissected, dissection: gallery.dissection });
unseen2.set({ layers: [], cards: [], stopped: 0.4 });
unseen2`,
  "unit-gallery/error": `const wrongLayer = new UnitGallery(objectModel, labeled, { layers: "conv9" });
await wrongLayer.settled();
wrongLayer`,
  "unit-gallery/empty": `const nothing = new UnitGallery(objectModel, labeled, { ...dissected, dissection: gallery.dissection });
nothing.search = "elephant";
nothing`,
  "concept-bars/loading": `const comparing = new ConceptBars(hans, asked);
await comparing.settled();
comparing.set({ cells: [], running: true, progress: 0.4 });
comparing`,
  "concept-bars/error": `const badLayer = new ConceptBars(hans, { ...asked, layers: "conv9" });
await badLayer.settled();
badLayer`,
  "sanity-check/loading": `const forgetting = new SanityCheck(digitModel, digit, { methods: ["gradient-times-input"], seed: 1 });
await forgetting.settled();
forgetting.set({ running: true, progress: 0.4, done: 2 });
forgetting`,
  "sanity-check/stopped": `const half = new SanityCheck(digitModel, digit, { methods: ["gradient-times-input"], seed: 1 });
await half.settled();
half.stopped = 0.4;
half`,
  "inversion/loading": `const inverting = new Inversion(digitModel, drawn, { layer: "conv2", steps: 4 });
await inverting.settled();
inverting.set({ running: true, progress: 0.4 });
inverting`,
  "inversion/stopped": `const ended = new Inversion(digitModel, drawn, { layer: "conv2", steps: 4 });
await ended.settled();
ended.stopped = 0.4;
ended`,
  "inversion/error": `const nobody = new Inversion(model, photo, { layers: ["stem_bn", "b2_add"], layer: "stem_bn", way: "network" });
await nobody.settled();
nobody`,
  "strategy-map/loading": `const grouping = new StrategyMap({ model: hans, data: { x: scenes, classes: painted.objects }, target: "disc" });
grouping.stop();
await grouping.settled();
grouping.set({ running: true, progress: 0.4, stage: "Explaining the pictures", stopped: null });
grouping`,
  "strategy-map/stopped": `const half2 = new StrategyMap({ model: hans, data: { x: scenes, classes: painted.objects }, target: "disc" });
half2.stop();
await half2.settled();
half2.stopped = 0.4;
half2`,
  "strategy-map/error": `const few = new StrategyMap({ model: hans, data: { x: scenes, classes: painted.objects }, target: "disc", neighbors: 500 });
await few.settled();
few`,
  "concept-explorer/loading": `const asking = new ConceptExplorer({ model: hans, image: tf.slice(scenes, 7, 1) });
await asking.settled();
asking.set({ running: true, progress: 0.4, stage: "Passing the data set, once for this layer", size: 60, passed: 24 });
asking`,
  "concept-explorer/stopped": `const left = new ConceptExplorer({ model: hans, image: tf.slice(scenes, 7, 1) });
await left.settled();
left.stopped = 0.4;
left`,
  "concept-explorer/error": `const opaque = new ConceptExplorer({ model: hans, image: tf.slice(scenes, 7, 1), rules: { composite: "epsilon-plus" } });
opaque.stop();
await opaque.settled();
opaque.set({ error: "No relevance reaches layer \\"conv9\\": it has no part in the output.", relevance: null });
opaque`,
  "class-prototype/loading": `const begun = new ClassPrototype(digitModel, { target: 3 });
await begun.settled();
begun.image = null;
begun`,
  "class-prototype/error": `const steep = new ClassPrototype(digitModel, { target: 3, l2: 1e300 });
steep.playing = true;
await steep.settled();
steep`,
  "draw-digit/empty": "new DrawDigit(digitModel, { samples: digits })",
  "draw-digit/error": `const broken = new DrawDigit(digitModel);
broken.error = "The decoder could not be read";
broken`,
  "flipping-curve/loading": `const flipping = new FlippingCurve({ model: digitModel, image: digit, methods: ["lrp"], target: 3 });
await flipping.settled();
flipping.set({ running: true, progress: 0.4, stage: "Explaining by LRP", runs: [], drawn: -1 });
flipping`,
  "flipping-curve/stopped": `const given = new FlippingCurve({ model: digitModel, image: digit, methods: ["lrp", "sensitivity"], target: 3, region: 4 });
await given.settled();
given.set({ stopped: 0.4 });
given`,
  "flipping-curve/error": `const without = new FlippingCurve({ model: digitModel, image: digit, methods: { mine: async () => { throw new Error("The model has no layer \\"conv9\\""); } } });
await without.settled();
without`,
  "flipping-curve/reader": `const trying = new FlippingCurve({ model: digitModel, image: digit, methods: ["lrp", "sensitivity"], target: 3, region: 4, tab: "reader" });
trying.picks = [16, 17, 24, 31];
await trying.settled();
trying`,
  "cell-text/loading": `const following = new CellText(charModel, "type Side = \\"left\\" | \\"right\\"; // one of two", { shifts: 19 });
following.stop();
await following.settled();
following.set({ running: true, doing: "cells", progress: 0.4, stopped: null });
following`,
  "cell-text/stopped": `const halfway = new CellText(charModel, "type Side = \\"left\\" | \\"right\\"; // one of two", { shifts: 19 });
await halfway.settled();
halfway.set({ stopped: 0.4 });
halfway`,
  "cell-text/error": `const nameless = new CellText(charModel, "type Side = \\"left\\"; // one", { layer: "gru" });
await nameless.settled();
nameless`,
  "text-heatmap/numbers": `new TextHeatmap({ tokens: ["un", "##believ", "##able", "acting", ",", "sadly", "."], relevance: [0.4, 1.2, 0.3, 0.1, 0, -1.1, 0], level: "words", numbers: true })`,
  "text-heatmap/unsigned": `new TextHeatmap({ text: review, tokens: tokenize(review), relevance: wordsOf({ dull: 0.9, funny: 0.4 }), signed: false, title: "Sensitivity", level: "sentences" })`,
  "text-heatmap/error": `const failed = new TextHeatmap({ text: review, tokens: tokenize(review), relevance: wordsOf({ dull: -0.9 }), score: () => { throw new Error("The model takes at least three words"); } });
failed.deleted = [0];
await failed.settled();
failed`,
  "unit-page/loading": `const opening = new UnitPage(digitModel, { data: taken, pass: unitPage.dataPass });
await opening.settled();
opening.set({ about: null, pictures: null, passing: true, progress: 0.4, title: "" });
opening`,
  "unit-page/stopped": `const parted = new UnitPage(digitModel, { data: taken, pass: unitPage.dataPass });
await parted.settled();
parted.set({ about: null, pictures: null, stopped: 0.4, title: "" });
parted`,
  "unit-page/error": `const noUnits = new UnitPage(digitModel, { data: { ...taken, take: () => { throw new Error("The folder of digits is gone"); } }, photo: digit });
await noUnits.settled();
noUnits`,
  "slice-map/flat": `const slab = Float32Array.from({ length: 800 }, (_, at) => at);
const oval = slab.map((at) => Math.hypot(((at % 40) - 19.5) / 18, (Math.floor(at / 40) - 22) / 21));
const half = Uint8Array.from(oval, (far) => (far < 1 ? 1 : 0));
const wave = (step: number) => slab.map((at) => Math.sin((at % 40) / 4 + step) * Math.cos(Math.floor(at / 40) / 3)).filter((_, at) => half[at] === 1);
new SliceMap({ volume: { shape: [1, 1, 20, 40], voxel: [3.1, 3.75, 3.75], mask: half }, frames: ["one volume", "one run", "all runs"], frameLabel: "Mean over",
  maps: { Relevance: { values: [wave(0), wave(1), wave(2)] }, Power: { values: [1, 2, 3].map((step) => wave(step).map(Math.abs)), unit: "nV²" } } })`,
  "molecule-view/plain": `new MoleculeView(formaldehyde, { subtitle: "without values" })`,
  "molecule-view/empty": "new MoleculeView()",
  "molecule-view/error": `const unbound = new MoleculeView(formaldehyde, { atoms: [-2.4, -6.1, 0.4, 0.4] });
unbound.error = "The networks know no formaldehyde";
unbound`,
  "signal-heatmap/empty": "new SignalHeatmap()",
  "signal-heatmap/error": `new SignalHeatmap({ signals: traced, title: "Why *left*?", error: "The model has no layer \\"conv9\\"" })`,
  "signal-heatmap/one": `new SignalHeatmap({ signals: { ...traced, rate: undefined, channels: traced.channels.slice(0, 1), series: [{ samples: 120, values: traced.series[0]!.values.slice(0, 120) }] },
  relevance: shares.values.slice(0, 120), signed: false, title: "Sensitivity" })`,
  "scalp-map/empty": "new ScalpMap()",
  "scalp-map/error": `new ScalpMap({ title: "Why *left*?", error: "The model has no layer \\"conv9\\"" })`,
  "scalp-map/still": `new ScalpMap({ electrodes: middle, maps: { values: middle.map((_, at) => at), signed: false }, contours: false, names: false })`,
  "plotly-figure/empty": 'new (await import("limpid")).PlotlyFigure()',
  "module/error": `const { defineWidget } = await import("limpid");
new (defineWidget({ name: "Unfinished", esm: "export default {}" }))()`,
  "shattered-gradients/loading": `const counting = new ShatteredGradients({ depth: 8, width: 40, seed: 1 });
counting.progress = 0.4;
counting`,
  "shattered-gradients/error": `const [from, to] = [tf.zeros([1, 28, 28, 1]), tf.zeros([1, 14, 14, 1])];
new ShatteredGradients({ architecture: "trained", trained: { name: "two sizes", model: digitModel, from, to, target: 0 } })`,
};

/** The cell before them all. */
export const opening = `import { Button, CellText, Checkbox, Choice, ClassPrototype, compare, ConceptBars, ConceptExplorer, DrawDigit, Dropdown, Explorer, FlippingCurve, FloatLogSlider, HBox, Heatmap, HTML, IntProgress,
  IntSlider, Inversion, LayerWalk, MethodGallery, MethodGrid, RankMatrix, RelevanceBrowser, RelevanceFlow, SanityCheck, ScalpMap, ShatteredGradients, SignalHeatmap, SliceMap, StrategyMap, Text, TextHeatmap, ToggleButtons, UnitGallery, UnitPage, VBox, epsilonGammaBox, loadConcepts, loadDigits, loadImage, loadModel, lrp, plantedPictures, plot, sampleText,
  tensorflow, tokenize } from "limpid";
const tf = await tensorflow();
const [model, digitModel, charModel, digits, hans] = await Promise.all([loadModel("efficientnet-lite0"), loadModel("mnist-cnn"), loadModel("char-lstm"), loadDigits(), loadModel("planted-watermark")]);
const photo = await loadImage("chelsea.png", model.input);
const digit = await loadImage("coffee.png", digitModel.input);
const explained = await lrp(model, { composite: epsilonGammaBox({ low: -1, high: 1 }) })(photo.tensor, { target: 282 });`;
