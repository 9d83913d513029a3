import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  deconvnet,
  deepLift,
  deepLiftShap,
  type Explain,
  expectedGradients,
  gradientTimesInput,
  guidedBackprop,
  guidedGradCam,
  integratedGradients,
  layerConductance,
  layerGradientTimesActivation,
  type Model,
  ParameterError,
  record,
  release,
  sensitivity,
  simpleTaylor,
  smoothedGradient,
  smoothGrad,
  squareGrad,
  UnsupportedOperationError,
  varGrad,
} from "../../../../src/explainers/index.js";
import { close, near, sum } from "../../../helpers/numbers.js";
import { leavesNoTensors, normals } from "../../../helpers/tensors.js";

const draw = normals(3);
const [VOCABULARY, WIDTH, LENGTH] = [12, 4, 5];
const table = draw(VOCABULARY, WIDTH);
const columns = draw(WIDTH, 2);
const sentences = tf.tensor2d([3, 7, 1, 0, 11, 2, 2, 9, 4, 5], [2, LENGTH], "int32");
const vectors = () => table.arraySync() as number[][];
const weights = () => (columns.arraySync() as number[][]).map((row) => row[1]!);
const words = () => Array.from(sentences.dataSync());
const dot = (a: readonly number[], b: readonly number[]) => sum(a.map((value, i) => value * b[i]!));

/** Σ_t w · e(x_t): what each word is worth is known. */
const bag: Model = (x: tf.Tensor) => tf.matMul(tf.sum(tf.gather(table, x.toInt()), 1), columns as tf.Tensor2D);

/** What an embedding's words give that differs from a baseline's vector: `w · (e − e')`. */
const worth = (baseline: readonly number[] = [0, 0, 0, 0]): number[] =>
  words().map((word) =>
    dot(
      weights(),
      vectors()[word]!.map((value, i) => value - baseline[i]!),
    ),
  );

test("of a linear bag of words every method has its closed form, summed over each word's vector", async () => {
  const squares = dot(weights(), weights());
  const total = sum(weights());
  const all = (value: number) => words().map(() => value);
  const cases: [string, Explain, readonly number[]][] = [
    ["gradient × input", gradientTimesInput(bag), worth()],
    ["integrated gradients", integratedGradients(bag, { steps: 3 }), worth()],
    ["integrated gradients, Riemann", integratedGradients(bag, { steps: 4, rule: "riemann-left" }), worth()],
    ["DeepLIFT", deepLift(bag), worth()],
    ["DeepLIFT, RevealCancel", deepLift(bag, { rule: "reveal-cancel" }), worth()],
    ["DeepLIFT-SHAP", deepLiftShap(bag), worth()],
    ["expected gradients", expectedGradients(bag, { samples: 4 }), worth()],
    ["simple Taylor", simpleTaylor(bag, { root: "zero" }), worth()],
    ["sensitivity", sensitivity(bag), all(squares)],
    ["sensitivity, absolute", sensitivity(bag, { kind: "absolute" }), all(sum(weights().map(Math.abs)))],
    [
      "sensitivity, largest",
      sensitivity(bag, { kind: "absolute", channels: "max" }),
      all(Math.max(...weights().map(Math.abs))),
    ],
    ["SmoothGrad", smoothGrad(bag, { samples: 3 }), all(total)],
    ["SquareGrad", squareGrad(bag, { samples: 3 }), all(squares)],
    ["VarGrad", varGrad(bag, { samples: 3 }), all(0)],
    ["guided backpropagation", guidedBackprop(bag), all(total)],
    ["deconvolution", deconvnet(bag), all(total)],
    ["smoothed gradient", smoothedGradient(bag), all(total)],
  ];
  for (const [name, explain, expected] of cases) {
    const result = await leavesNoTensors(() => explain(sentences, { target: 1 }));
    assert.deepEqual(result.shape, [2, LENGTH], name);
    near(result.relevance, expected, 1e-4, name);
  }
});

test("a baseline is a vector, the padding, or other words", async () => {
  const [zero, four] = [vectors()[0]!, vectors()[4]!];
  const others = tf.tensor2d([4, 4, 4, 0, 0], [1, LENGTH], "int32");
  const mixed = words().map(
    (word, i) => dot(weights(), vectors()[word]!) - dot(weights(), i % LENGTH < 3 ? four : zero),
  );
  const cases: [string, Parameters<typeof deepLift>[1] extends infer O ? O : never, readonly number[]][] = [
    ["zero", { reference: "zero" }, worth()],
    ["a value", { reference: 0.5 }, worth([0.5, 0.5, 0.5, 0.5])],
    ["the padding", { reference: "padding" }, worth(zero)],
    ["a word", { reference: tf.scalar(4, "int32") }, worth(four)],
    ["other words", { reference: others }, mixed],
    ["other words as floats", { reference: others.toFloat() }, mixed],
    ["a vector", { reference: tf.tensor1d(four) }, worth(four)],
    ["vectors", { reference: tf.tile(tf.tensor3d(four, [1, 1, 4]), [1, LENGTH, 1]) }, worth(four)],
    ["in a list", { reference: ["padding"] }, worth(zero)],
  ];
  for (const [name, options, expected] of cases) {
    const { reference } = options as { reference: "zero" };
    near((await deepLift(bag, { reference })(sentences, { target: 1 })).relevance, expected, 1e-4, name);
    const path = await integratedGradients(bag, { baseline: reference, steps: 2 })(sentences, { target: 1 });
    near(path.relevance, expected, 1e-4, `${name}, path`);
    near(path.completenessGap, [0, 0], 1e-4, name);
  }
  await assert.rejects(deepLift(bag, { reference: "gray" })(sentences), ParameterError);
  await assert.rejects(
    deepLift(bag, { reference: tf.zeros([3]) })(sentences),
    /numbers of words that fit .*, or vectors/,
  );
  // As many words as a vector has entries: one axis too few to know.
  const square = tf.slice(sentences, [0, 0], [2, WIDTH]);
  await assert.rejects(deepLift(bag, { reference: tf.ones([1, WIDTH]) })(square), /int32 for numbers of words/);
  await assert.rejects(
    deepLift((x: tf.Tensor) => x.sum(1, true), { reference: "padding" })(tf.ones([1, 3])),
    /only words/,
  );
});

test("references are other sentences, or vectors", async () => {
  const references = tf.tensor2d([0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 8, 8, 8, 8, 8], [3, LENGTH], "int32");
  const rows = references.arraySync();
  const worthOf = (word: number) => dot(weights(), vectors()[word]!);
  const mean = (position: number) => sum(rows.map((row) => worthOf(row[position]!))) / rows.length;
  const expected = words().map((word, i) => worthOf(word) - mean(i % LENGTH));
  for (const given of [references, references.toFloat(), tf.gather(table, references)]) {
    const result = await leavesNoTensors(() => deepLiftShap(bag, { references: given })(sentences, { target: 1 }));
    near(result.relevance, expected, 1e-4);
    near(result.completenessGap, [0, 0], 1e-4);
  }
  // Every reference as often as the others: no chance is left.
  const draws = { alphas: Array(6).fill(0.5), baselineIndices: [0, 1, 2, 0, 1, 2] };
  const drawn = await expectedGradients(bag, { references, samples: 3, draws })(sentences, { target: 1 });
  near(drawn.relevance, expected, 1e-4);
  await assert.rejects(deepLiftShap(bag, { references: tf.zeros([3, 2]) })(sentences), /\[count, 5\]/);
  await assert.rejects(deepLiftShap(bag, { background: "noise" })(sentences), /words' vectors/);
});

const initializer = (seed: number) => tf.initializers.randomNormal({ stddev: 0.5, seed });

/** Models of sentences, whose last layer gives logits. */
const nets: Record<string, () => tf.LayersModel> = {
  "Conv1D with two widths": () => {
    const input = tf.input({ shape: [LENGTH] });
    const found = embedding(false).apply(input) as tf.SymbolicTensor;
    const widths = [2, 3].map((kernelSize) => {
      const convolved = tf.layers
        .conv1d({ filters: 3, kernelSize, activation: "tanh", kernelInitializer: initializer(kernelSize) })
        .apply(found) as tf.SymbolicTensor;
      return tf.layers.globalMaxPooling1d().apply(convolved) as tf.SymbolicTensor;
    });
    const joined = tf.layers.concatenate().apply(widths) as tf.SymbolicTensor;
    return tf.model({ inputs: input, outputs: head().apply(joined) as tf.SymbolicTensor });
  },
  "masked LSTM": () => sequence(true, tf.layers.lstm(cell())),
  "masked GRU": () => sequence(true, tf.layers.gru(cell())),
  "masked simple RNN": () => sequence(true, tf.layers.simpleRNN(cell())),
  "bidirectional GRU": () =>
    sequence(false, tf.layers.bidirectional({ layer: tf.layers.gru(cell()) as tf.RNN, mergeMode: "concat" })),
};

const cell = () => ({ units: 3, kernelInitializer: initializer(5), recurrentInitializer: initializer(6) }) as const;
const head = () => tf.layers.dense({ units: 2, kernelInitializer: initializer(7), biasInitializer: initializer(8) });
const embedding = (maskZero: boolean) =>
  tf.layers.embedding({
    inputDim: VOCABULARY,
    outputDim: WIDTH,
    inputLength: LENGTH,
    maskZero,
    embeddingsInitializer: initializer(4),
  });
const sequence = (maskZero: boolean, layer: tf.layers.Layer) =>
  tf.sequential({ layers: [embedding(maskZero), layer, head()] });

/** `∂f/∂e_t` of every position by differences: the words of a sentence must differ. */
function differences(model: tf.LayersModel, sentence: readonly number[], target: number): number[][] {
  const own = model.getWeights();
  const entries = own[0]!.arraySync() as number[][];
  const step = 1e-2;
  const outputWith = (word: number, entry: number, by: number): number => {
    const changed = entries.map((row) => [...row]);
    changed[word]![entry]! += by;
    model.setWeights([tf.tensor2d(changed), ...own.slice(1)]);
    return tf.tidy(() => (model.predict(tf.tensor2d([...sentence], [1, LENGTH])) as tf.Tensor).dataSync()[target]!);
  };
  const gradient = sentence.map((word) =>
    entries[word]!.map((_, entry) => (outputWith(word, entry, step) - outputWith(word, entry, -step)) / (2 * step)),
  );
  model.setWeights([tf.tensor2d(entries), ...own.slice(1)]);
  return gradient;
}

for (const [name, make] of Object.entries(nets)) {
  test(`${name}: gradients at the embedding are those by differences, and paths are complete`, async () => {
    const model = make();
    const sentence = [6, 3, 9, 1, 0];
    const x = tf.tensor2d(sentence, [1, LENGTH], "int32");
    const byDifference = differences(model, sentence, 1);
    const own = model.getWeights()[0]!.arraySync() as number[][];
    const product = await gradientTimesInput(model)(x, { target: 1 });
    close(
      product.relevance,
      sentence.map((word, t) => dot(own[word]!, byDifference[t]!)),
      2e-3,
      "gradient × input",
    );
    close(
      (await sensitivity(model)(x, { target: 1 })).relevance,
      byDifference.map((gradient) => dot(gradient, gradient)),
      4e-3,
      "sensitivity",
    );
    // The same numbers as floats, twice in a batch, and of a recording.
    const again = await gradientTimesInput(model)(tf.tensor2d([...sentence, ...sentence], [2, LENGTH]), { target: 1 });
    close(again.relevance, [...product.relevance, ...product.relevance], 1e-5);
    const recording = record(model, x);
    close((await gradientTimesInput(model)(recording, { target: 1 })).relevance, product.relevance, 1e-5);
    recording.dispose();
    const scale = Math.max(...product.relevance.map(Math.abs));
    for (const reference of ["zero", "padding"] as const) {
      const path = await integratedGradients(model, { steps: 60, baseline: reference })(x, { target: 1 });
      near(path.completenessGap, [0], 1e-3 * scale, "integrated gradients");
      for (const rule of ["rescale", "reveal-cancel"] as const) {
        const lift = await deepLift(model, { rule, reference })(x, { target: 1 });
        near(lift.completenessGap, [0], 1e-3 * scale, rule);
        near(sum(lift.relevance), sum(path.relevance), 2e-3 * scale, rule);
      }
    }
    if (name.startsWith("masked")) {
      for (const explain of [gradientTimesInput, integratedGradients, deepLift, smoothGrad, sensitivity]) {
        assert.equal((await explain(model)(x, { target: 1 })).relevance.at(-1), 0, "what is masked gets nothing");
      }
    }
    release(model);
  });
}

test("explanations of words leave no tensors, also once they run as programs", async () => {
  const model = nets["masked simple RNN"]!();
  const explainers: Record<string, Explain> = {
    integrated: integratedGradients(model, { steps: 4 }),
    expected: expectedGradients(model, { samples: 4 }),
    lift: deepLift(model),
    smooth: smoothGrad(model, { samples: 4 }),
    guided: guidedBackprop(model),
    map: guidedGradCam(model),
  };
  const first = new Map<string, Float32Array>();
  for (let round = 0; round < 6; round++) {
    const count = tf.memory().numTensors;
    for (const [name, explain] of Object.entries(explainers)) {
      const { relevance } = await explain(sentences, { target: 0 });
      close(relevance, first.get(name) ?? relevance, 1e-4, name);
      first.set(name, first.get(name) ?? relevance);
      // A batch of one between.
      await explain(tf.tidy(() => tf.slice(sentences, 0, 1)) as tf.Tensor, { target: 0 });
    }
    // The slices are the test's own.
    if (round === 5) assert.equal(tf.memory().numTensors - count, Object.keys(explainers).length);
  }
  release(model);
});

test("at the embedding layer the entries of the vectors are apart", async () => {
  const model = nets["Conv1D with two widths"]!();
  const layer = model.layers[1]!.name;
  const words = await gradientTimesInput(model)(sentences, { target: 0 });
  const entries = await layerGradientTimesActivation(model, { layer })(sentences, { target: 0 });
  assert.deepEqual(entries.shape, [2, LENGTH, WIDTH]);
  const summed = Array.from(words.relevance, (_, i) => sum(entries.relevance.subarray(i * WIDTH, (i + 1) * WIDTH)));
  close(summed, words.relevance, 1e-5);
  const flow = await layerConductance(model, { layer, steps: 100 })(sentences, { target: 0 });
  const path = await integratedGradients(model, { steps: 100 })(sentences, { target: 0 });
  const flows = Array.from(path.relevance, (_, i) => sum(flow.relevance.subarray(i * WIDTH, (i + 1) * WIDTH)));
  close(flows, path.relevance, 2e-2);
});

test("positions counted from a mask stay; their lookup is not the words'", async () => {
  const positions = draw(LENGTH + 1, WIDTH);
  // As RoBERTa counts: padding has position 0, words have 1, 2, 3 …
  const model: Model = (x: tf.Tensor) => {
    const mask = tf.cast(tf.notEqual(x, 0), "float32");
    const place = tf.mul(tf.cumsum(mask, 1), mask).toInt();
    const sums = tf.add(tf.gather(table, x.toInt()), tf.gather(positions, place));
    const read = tf.tanh(tf.mul(sums, tf.expandDims(mask, 2)));
    return tf.matMul(tf.sum(read, 1), columns as tf.Tensor2D);
  };
  const x = tf.tensor2d([5, 6, 7, 0, 0], [1, LENGTH]);
  const kept = (word: number, t: number, scale: number) =>
    vectors()[word]!.map((value, i) => Math.tanh(scale * value + (positions.arraySync() as number[][])[t + 1]![i]!));
  // tanh acts entry by entry, and so each word's share is what it changes.
  const expected = [5, 6, 7, 0, 0].map((word, t) =>
    word === 0 ? 0 : dot(weights(), kept(word, t, 1)) - dot(weights(), kept(word, t, 0)),
  );
  close((await integratedGradients(model, { steps: 100 })(x, { target: 1 })).relevance, expected, 1e-4);
  close((await deepLift(model)(x, { target: 1 })).relevance, expected, 1e-4);
});

test("words beside numbers: columns of one row, or inputs of their own", async () => {
  const numbers = draw(2, 2);
  // The first column is a category, the others are quantities.
  const mixed: Model = (x: tf.Tensor) =>
    tf.add(
      tf.matMul(
        tf.reshape(tf.gather(table, tf.reshape(tf.slice(x, [0, 0], [-1, 1]), [-1]).toInt()), [-1, WIDTH]),
        columns as tf.Tensor2D,
      ),
      tf.matMul(tf.slice(x, [0, 1], [-1, 2]), numbers as tf.Tensor2D),
    );
  const rows = tf.tensor2d([7, 2, -1, 3, 0.5, 4], [2, 3]);
  const slopes = (numbers.arraySync() as number[][]).map((row) => row[1]!);
  const category = (word: number) => dot(weights(), vectors()[word]!);
  const [a, b] = slopes as [number, number];
  const expected = [category(7), 2 * a, -b, category(3), 0.5 * a, 4 * b];
  for (const explain of [gradientTimesInput(mixed), integratedGradients(mixed, { steps: 2 }), deepLift(mixed)]) {
    const { relevance, shape } = await explain(rows, { target: 1 });
    assert.deepEqual(shape, [2, 3]);
    near(relevance, expected, 1e-4);
  }
  const two: Model = (words: tf.Tensor, x: tf.Tensor) =>
    tf.add((bag as (x: tf.Tensor) => tf.Tensor)(words), tf.matMul(x as tf.Tensor2D, numbers as tf.Tensor2D));
  const x = tf.tensor2d([1, 2, 3, -4], [2, 2]);
  const apart = [a, 2 * b, 3 * a, -4 * b];
  const inputs = [sentences, x];
  for (const explain of [
    gradientTimesInput(two),
    integratedGradients(two, { steps: 2 }),
    deepLift(two),
    deepLiftShap(two),
    expectedGradients(two, { samples: 2 }),
  ]) {
    const result = await leavesNoTensors(() => explain(inputs, { target: 1 }));
    near(result.inputs[0]!.relevance, worth(), 1e-4, result.method);
    near(result.inputs[1]!.relevance, apart, 1e-4, result.method);
  }
  const list = await deepLift(two, { reference: ["padding", 1] })(inputs, { target: 1 });
  near(list.inputs[0]!.relevance, worth(vectors()[0]!), 1e-4);
  near(list.inputs[1]!.relevance, [0, b, 2 * a, -5 * b], 1e-4);
});

test("numbers that are moved, offset or clipped before they are looked up are the input's still", async () => {
  const moved: Model = (x: tf.Tensor) => {
    const known = tf.where(tf.less(x, VOCABULARY), x, tf.zerosLike(x));
    return (bag as (x: tf.Tensor) => tf.Tensor)(tf.reverse(tf.maximum(known, 1), 1));
  };
  const x = tf.tensor2d([3, 50, 7, 0, 2], [1, LENGTH]);
  const found = [3, 1, 7, 1, 2].map((word) => dot(weights(), vectors()[word]!));
  near((await gradientTimesInput(moved)(x, { target: 1 })).relevance, found, 1e-4);
  near((await integratedGradients(moved, { steps: 2 })(x, { target: 1 })).relevance, found, 1e-4);
});

test("what cannot be laid on the words is refused by name", async () => {
  const across: Model = (x: tf.Tensor) =>
    tf.matMul(tf.sum(tf.gather(table, tf.transpose(x).toInt()), 0), columns as tf.Tensor2D);
  await assert.rejects(
    integratedGradients(across)(sentences),
    (error: unknown) => error instanceof UnsupportedOperationError && /samples on their first axis/.test(error.message),
  );
});
