import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type RunRecord, readRecord, recordingCode } from "../../src/reports/recorder/dump.js";
import { type Client, startKernel } from "../helpers/kernel.js";

let kernel: Client;
let record: RunRecord;
let folder: string;
const START = recordingCode("").start;
const CELLS = [
  `import { display, FloatSlider, HBox, Label, expectClose } from "limpid";
   let loss = 0.1 + 0.2; const rows = [1, 2, 3]; const seed = 7; expectClose(loss, 0.3, 1e-9);`,
  "const slider = new FloatSlider({ value: 0.25 }); const gone = new FloatSlider({ value: 1 }); gone.close(); display(slider); rows.push(4); rows.length",
  "loss",
  `import { readFileSync } from "node:fs"; import * as library from "limpid"; import { loadModel, loadImage } from "limpid";
   const model = await loadModel("mnist-cnn"); const photo = await loadImage("three.png", model.input);`,
  "const broken: number = 'text'",
  "slider.value = 0.5; throw new RangeError('on purpose')",
  "new HBox([slider, new Label({ value: 'map' })])",
  'import { plot } from "limpid"; const [curve, sheet] = [plot({ y: [1, 3, 2] }), "curve.png"]; curve',
  "await curve.toPng(); sheet.length",
  "let fading: unknown = 3; let later: unknown = () => 2;",
  "fading = undefined; later",
  "fading; later = 2;",
  "later = () => 3;",
];

before(async () => {
  kernel = await startKernel();
  folder = join(kernel.folder, "record");
  const { default: sharp } = await import("sharp");
  await sharp({ create: { width: 28, height: 28, channels: 3, background: "white" } })
    .png()
    .toFile(join(kernel.folder, "three.png"));
  const { reply } = await kernel.execute(START, { silent: true });
  assert.equal(reply["status"], "ok", JSON.stringify(reply));
  for (const [index, code] of CELLS.entries()) {
    const content = {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: false,
    };
    const id = await kernel.send("shell", "execute_request", content, { metadata: { cellId: `cell-id-${index}` } });
    await kernel.executed(id);
    // The stored picture of what was moved is renewed a while later, on behalf of no cell.
    const moved = "slider.value = 0.75; slider.value = 0.5; await new Promise((done) => setTimeout(done, 1500))";
    await kernel.execute(index === 8 ? moved : "1 + 1", { silent: true });
  }
  const ended = await kernel.execute(recordingCode(folder).end, { silent: true });
  assert.equal(ended.reply["status"], "ok", JSON.stringify(ended.reply));
  record = await readRecord(folder);
});
after(() => kernel.stop());

const valuesOf = (index: number) => record.cells[index]!;
const names = (index: number) => valuesOf(index).quantities.map(({ place, name }) => `${place} ${name}`);

test("a part of this package that pages do not have is noted of the cell that uses it, and of no other", () => {
  // Each widget is painted for the notebook's file, too.
  const needs = record.cells.flatMap(({ id, needs: part }) => (part === undefined ? [] : [[id, part]]));
  assert.deepEqual(needs, [["cell-id-8", "what paints figures as PNG"]]);
});

test("every cell of the notebook is recorded under its id, silent requests are none", () => {
  assert.deepEqual(
    record.cells.map(({ id }) => id),
    CELLS.map((_, index) => `cell-id-${index}`),
  );
  assert.deepEqual(
    record.cells.map(({ source }) => source),
    CELLS,
  );
  assert.match(record.cells[0]!.code!, /^\(async function \(__cell/);
  assert.equal(record.cells[4]!.code, "", "a cell that does not compile has no code");
  assert.deepEqual(
    record.cells.map(({ failed }) => failed),
    [false, false, false, false, true, true, ...Array<boolean>(7).fill(false)],
  );
});

test("variables are recorded as the cell leaves them, and again only where a cell changed them", () => {
  assert.deepEqual(names(0), ["variable loss", "variable rows", "variable seed", "expectation expectation 1"]);
  assert.deepEqual(valuesOf(0).quantities[0]!.value, { kind: "number", value: "0.30000000000000004" });
  assert.ok(
    names(1).includes("variable rows") && names(1).includes("variable slider") && names(1).includes("output result"),
  );
  assert.deepEqual(names(2), [], "what it shows is a variable that it leaves as it was");
  const [slider] = valuesOf(5).quantities;
  assert.equal(slider!.name, "slider");
  assert.match(JSON.stringify(slider!.value), /"value":\{"kind":"number","value":"0.5"\}/);
  assert.deepEqual(names(3), ["variable model", "variable photo"], "what is imported was not computed");
  assert.match(JSON.stringify(valuesOf(6).quantities), /"value":\{"kind":"text","length":3,"text":"map"\}/);
});

test("a variable that has no value any more is recorded as what it is now, once", () => {
  const last = [9, 10, 11, 12].map((index) => valuesOf(index).quantities.map(({ name, value }) => [name, value]));
  assert.deepEqual(last, [
    [["fading", { kind: "number", value: "3" }]],
    [["fading", { kind: "literal", value: "undefined" }]],
    [["later", { kind: "number", value: "2" }]],
    [["later", { kind: "opaque", type: "function" }]],
  ]);
});

test("states are those of the live widgets: closed ones are not among them, binary parts are files", () => {
  const sliders = record.models.filter(({ name }) => name === "FloatSliderModel");
  assert.deepEqual(
    sliders.map(({ state }) => state["value"]),
    [0.5],
  );
  for (const { buffers } of record.models)
    for (const { file } of buffers) assert.ok(readdirSync(folder).includes(file));
});

test("what was read is there by key, with its bytes and their hash; no path of this machine is", () => {
  const keys = record.resources.map(({ key }) => key.replace(/ .*/, ""));
  assert.ok(keys.includes("limpid:models/mnist-cnn/model.json") && keys.includes("three.png"), keys.join());
  for (const { file, sha256, size } of record.resources) {
    const bytes = readFileSync(join(folder, file));
    assert.equal(createHash("sha256").update(bytes).digest("hex"), sha256);
    assert.equal(bytes.length, size);
  }
  const { cells: _, ...said } = record;
  assert.ok(!JSON.stringify(said).includes(kernel.folder));
});

test("the environment tells versions, backend, CPU and seeds, and nothing of who and where", () => {
  const { limpid, node, backend, seeds, packages, cpu } = record.facts;
  assert.equal(limpid, "0.1.0");
  assert.equal(node, process.versions.node);
  assert.ok(["tensorflow", "wasm"].includes(backend!.name));
  assert.deepEqual(seeds, { "cell-id-0": [7] });
  assert.deepEqual(packages, {});
  assert.match(String(cpu), /^\d+ × /);
});

test("a recording begins once and ends once, and is told so by a typed error", async () => {
  mkdirSync(join(kernel.folder, "again"));
  writeFileSync(join(kernel.folder, "again", "x"), "");
  const twice = await kernel.execute(recordingCode("again").end);
  assert.equal(twice.reply["ename"], "RecordingError");
  await kernel.evaluate(START);
  assert.match(String((await kernel.execute(START)).reply["evalue"]), /is being recorded already/);
});
