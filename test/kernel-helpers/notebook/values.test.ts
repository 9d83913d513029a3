import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as tf from "@tensorflow/tfjs-core";
import sharp from "sharp";
import { DISPLAY, formatted, type MimeBundle, shownFor } from "../../../src/comms/host.js";
import {
  integratedGradients,
  type LoadedImage,
  type LoadedModel,
  loadImage,
  loadModel,
  lrp,
  ParameterError,
  PlotlyFigure,
  sensitivity,
  summary,
  table,
} from "../../../src/kernel-helpers/index.js";

let model: LoadedModel;
let photo: LoadedImage;
before(async () => {
  model = await loadModel("mnist-cnn");
  photo = await loadImage("coffee.png", model.input);
});
after(() => {
  photo.dispose();
  model.dispose();
});

const shown = (value: unknown): { text: string; html: string } => {
  const bundle = formatted(value) ?? ({} as MimeBundle);
  return { text: String(bundle["text/plain"] ?? ""), html: String(bundle["text/html"] ?? "") };
};

/** The pictures in some HTML, decoded. */
const picturesOf = (html: string) =>
  Promise.all(
    [...html.matchAll(/src="data:image\/png;base64,([^"]+)"/g)].map(([, data]) =>
      sharp(Buffer.from(data!, "base64")).removeAlpha().raw().toBuffer({ resolveWithObject: true }),
    ),
  );

test("a model reads as its layers, with the parameters that the file has and the rules that LRP has", () => {
  const { text, html } = shown(model);
  const { layers, parameters, refused } = summary(model);
  assert.equal(parameters, (model.net as { countParams(): number }).countParams());
  assert.deepEqual(refused, []);
  assert.deepEqual(layers.map(({ kind }) => kind).slice(0, 3), ["conv2d", "relu", "pool"]);
  // By hand: 16 filters of 5 × 5 × 1 and 16 biases.
  assert.equal(layers[0]!.parameters, 16 * 25 + 16);
  assert.match(text, /conv1\s+conv2d\s+24×24×16\s+416\s+epsilon/);
  assert.match(
    text,
    /mnist-cnn · input 28×28×1 · output: logits · 10 classes|mnist-cnn · input 28×28×1 · output: logits/,
  );
  assert.match(html, /<th[^>]*>LRP rule<\/th>/);
  assert.match(text, /LRP has a rule for every layer/);
});

test("what LRP refuses is said, and looking at a model leaves no tensor", async () => {
  const odd = await loadModel((x: tf.Tensor) => tf.acosh(tf.add(tf.matMul(x, tf.ones([3, 2])), 2)), {
    name: "odd <model>",
    input: { shape: [3] },
  });
  const before = tf.memory().numTensors;
  const { layers, refused } = summary(odd);
  assert.equal(tf.memory().numTensors, before);
  assert.equal(refused.length, 1, JSON.stringify(layers));
  await assert.rejects(lrp(odd, { composite: "epsilon-plus" })(tf.ones([1, 3])), /no rule for the operation/);
  assert.match(shown(odd).text, /LRP refuses 1 of \d+ layers/);
  assert.ok(shown(odd).html.includes("odd &lt;model&gt;"));
});

test("a photo is a thumbnail of its pixels; a list of photos several", async () => {
  const { text, html } = shown(photo);
  assert.match(text, /^coffee\.png · 28 × 28 pixels · enters as 1×28×28×1/);
  const [picture] = await picturesOf(html);
  assert.deepEqual([picture!.info.width, picture!.info.height], [28, 28]);
  for (const at of [0, 100, 783]) assert.equal(picture!.data[3 * at], photo.pixels[4 * at]);
  assert.equal((await picturesOf(shown([photo, photo]).html)).length, 2);
  // A large one is averaged down: the mean stays.
  const large = await loadImage("chelsea.png");
  const [small] = await picturesOf(shown(large).html);
  assert.ok(small!.info.width === 160 && small!.info.height < 160);
  const mean = (values: ArrayLike<number>, step: number) => {
    let sum = 0;
    for (let i = 0; i < values.length; i += step) sum += values[i]!;
    return sum / Math.ceil(values.length / step);
  };
  assert.ok(Math.abs(mean(small!.data, 3) - mean(large.pixels, 4)) < 1);
  large.dispose();
});

test("a result is a small map with target, output, sum where it means something, and warnings", async () => {
  const result = await lrp(model)(photo.tensor, { target: 3 });
  const sum = result.relevance.reduce((a, b) => a + b, 0);
  const { text, html } = shown(result);
  assert.match(text, /^Layer-wise relevance propagation\n {2}target 3 · output −?[\d.]+\n/);
  // A class by its name, then its number; the classes of this model are called as they are counted.
  const named = { ...model, classNames: Array.from({ length: 10 }, (_, digit) => `digit ${digit}, ${digit}`) };
  const byName = await lrp(named)(tf.concat([photo.tensor, photo.tensor]), { target: ["digit 3", 5] });
  assert.deepEqual(byName.targetNames, ["digit 3, 3", "digit 5, 5"]);
  assert.match(shown(byName).text, /target digit 3 \(3\), digit 5 \(5\) · output/);
  const against = await lrp(named)(photo.tensor, { target: { not: 3 } });
  assert.deepEqual(against.targetNames, [null]);
  const said = Number(/adds up to (−?[\d.e−]+)/.exec(text)![1]!.replaceAll("−", "-"));
  assert.ok(Math.abs(said - sum) <= 1e-3 * Math.abs(sum));
  const [map] = await picturesOf(html);
  assert.deepEqual([map!.info.width, map!.info.height], [28, 28]);
  const gradient = await sensitivity(model)(photo.tensor);
  assert.match(shown(gradient).text, /no shares of the output: no sum/);
  const zero = await integratedGradients(model, { steps: 2 })(tf.zeros([1, 28, 28, 1]));
  assert.match(shown(zero).text, /⚠ All values are zero/);
  const list = shown([result, gradient]);
  assert.equal((await picturesOf(list.html)).length, 2);
  assert.match(list.text, /Layer-wise relevance propagation[\s\S]*\nSensitivity/);
});

test("a tensor reads by shape, kind, least, mean and greatest value; one that may be a picture as such", async () => {
  const tensor = tf.tensor2d([
    [1, 2],
    [3, Number.NaN],
  ]);
  assert.match(
    shown(tensor).text,
    /^Tensor float32 \[2, 2\]: min 1, mean 2, max 3, 1 NaN or infinite\n\s+\[\[1, 2 {2}\],\n/,
  );
  const long = tf.linspace(0, 1, 5001);
  assert.equal(
    shown(long).text,
    "Tensor float32 [5001]: min 0, mean 0.5, max 1\n0, 2e−4, 4e−4, 6e−4, …, 0.9994, 0.9996, 0.9998, 1",
  );
  const ramp = tf.linspace(-1, 1, 64).reshape([1, 8, 8, 1]);
  const { html } = shown(ramp);
  const [picture] = await picturesOf(html);
  assert.deepEqual([picture!.data[0], picture!.data[3 * 63]], [0, 255]);
  assert.match(html, /shown from −1 \(black\) to 1 \(white\)/);
  assert.equal((await picturesOf(shown(tf.zeros([3, 8, 8, 3])).html)).length, 3);
  long.dispose();
  assert.equal(shown(long).text, "Tensor float32 [5001] (disposed)");
  assert.equal(
    shown(new Float64Array(1000).fill(2)).text,
    "Float64Array(1000): min 2, mean 2, max 2\n[2, 2, 2, 2, …, 2, 2, 2, 2]",
  );
  assert.match(shown(Int32Array.of(1, 2)).text, /^Int32Array\(2\) \[ 1, 2 \]$/);
});

test("an array of objects is a table; keys and values are text, never markup", () => {
  const rows = [
    { method: "<img src=x onerror=alert(1)>", "A<b>": 0.123456, n: 10 },
    { method: "IG", "A<b>": -2, n: 1000, more: null },
  ];
  const { text, html } = shown(rows);
  assert.ok(!/<img|<b>/.test(html));
  assert.match(html, /&lt;img src=x onerror=alert\(1\)&gt;/);
  const lines = text.split("\n");
  assert.match(lines[0]!, /^method\s+A<b>\s+n\s+more$/);
  assert.match(lines[2]!, /0\.1235 {4}10$/);
  // Columns stand beneath each other, with as many decimals.
  assert.equal(lines[2]!.indexOf("0.1235"), lines[3]!.indexOf("−2.0000") + 1);
  assert.equal(shown([{ nested: { a: 1 } }]).text, "");
  assert.equal(shown([1, 2, 3]).text, "");
  assert.equal(shown([]).text, "");
});

test("a long table shows its first and last rows and how many there are; columns, digits and errors", () => {
  const rows = Array.from({ length: 1000 }, (_, i) => ({ i, square: i * i, third: i / 3 }));
  const text = String(table(rows, { limit: 10, columns: ["square", "third"], digits: 2 }));
  assert.equal(text.split("\n").length, 2 + 11 + 1);
  assert.match(text, /^square\s+third/);
  assert.match(text, /998001\s+333\n1,000 rows$/);
  const column = (...values: number[]) =>
    String(
      table(
        values.map((value) => ({ value })),
        { digits: 2 },
      ),
    )
      .split("\n")
      .slice(2)
      .map((line) => line.trim());
  assert.deepEqual(column(0.7, -0.0612, 0.994), ["0.70", "−0.06", "0.99"]);
  assert.deepEqual(column(0.854, 1, 0.92), ["0.85", "1.00", "0.92"]);
  // Nothing becomes 0 by that, and counts stay counts.
  assert.deepEqual(column(9.24, 0.0009), ["9.2", "9e−4"]);
  assert.deepEqual(column(12.34, 1), ["12", "1"]);
  assert.deepEqual(column(5, 1000), ["5", "1000"]);
  assert.deepEqual(column(0.5, Number.NaN), ["0.5", "not a number"]);
  assert.match(String(table([])), /no rows/);
  assert.throws(() => table(rows, { columns: ["sqare"] }), /Did you mean "square"/);
  assert.throws(() => table([1] as never), ParameterError);
  assert.throws(() => table(rows, { limit: 0 }), ParameterError);
  assert.equal(typeof table(rows)[DISPLAY]()["text/html"], "string");
});

test("pixels with their size show as a picture, whoever made them", async () => {
  class ImageData {
    data = Uint8ClampedArray.from({ length: 4 * 6 }, (_, at) => (at % 4 === 3 ? 255 : 10 * at));
    width = 3;
    height = 2;
  }
  const { text, html } = shown(new ImageData());
  assert.equal(text, "ImageData 3 × 2, RGBA");
  const [picture] = await picturesOf(html);
  assert.deepEqual([picture!.info.width, picture!.info.height], [3, 2]);
  assert.deepEqual([...picture!.data.subarray(0, 6)], [0, 10, 20, 40, 50, 60]);
  assert.match(shown({ data: new Uint8Array(6), width: 3, height: 2 }).text, /^Pixels 3 × 2, gray$/);
  for (const other of [
    { data: new Uint8Array(7), width: 3, height: 2 },
    { data: new Float32Array(6), width: 3, height: 2 },
    { data: [1], width: 1, height: 1 },
    { data: new Uint8Array(6), width: 0, height: 2 },
  ])
    assert.equal(formatted(other), undefined);
});

test("what plotly's own functions take is shown as a figure, and nothing else is", () => {
  const traces = [{ type: "bar", x: ["a", "b"], y: [1, 2] }];
  const figure = shownFor({ data: traces, layout: { title: { text: "two" } } });
  assert.ok(figure instanceof PlotlyFigure);
  assert.deepEqual([figure.data, figure.plotLayout], [traces, { title: { text: "two" } }]);
  for (const other of [
    { data: traces },
    { data: [], layout: {} },
    { data: [1], layout: {} },
    { data: [{ id: 1 }], layout: {} },
    1,
    null,
  ])
    assert.equal(shownFor(other), other);
  // What plotly would refuse is shown as it is.
  const wrong = { data: [{ type: "no such trace", x: [1] }], layout: {} };
  assert.equal(shownFor(wrong), wrong);
});

test("a value that cannot be looked at is left to be shown plainly", () => {
  const hostile = new Proxy([], {
    get() {
      throw new Error("no");
    },
  });
  assert.equal(formatted(hostile), undefined);
  assert.equal(formatted(null), undefined);
  assert.equal(shownFor(hostile), hostile);
});
