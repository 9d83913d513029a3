import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, mock, test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import type { Explanation } from "../../src/cli/explain/explanation.js";
import { main } from "../../src/cli/main.js";
import {
  deepLift,
  deepLiftShap,
  type Explain,
  findMethod,
  integratedGradients,
  type Method,
  methods,
  smoothGrad,
} from "../../src/explainers/index.js";
import { parseCsv } from "../../src/kernel-helpers/formats/csv.js";
import { npyOf, parseNpy } from "../../src/kernel-helpers/formats/npy.js";
import type { Numbers } from "../../src/kernel-helpers/formats/numbers.js";
import { close } from "../helpers/numbers.js";
import { scratchFolder } from "../helpers/scratch.js";
import { normals } from "../helpers/tensors.js";
import { saveModel } from "../kernel-helpers/models/save.js";

const scratch = scratchFolder("inputs");
const path = (name: string) => join(scratch, name);

const positive = (seed: number, ...shape: number[]) => normals(seed)(...shape).abs();
const picture = positive(1, 8, 8, 3).clipByValue(0, 1);
const steps = normals(2)(5, 4);
const row = normals(3)(6);
const training = normals(4)(40, 6);
const tokens = [3, 0, 7, 7, 1];
const words = ["the", "a", "cat", "this", "dull", "was", "very", "good"];

const { layers } = tf;
const image = tf.sequential({
  layers: [
    layers.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3, activation: "relu" }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 3 }),
  ],
});
const sequence = tf.sequential({
  layers: [layers.lstm({ inputShape: [5, 4], units: 6 }), layers.dense({ units: 3 })],
});
const text = tf.sequential({
  layers: [
    layers.embedding({ inputDim: words.length, outputDim: 4, inputLength: tokens.length }),
    layers.lstm({ units: 6 }),
    layers.dense({ units: 2 }),
  ],
});
const table = tf.sequential({
  layers: [layers.dense({ inputShape: [6], units: 8, activation: "relu" }), layers.dense({ units: 3 })],
});
const two = (() => {
  const [left, right] = [tf.input({ shape: [5, 4] }), tf.input({ shape: [6] })];
  const joined = layers.concatenate().apply([layers.flatten().apply(left) as tf.SymbolicTensor, right]);
  const output = layers.dense({ units: 3 }).apply(joined) as tf.SymbolicTensor;
  return tf.model({ inputs: [left, right], outputs: output });
})();

const nets = { image, sequence, text, table, two };
for (const [index, net] of Object.values(nets).entries()) {
  const random = normals(10 + index);
  net.setWeights(net.getWeights().map((weights) => random(...weights.shape).mul(0.4)));
}

const numbers = (tensor: tf.Tensor): Numbers => ({ shape: tensor.shape, values: tensor.dataSync() as Float32Array });
const csv = (tensor: tf.Tensor2D) =>
  tensor
    .arraySync()
    .map((cells) => cells.join(","))
    .join("\n");
const columns = ["age", '"height, cm"', "x", "y", "z", "w"];

before(async () => {
  for (const [name, net] of Object.entries(nets)) await saveModel(net, path(name));
  writeFileSync(path("picture.npy"), npyOf(numbers(picture)));
  writeFileSync(path("batch.npy"), npyOf(numbers(picture.expandDims(0))));
  writeFileSync(path("pictures.npy"), npyOf(numbers(positive(5, 12, 8, 8, 3).clipByValue(0, 1))));
  writeFileSync(path("steps.csv"), csv(steps as tf.Tensor2D));
  writeFileSync(path("row.csv"), `${columns.join(",")}\n${csv(row.expandDims(0) as tf.Tensor2D)}\n`);
  writeFileSync(path("row.json"), JSON.stringify(row.arraySync()));
  writeFileSync(path("training.csv"), csv(training as tf.Tensor2D));
  writeFileSync(path("tokens.json"), JSON.stringify(tokens));
  writeFileSync(path("words.json"), JSON.stringify(tokens.map((token) => words[token])));
  writeFileSync(path("vocabulary.json"), JSON.stringify(words));
});

/** Runs the command in this process, which starts TensorFlow once. */
async function explain(...given: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  let [stdout, stderr] = ["", ""];
  const log = mock.method(console, "log", (line: string) => {
    stdout += `${line}\n`;
  });
  const write = mock.method(process.stderr, "write", (said: string) => {
    stderr += said;
    return true;
  });
  try {
    return { code: await main(["explain", ...given]), stdout, stderr };
  } finally {
    log.mock.restore();
    write.mock.restore();
  }
}

async function json(...given: string[]): Promise<Explanation> {
  const { code, stdout, stderr } = await explain(...given, "--json");
  assert.deepEqual([code, stderr], [0, ""], given.join(" "));
  return JSON.parse(stdout) as Explanation;
}

/** Parameters that make slow methods quick, and a root that there is. */
const quick: Record<string, string[]> = {
  "simple-taylor": ["root=gray"],
  "integrated-gradients": ["steps=5"],
  "feature-ablation": ["features=grid", "cells=3"],
  "meaningful-perturbation": ["iterations=5"],
  lime: ["samples=40", "segments=6"],
  "lime-table": ["samples=100"],
  "kernel-shap": ["samples=40", "segments=6"],
  rise: ["masks=40", "cells=3"],
};

/** A model and an input that a method explains, and data where it takes some. */
function settingOf({ id, inputs }: Method): string[] {
  if (inputs.includes("image")) {
    const takesData = ["pattern-net", "pattern-attribution", "kernel-shap", "expected-gradients"].includes(id);
    return [path("picture.npy"), "--model", path("image"), ...(takesData ? ["--data", path("pictures.npy")] : [])];
  }
  if (inputs.includes("table")) return [path("row.csv"), "--model", path("table"), "--data", path("training.csv")];
  return [path("steps.csv"), "--model", path("sequence")];
}

for (const method of methods) {
  test(`explain --method ${method.id}: runs, and says its id and the registry's parameters`, async () => {
    const parameters = (quick[method.id] ?? []).flatMap((parameter) => ["--param", parameter]);
    const result = await json(...settingOf(method), "--method", method.id, "--target", "1", ...parameters);
    assert.deepEqual([result.method, result.name], [method.id, method.name]);
    for (const [name, value] of Object.entries(result.parameters)) {
      const parameter = method.parameters[name];
      assert.ok(parameter?.accepts(value) || value === "tensor [12,8,8,3]" || value === "tensor [40,6]", name);
    }
    for (const [name, { default: initial, type }] of Object.entries(method.parameters)) {
      const isGiven = quick[method.id]?.some((parameter) => parameter.startsWith(`${name}=`)) || type === "tensor";
      if (initial !== undefined && !isGiven) assert.deepEqual(result.parameters[name], initial, name);
    }
    assert.equal(result.target.index, 1);
    assert.ok(Number.isFinite(result.relevanceSum) && result.relevanceSum !== 0);
  });
}

test("a sequence goes in as rows × columns; its relevance comes out as the library gives it", async () => {
  const out = path("relevance.npy");
  const words = [path("steps.csv"), "--model", path("sequence"), "--method", "lrp-recurrent", "--target", "2"];
  const { stdout } = await explain(...words, "--out", out);
  const expected = await findMethod("lrp-recurrent")(sequence)(steps.expandDims(0), { target: 2 });
  const { shape, values } = parseNpy(out, readFileSync(out));
  assert.deepEqual(shape, [5, 4]);
  assert.ok(values.every((value, index) => Math.abs(value - expected.relevance[index]!) < 1e-5));
  assert.match(stdout, /\nposition +relevance +strongest column +its relevance\n/);
  // The strongest position comes first, with its sign.
  const sums = Array.from({ length: 5 }, (_, at) => values.subarray(4 * at, 4 * at + 4).reduce((a, b) => a + b, 0));
  const first = sums.indexOf(sums.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a)));
  const [, position, relevance] = /its relevance\n +(\d) +([+−][\d.]+)/.exec(stdout)!;
  assert.deepEqual(
    [Number(position), Math.sign(Number(relevance!.replace("−", "-")))],
    [first, Math.sign(sums[first]!)],
  );
});

test("a text goes in as words or as their numbers; words stand in the table", async () => {
  const model = ["--model", path("text"), "--method", "lrp-recurrent"];
  const byWord = await json(path("words.json"), ...model, "--vocabulary", path("vocabulary.json"));
  const byNumber = await json(path("tokens.json"), ...model);
  assert.deepEqual({ ...byWord, input: "", milliseconds: 0 }, { ...byNumber, input: "", milliseconds: 0 });
  assert.deepEqual(byWord.shape, [1, 5]);
  const { stdout } = await explain(path("tokens.json"), ...model, "--vocabulary", path("vocabulary.json"));
  assert.match(stdout, /\nposition +token +word +relevance\n/);
  assert.match(stdout, /\n +2 +7 +good +[+−]\d/);
  const lime = await json(
    path("words.json"),
    ...model.slice(0, 2),
    "--method",
    "lime",
    "--vocabulary",
    path("vocabulary.json"),
  );
  assert.deepEqual(lime.shape, [1, 5]);
});

test("a row of a table goes in with or without names; they head the rows of text and the CSV file", async () => {
  const out = path("relevance.csv");
  const words = ["--model", path("table"), "--method", "gradient-times-input"];
  const { stdout } = await explain(path("row.csv"), ...words, "--out", out);
  assert.match(stdout, /\ncolumn +value +relevance\n/);
  assert.match(stdout, /\nheight, cm +−?[\d.]+ +[+−][\d.]+\n/);
  const written = parseCsv(out, readFileSync(out, "utf8"));
  assert.deepEqual(written.columns, ["age", "height, cm", "x", "y", "z", "w"]);
  const named = await json(path("row.csv"), ...words);
  const bare = await json(path("row.json"), ...words);
  assert.ok(Math.abs(named.relevanceSum - bare.relevanceSum) < 1e-5);
  assert.ok(Math.abs(written.values.reduce((a, b) => a + b, 0) - named.relevanceSum) < 1e-5);
  // Without a composite, LRP takes one that is not for pixels.
  const lrp = await json(path("row.csv"), "--model", path("table"), "--bias", "distribute");
  assert.notEqual(lrp.parameters["composite"], "epsilon-gamma-box");
  assert.ok(Math.abs(lrp.relevanceSum - lrp.output) < 1e-3 * Math.abs(lrp.output));
});

test("files are references and groups of features, too", async () => {
  const words = [path("row.csv"), "--model", path("table"), "--method"];
  writeFileSync(path("zeros.json"), "[0,0,0,0,0,0]");
  const zeros = await json(...words, "integrated-gradients", "--param", `baseline=${path("zeros.json")}`);
  const zero = await json(...words, "integrated-gradients", "--param", "baseline=0");
  assert.ok(Math.abs(zeros.relevanceSum - zero.relevanceSum) < 1e-5);
  writeFileSync(path("groups.json"), "[0,0,0,1,1,1]");
  const groups = await json(...words, "shapley-values", "--param", `ids=${path("groups.json")}`);
  assert.ok(Number.isFinite(groups.relevanceSum));
});

test("a model of two inputs gets two files, and both have relevance", async () => {
  const out = path("both.json");
  const words = ["--model", path("two"), "--bias", "distribute", "--composite", "epsilon-plus", "--target", "0"];
  const result = await json(path("steps.csv"), path("row.csv"), ...words, "--out", out);
  const [left, right] = JSON.parse(readFileSync(out, "utf8")) as [number[][], number[]];
  assert.deepEqual([left.length, left[0]!.length, right.length], [5, 4, 6]);
  const sum = [...left.flat(), ...right].reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(sum - result.relevanceSum) < 1e-4 && Math.abs(sum - result.output) < 1e-3 * Math.abs(sum) + 1e-5);
  const { stdout } = await explain(path("steps.csv"), path("row.csv"), ...words);
  assert.match(stdout, /\nsteps\.csv\nposition [\s\S]*\nrow\.csv\ncolumn /);
});

test("words are explained at their embedding, against words of a file, too", async () => {
  const given = [path("words.json"), "--model", path("text"), "--vocabulary", path("vocabulary.json"), "--target", "1"];
  writeFileSync(path("others.json"), JSON.stringify(tokens.map(() => words[1])));
  const x = tf.tensor2d(tokens, [1, tokens.length]);
  const padded = tf.zerosLike(x);
  const others = tf.onesLike(x).toInt();
  const cases: [string[], Explain][] = [
    [["integrated-gradients"], integratedGradients(text)],
    [["integrated-gradients", "--param", "baseline=padding"], integratedGradients(text, { baseline: padded.toInt() })],
    [["deeplift", "--param", `reference=${path("others.json")}`], deepLift(text, { reference: others })],
    [["deeplift-shap", "--data", path("others.json")], deepLiftShap(text, { references: others })],
    [["smoothgrad", "--param", "samples=8"], smoothGrad(text, { samples: 8 })],
  ];
  for (const [said, expected] of cases) {
    const out = path("words-relevance.json");
    const result = await json(...given, "--method", ...said, "--out", out);
    const { relevance } = await expected(x, { target: 1 });
    assert.deepEqual(result.shape, [1, tokens.length]);
    close(JSON.parse(readFileSync(out, "utf8")) as number[], relevance, 1e-4, said.join(" "));
  }
  const { stdout } = await explain(...given, "--method", "gradient-times-input");
  assert.match(stdout, /position {2}token {2}word/);
});

test("a model of two inputs is given data for both, in their order", async () => {
  writeFileSync(path("sequences.npy"), npyOf(numbers(positive(14, 3, 5, 4))));
  writeFileSync(path("rows.npy"), npyOf(numbers(positive(15, 3, 6))));
  const given = [path("steps.csv"), path("row.csv"), "--model", path("two"), "--target", "1", "--method"];
  for (const method of ["expected-gradients", "deeplift-shap", "kernel-shap"]) {
    const data = ["--data", path("sequences.npy"), "--data", path("rows.npy")];
    const result = await json(...given, method, ...data, "--out", path("shares.json"));
    const [left, right] = JSON.parse(readFileSync(path("shares.json"), "utf8")) as [number[][], number[]];
    assert.deepEqual([left.length, right.length], [5, 6], method);
    assert.ok(Number.isFinite(result.relevanceSum));
  }
  const { code, stderr } = await explain(...given, "kernel-shap", "--data", path("rows.npy"));
  assert.notEqual(code, 0);
  assert.match(stderr, /2 files, one for each of the model's inputs/);
});

test("numbers of a picture make a heatmap, and a model at hand explains them", async () => {
  const out = path("heatmap.png");
  const { code } = await explain(path("picture.npy"), "--model", path("image"), "--out", out);
  assert.deepEqual([code, readFileSync(out).subarray(1, 4).toString()], [0, "PNG"]);
  writeFileSync(path("digit.csv"), csv(positive(6, 28, 28).clipByValue(0, 1) as tf.Tensor2D));
  const batch = await json(path("batch.npy"), "--model", path("image"));
  assert.deepEqual(batch.shape, [1, 8, 8, 3]);
  const digit = await json(path("digit.csv"), "--model", "mnist-mlp");
  assert.deepEqual(digit.shape, [1, 28, 28, 1]);
});

test("what does not fit is named in one line, with what would", async () => {
  writeFileSync(path("short.json"), "[1, 2]");
  writeFileSync(path("ragged.json"), "[[1, 2], [3]]");
  writeFileSync(path("word.csv"), "a,b\n1,2\n1,x\n");
  writeFileSync(path("stray.json"), "[0, 1, 2, 3, 99]");
  const [t, s, w] = [path("table"), path("sequence"), path("text")];
  const cases: [string[], RegExp][] = [
    [[path("short.json"), "--model", t], /has to be of shape \[6\], but is of shape \[2\] by .*short\.json/],
    [[path("training.csv"), "--model", t], /\[6\], but is of shape \[40, 6\]/],
    [[path("ragged.json"), "--model", s], /ragged\.json must hold numbers in arrays of equal lengths/],
    [[path("word.csv"), "--model", t], /word\.csv has "x" in row 3, column 2, which is no number/],
    [[path("nowhere.npy"), "--model", t], /nowhere\.npy cannot be read: ENOENT/],
    [["chelsea.png", "--model", t], /inputs of shape \[6\], not pictures: give a \.npy, \.json or \.csv file/],
    [[path("row.csv"), "--model", path("two")], /has to be 2 files, of shapes \[5, 4\] and \[6\], but is 1 file\./],
    [[path("words.json"), "--model", w], /holds words, which need their numbers: give --vocabulary FILE/],
    [[path("words.json"), "--model", t], /holds words, but the model takes numbers/],
    [[path("stray.json"), "--model", w], /holds 99, but the model's words are whole numbers from 0 to 7/],
    [
      [path("row.csv"), "--model", t, "--method", "lrp-recurrent"],
      /one that explains rows of a table.*"lrp-recurrent"/,
    ],
    [[path("row.csv"), "--model", t, "--method", "lime-table"], /lime-table needs --data FILE.* Training rows/],
    [
      [path("row.csv"), "--model", t, "--method", "pattern-net"],
      /data must be given: the bounds of this model's input/,
    ],
    [[path("row.csv"), "--model", t, "--data", path("training.csv")], /--data must be left out with lrp/],
    [
      [path("row.csv"), "--model", t, "--method", "lime-table", "--data", path("short.json")],
      /\[rows, 6\], but is of shape \[2\]/,
    ],
    [
      [path("row.csv"), "--model", t, "--out", "map.png"],
      /map\.png cannot show what is no picture: --out takes a \.npy/,
    ],
    [
      [path("row.csv"), "--model", t, "--out", "map.txt"],
      /--out writes: it takes \.png \(pictures\), \.npy, \.json or \.csv/,
    ],
    [[path("picture.npy"), "--model", path("image"), "--out", "map.csv"], /cannot hold more than rows and columns/],
  ];
  for (const [given, message] of cases) {
    const { code, stdout, stderr } = await explain(...given);
    assert.match(stderr, message);
    assert.deepEqual([code, stdout, stderr.trim().split("\n").length], [1, "", 1], given.join(" "));
  }
});

test(".npy: what is written is read; other byte orders, widths and orders of axes, too", () => {
  const written = npyOf({ shape: [2, 3], values: Float32Array.of(0, 1, 2, 3, 4, 5) });
  assert.equal((written.length - 24) % 64, 0);
  assert.deepEqual(parseNpy("a.npy", written), { shape: [2, 3], values: Float32Array.of(0, 1, 2, 3, 4, 5) });
  const npy = (kind: string, order: string, shape: string, data: Uint8Array) => {
    const header = `{'descr': '${kind}', 'fortran_order': ${order}, 'shape': (${shape}), }`.padEnd(117);
    return Buffer.concat([Buffer.from(`\x93NUMPY\x01\x00\x76\x00${header}\n`, "latin1"), data]);
  };
  const fortran = npy("<f4", "True", "2, 3", new Uint8Array(Float32Array.of(0, 3, 1, 4, 2, 5).buffer));
  assert.deepEqual([...parseNpy("f.npy", fortran).values], [0, 1, 2, 3, 4, 5]);
  const big = npy(">i2", "False", "2,", Uint8Array.of(1, 0, 255, 255));
  assert.deepEqual(parseNpy("b.npy", big), { shape: [2], values: Float32Array.of(256, -1) });
  const wide = npy("<i8", "False", "1,", new Uint8Array(BigInt64Array.of(-7n).buffer));
  assert.deepEqual([...parseNpy("w.npy", wide).values], [-7]);
  // 1.5 in half precision.
  assert.deepEqual([...parseNpy("h.npy", npy("<f2", "False", "1,", Uint8Array.of(0, 0x3e))).values], [1.5]);
  assert.throws(
    () => parseNpy("h.npy", npy("<c8", "False", "1,", new Uint8Array(8))),
    /h\.npy holds "c8", which is not/,
  );
  assert.throws(() => parseNpy("c.npy", fortran.subarray(0, 140)), /c\.npy is cut short/);
});
