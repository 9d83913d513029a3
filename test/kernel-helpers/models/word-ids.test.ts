import assert from "node:assert/strict";
import { test } from "node:test";
import {
  explainBagOfWords,
  fromScikitLearn,
  type LoadedModel,
  loadModel,
  lrp,
  lrpRecurrent,
  ParameterError,
  tokenize,
  wordIds,
} from "../../../src/kernel-helpers/index.js";
import { near, sum } from "../../helpers/numbers.js";

const sentence = "Never a dull moment: warm, funny and zzyzx.";
const tokens = tokenize(sentence).map(({ token }) => token);

test("words have the number that the model's vocabulary gives them, unknown ones that of �", async () => {
  const { words, classNames } = await loadModel("movie-svm");
  assert.deepEqual(words!.slice(0, 2), ["", "�"]);
  assert.deepEqual(classNames, ["negative", "positive"]);
  const model = await loadModel("movie-lstm");
  const ids = Array.from(wordIds(model, [...tokens, ""]).dataSync());
  assert.deepEqual(
    ids.map((id) => model.words![id]),
    ["never", "a", "dull", "moment", "warm", "funny", "and", "�", ""],
  );
  assert.throws(() => wordIds(model, []), ParameterError);
  assert.throws(
    () => wordIds({ ...model, words: ["a"] } as LoadedModel, ["b"]),
    /of the 1 words that movie-lstm knows/,
  );
  const { words: _, ...wordless } = await loadModel("mnist-cnn");
  assert.throws(() => wordIds(wordless as LoadedModel, ["a"]), /one that knows its words/);
});

test("the support vector machine of movie sentences as a net: its decision by words is that of its bag of words", async () => {
  const model = await loadModel("movie-svm");
  const net = model.net as import("@tensorflow/tfjs-layers").LayersModel;
  const [weights, , bias] = net.getWeights().map((weight) => weight.dataSync());
  const svm = fromScikitLearn({
    coef_: [Array.from(weights!)],
    intercept_: [bias![1]!],
    classes_: ["negative", "positive"],
  });
  const vocabulary = new Map(model.words!.map((word, at) => [word, at]));
  const known = tokens.map((word) => (vocabulary.has(word) ? word : "�"));
  const bag = explainBagOfWords({ vocabulary, normalize: "l1" }, svm, known);
  const x = wordIds(model, tokens);
  const result = await lrp(net, { composite: "epsilon-plus", epsilon: 0, bias: "distribute" })(x, { target: 1 });
  near(bag.output, result.output[0]!, 1e-5);
  near(sum(bag.relevance), bag.output, 1e-9);
  near(sum(result.relevance), result.output[0]!, 1e-5);
});

test("relevance of both nets' words sums to their output", async () => {
  for (const name of ["movie-cnn", "movie-lstm"]) {
    const model = await loadModel(name);
    const x = wordIds(model, tokens);
    const explain =
      name === "movie-lstm"
        ? lrpRecurrent(model.net, { biasFactor: 1, bias: "distribute" })
        : lrp(model.net, { composite: "epsilon-plus", bias: "distribute" });
    const result = await explain(x, { target: 1 });
    near(sum(result.relevance), result.output[0]!, 1e-5, name);
    assert.deepEqual(result.shape, [1, tokens.length]);
  }
});
