/** States that `report.precompute` has a report compute: each is what the method gives there, and the shown one comes back as it was. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type RunRecord, readRecord, recordingCode } from "../../src/reports/recorder/dump.js";
import { numbersOf, type PrecomputedTable } from "../../src/reports/table.js";
import { type Client, startKernel } from "../helpers/kernel.js";

const CELLS = [
  `import { Explorer, FloatSlider, Heatmap, VBox, loadDigits, loadModel, lrp, report, steps, tensorflow, top } from "limpid";
const [model, digits, tf] = await Promise.all([loadModel("mnist-cnn"), loadDigits(), tensorflow()]);
const bytes = digits.pixels.subarray(4 * 784, 5 * 784);
const photo = { tensor: tf.tensor4d(Float32Array.from(bytes, (byte) => byte / 255), [1, 28, 28, 1]), pixels: null, width: 28, height: 28, name: "digit", dispose() {} };
const explorer = new Explorer(model, { ...photo, pixels: Uint8ClampedArray.from({ length: 4 * 784 }, (_, at) => (at % 4 === 3 ? 255 : bytes[at >> 2]!)) });
explorer`,
  `const slider = new FloatSlider({ value: 1, min: 0, max: 4, step: 1, description: "turns" });
const wave = (turns: number) => ({ shape: [4, 4], values: Float32Array.from({ length: 16 }, (_, i) => turns * i) });
const moved = new Heatmap({ relevance: wave(1), total: 120 });
slider.observe(({ new: turns }) => moved.set({ relevance: wave(turns), total: 120 * turns }), "value");
new VBox([slider, moved])`,
  `report.precompute({ gamma: steps(0, 1, 5), target: top(2) });
report.precompute(slider, { value: [0, 2, 3] });
report.precompute(explorer, { gamma: steps(0, 1, 3), target: top(2) }, { together: [["gamma", "target"]] });
report.precompute(explorer, { gamma: steps(0, 1, 1001) }, { megabytes: 0.01 });
report.precompute(explorer, { window: [1, 2] });
report.precompute(explorer, { target: top(50) });
report.precompute(slider, { value: [1] });
report.precompute(slider, { value: [2, "far"] });`,
  "const numbersOf = (map: any): Float32Array => Float32Array.from(map.values instanceof Float32Array ? map.values : map);\nconst shown = { relevance: numbersOf(explorer.relevance), total: explorer.total, parameters: JSON.stringify(explorer.parameters), target: explorer.target, turns: slider.value, moved: moved.total };",
];

let kernel: Client;
let record: RunRecord;
let folder: string;

before(async () => {
  kernel = await startKernel();
  folder = join(kernel.folder, "record");
  await kernel.execute(recordingCode("").start, { silent: true });
  for (const code of CELLS) {
    const { reply } = await kernel.execute(code);
    assert.equal(reply["status"], "ok", JSON.stringify(reply["evalue"]));
  }
  const ended = await kernel.execute(recordingCode(folder).end, { silent: true });
  assert.equal(ended.reply["status"], "ok", JSON.stringify(ended.reply["evalue"]));
  record = await readRecord(folder);
});
after(() => kernel.stop());

const tableAt = (wish: number): { table: PrecomputedTable; blob: Uint8Array } => {
  const { table, file } = record.wishes[wish]!;
  return { table: table!, blob: readFileSync(join(folder, file!)) };
};

/** A trait of a state, arrays as numbers. */
function heldIn({ table, blob }: ReturnType<typeof tableAt>, settings: object, trait: string): unknown {
  const wanted = Object.entries(settings);
  const state = table.states.find(({ key }) => {
    const values = Object.entries(JSON.parse(key) as object);
    return (
      values.length === wanted.length &&
      wanted.every(([name, value]) => values.some(([one, held]) => one.endsWith(`.${name}`) && held === value))
    );
  });
  const change = state?.changes.find((one) => one.trait === trait);
  if (change === undefined) return undefined;
  return "value" in change ? change.value : [...numbersOf(blob, change.array)];
}

test("states go through the shown one: their sum, unless settings are declared together", () => {
  assert.deepEqual(
    [0, 1, 2].map((wish) => tableAt(wish).table.states.length),
    // 0.25 of five is shown, and the class of two that is shown: 4 + 1; three; (3 + 1) × 2 − 1.
    [5, 3, 7],
  );
  assert.deepEqual(
    tableAt(0).table.axes.map(({ label, setting }) => [label, setting]),
    [
      ["γ", "parameters.gamma"],
      ["target", "target"],
    ],
  );
});

test("a state holds what the method gives there: numbers exactly, the map in 255 levels", async () => {
  const own = tableAt(0);
  const { stdout } = await kernel.execute(
    "const there = await lrp(model, { gamma: 0.5, bias: 'distribute' })(photo.tensor, { target: explorer.target as number }); console.log(JSON.stringify([[...numbersOf(there.relevance)], there.output[0], numbersOf(there.relevance).reduce((a, b) => a + b)]))",
  );
  const [map, output, sum] = JSON.parse(stdout) as [number[], number, number];
  const stored = heldIn(own, { "parameters.gamma": 0.5 }, "relevance") as number[];
  const most = Math.max(...map.map(Math.abs));
  for (const [at, value] of map.entries()) {
    assert.ok(Math.abs(stored[at]! - value) <= (most / 254) * 1.001, `${value}, ${stored[at]}`);
  }
  assert.ok(Math.abs((heldIn(own, { "parameters.gamma": 0.5 }, "total") as number) - sum) < 1e-4 * Math.abs(sum));
  assert.ok(Math.abs(output - sum) < 1e-2 * Math.abs(output), "and it adds up to the output");
});

test("what observers in cells do is in the state, of every widget that they change", () => {
  const own = tableAt(1);
  assert.equal(heldIn(own, { value: 3 }, "total"), 360);
  assert.deepEqual(
    (heldIn(own, { value: 2 }, "relevance") as number[]).map((value) => Math.round(value)),
    Array.from({ length: 16 }, (_, at) => 2 * at),
  );
});

test("afterwards the widgets show what they showed, bit for bit", async () => {
  const now = await kernel.evaluate(
    "JSON.stringify([[...numbersOf(explorer.relevance)].every((value, at) => Object.is(value, shown.relevance[at])), explorer.total === shown.total, JSON.stringify(explorer.parameters) === shown.parameters, explorer.target === shown.target, slider.value === shown.turns, moved.total === shown.moved])",
  );
  assert.match(now!, /\[true,true,true,true,true,true\]/);
});

test("what is too much, not there or not listed is refused, and says what to do", () => {
  const refused = record.wishes.slice(3).map((wish) => wish.refused ?? "");
  assert.match(
    refused[0]!,
    /^1,?000 states \(γ\), about .* are more than 0\.01 MB( and 60 s)?: take fewer values, or give report\.precompute \{ megabytes: \d+, seconds: \d+ \}$/,
  );
  assert.match(refused[1]!, /no setting "window" now; it has .*gamma/);
  assert.match(refused[2]!, /top\(50\) of \d+ classes; an explorer made with \{ top: 50 \} lists so many/);
  const costs = readFileSync(join(folder, "costs.txt"), "utf8");
  assert.match(costs, /^report\.precompute: 5 states \(γ, target\), about .*MB and .* s$/m);
});

test("where only the shown value is listed there is nothing to choose; a value that cannot be is refused by name", () => {
  const nothing = record.wishes[6]!;
  assert.deepEqual([nothing.table?.states, nothing.refused], [[], undefined]);
  assert.match(record.wishes[7]!.refused!, /turns = "far" is not possible: .*value/);
});

test("in an ordinary notebook it notes the wish, and says so; values are checked at once", async () => {
  const { stdout } = await kernel.execute("report.precompute(explorer, { gamma: steps(0, 1, 3) })");
  assert.match(stdout, /^Noted for limpid report.*: gamma$/m);
  for (const [code, words] of [
    ["report.precompute({})", /settings with their values/],
    ["report.precompute({ gamma: [] })", /a list of values/],
    ["steps(0, 1, 1)", /whole number from 2 on/],
    ["report.precompute({ gamma: [1] }, { together: [['delta']] })", /names of gamma/],
  ] as const) {
    const { reply } = await kernel.execute(code);
    assert.match(String(reply["evalue"]), words, code);
  }
});
