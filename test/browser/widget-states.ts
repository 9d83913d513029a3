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
  plot: `plot({ LRP: [0.4, 0.2, 0.1], random: [0.4, 0.38, 0.3] }, { title: "Pixel flipping", x: "pixels flipped (%)", y: "probability" })`,
};

/** The states without a result, each in a cell of its own. */
export const others = {
  "explorer/loading": "",
  "explorer/error": `const sums = await loadModel((x) => tf.transpose(tf.unsortedSegmentSum(tf.transpose(tf.reshape(x, [-1, 300])), Array.from({ length: 300 }, (_, i) => i % 3), 3)), { input: { shape: [10, 10, 3] } });
new Explorer(sums, await loadImage("coffee.png", sums.input))`,
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
  "rank-matrix/loading": `const ranking = new RankMatrix(matrix.evaluation!);
ranking.set({ running: true, progress: 0.4 });
ranking`,
  "rank-matrix/stopped": `const broken2 = new RankMatrix(matrix.evaluation!);
broken2.stopped = 0.4;
broken2`,
  "rank-matrix/error": `const unknown = new RankMatrix({ model: digitModel, data: { x }, methods: ["lrpp" as never], measures: ["selectivity"] });
await unknown.settled();
unknown`,
  "sanity-check/loading": `const forgetting = new SanityCheck(digitModel, digit, { methods: ["gradient-times-input"], seed: 1 });
await forgetting.settled();
forgetting.set({ running: true, progress: 0.4, done: 2 });
forgetting`,
  "sanity-check/stopped": `const half = new SanityCheck(digitModel, digit, { methods: ["gradient-times-input"], seed: 1 });
await half.settled();
half.stopped = 0.4;
half`,
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
  "shattered-gradients/loading": `const counting = new ShatteredGradients({ depth: 8, width: 40, seed: 1 });
counting.progress = 0.4;
counting`,
  "shattered-gradients/error": `const [from, to] = [tf.zeros([1, 28, 28, 1]), tf.zeros([1, 14, 14, 1])];
new ShatteredGradients({ architecture: "trained", trained: { name: "two sizes", model: digitModel, from, to, target: 0 } })`,
};

/** The cell before them all. */
export const opening = `import { Button, Checkbox, ClassPrototype, compare, DrawDigit, Dropdown, Explorer, FlippingCurve, FloatLogSlider, HBox, Heatmap, HTML, IntProgress,
  IntSlider, MethodGrid, RankMatrix, RelevanceFlow, SanityCheck, ShatteredGradients, Text, ToggleButtons, VBox, epsilonGammaBox, loadDigits, loadImage, loadModel, lrp, plot,
  tensorflow } from "limpid";
const tf = await tensorflow();
const [model, digitModel, digits] = await Promise.all([loadModel("efficientnet-lite0"), loadModel("mnist-cnn"), loadDigits()]);
const photo = await loadImage("chelsea.png", model.input);
const digit = await loadImage("coffee.png", digitModel.input);
const explained = await lrp(model, { composite: epsilonGammaBox({ low: -1, high: 1 }) })(photo.tensor, { target: 282 });`;
