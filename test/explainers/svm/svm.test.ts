import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  AbortedError,
  type BagOfWords,
  bagVector,
  decisionValue,
  explainBagOfWords,
  explainSvm,
  fromScikitLearn,
  type Kernel,
  ParameterError,
  parseLibsvm,
  type ScikitLearnSvc,
  type SupportVectorMachine,
  SvmFormatError,
  tokenize,
  trainSvm,
  vocabularyOf,
} from "../../../src/explainers/index.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import { near, sum } from "../../helpers/numbers.js";

interface PeerCase {
  readonly name: string;
  readonly fitted: ScikitLearnSvc;
  readonly x?: number[][];
  readonly y?: number[];
  readonly cost?: number;
  readonly queries: number[][];
  /** scikit-learn's, `[queries][functions]`. */
  readonly decisions: number[][];
  /** The model file that libsvm writes for the same data, and the classes that it predicts. */
  readonly libsvm?: { readonly text: string; readonly labels: number[] };
}

const peers = JSON.parse(
  readFileSync(new URL("../../../../test/explainers/svm/peers.json", import.meta.url), "utf8"),
) as { readonly cases: readonly PeerCase[] };

const kernels: Record<string, (fitted: ScikitLearnSvc) => Kernel> = {
  linear: () => ({ kind: "linear" }),
  rbf: ({ gamma }) => ({ kind: "rbf", gamma: gamma! }),
  poly: ({ gamma, degree, coef0 }) => ({ kind: "polynomial", gamma: gamma!, degree: degree!, coef0: coef0! }),
  precomputed: () => ({ kind: "histogramIntersection" }),
};

for (const peer of peers.cases) {
  test(`scikit-learn's ${peer.name}: the same decision values, and relevance that sums to them`, () => {
    const svm = fromScikitLearn(peer.fitted);
    peer.queries.forEach((x, i) => {
      svm.decisions.forEach((_, target) => {
        near(decisionValue(svm, x, target), peer.decisions[i]![target]!, 1e-8, "decision");
        for (const decomposition of ["path", "taylor"] as const) {
          const { relevance, output } = explainSvm(svm, x, { target, decomposition });
          near(sum(relevance), output, 1e-9, `${decomposition} sum`);
        }
      });
    });
  });

  if (peer.libsvm !== undefined) {
    test(`libsvm's ${peer.name}: read from its model file`, () => {
      const { text, labels } = peer.libsvm!;
      const svm = parseLibsvm(text, peer.fitted.kernel === "precomputed" ? { histograms: peer.x! } : {});
      peer.queries.forEach((x, i) => {
        const votes = new Map<number | string, number>();
        svm.decisions.forEach(({ positive, negative }, target) => {
          const value = decisionValue(svm, x, target);
          const winner = value > 0 ? positive : negative!;
          votes.set(winner, (votes.get(winner) ?? 0) + 1);
          // libsvm prints its bias with six digits and stops earlier.
          const sign = svm.decisions.length === 1 && positive === peer.fitted.classes_[0] ? -1 : 1;
          near(sign * value, peer.decisions[i]![target]!, 2e-4 * Math.max(1, Math.abs(value)), "decision");
        });
        const most = Math.max(...votes.values());
        assert.equal(votes.get(labels[i]!), most);
      });
    });

    test(`${peer.name}: our own training reaches the same machine`, async () => {
      const { x, y, cost, fitted } = peer;
      const svm = await trainSvm(x!, y!, { kernel: kernels[fitted.kernel]!(fitted), cost: cost!, tolerance: 1e-8 });
      peer.queries.forEach((query, i) => {
        svm.decisions.forEach((_, target) => {
          // Of two classes, scikit-learn's positive values speak for the second one.
          const sign = svm.decisions.length === 1 ? -1 : 1;
          near(sign * decisionValue(svm, query, target), peer.decisions[i]![target]!, 1e-4, "decision");
        });
      });
    });
  }
}

const random = seededRandom(3);
const vector = (length: number) => Float64Array.from({ length }, () => random.gaussian());
const machine = (kernel: Kernel, intercept = 0.4): SupportVectorMachine => ({
  kernel,
  supportVectors: { values: vector(5 * 3).map(Math.abs), rows: 5, dimensions: 3 },
  decisions: [{ positive: 1, negative: -1, coefficients: Float64Array.of(1, -0.5, 0.8, -1.1, -0.2), intercept }],
});

test("a linear machine: R_d = w_d x_d + b / D", () => {
  const svm = machine({ kind: "linear" });
  const x = vector(3);
  const { coefficients } = svm.decisions[0]!;
  const { relevance } = explainSvm(svm, x);
  relevance.forEach((value, d) => {
    const weight = coefficients.reduce((total, c, i) => total + c * svm.supportVectors.values[i * 3 + d]!, 0);
    near(value, weight * x[d]! + 0.4 / 3, 1e-12);
  });
});

test("histogram intersection: a dimension's relevance is its own sum over support vectors", () => {
  const svm = machine({ kind: "histogramIntersection" });
  const x = vector(3).map(Math.abs);
  const before = explainSvm(svm, x).relevance;
  const other = x.slice();
  other[1]! += 0.7;
  const after = explainSvm(svm, other).relevance;
  near(after[0]!, before[0]!, 1e-12);
  near(after[2]!, before[2]!, 1e-12);
  near(after[1]! - before[1]!, decisionValue(svm, other) - decisionValue(svm, x), 1e-12);
});

test("the path decomposition is the integral of the gradient from the root point, where the decision vanishes", () => {
  for (const kernel of [
    { kind: "rbf", gamma: 0.6 },
    { kind: "polynomial", gamma: 0.5, degree: 3, coef0: 1 },
  ] as const) {
    const svm = machine(kernel);
    const x = vector(3);
    const { relevance, root, shared, output } = explainSvm(svm, x, { reference: vector(3) });
    const from = root!;
    const f = (point: Float64Array) => decisionValue(svm, point);
    near(shared, f(from), 1e-9, "what is shared is f(root)");
    const STEPS = 4000;
    for (let d = 0; d < 3; d++) {
      let integral = 0;
      for (let step = 0; step < STEPS; step++) {
        const t = (step + 0.5) / STEPS;
        const at = (shift: number) => f(from.map((value, e) => value + t * (x[e]! - value) + (e === d ? shift : 0)));
        integral += (((at(1e-5) - at(-1e-5)) / 2e-5) * (x[d]! - from[d]!)) / STEPS;
      }
      near(relevance[d]! - shared / 3, integral, 1e-6 * Math.max(1, Math.abs(output)), `${kernel.kind} ${d}`);
    }
  }
});

test("a root point is found between x and a support vector of the other side", () => {
  const svm: SupportVectorMachine = {
    kernel: { kind: "rbf", gamma: 1 },
    supportVectors: { values: Float64Array.of(1, 0, -1, 0), rows: 2, dimensions: 2 },
    decisions: [{ positive: 1, negative: -1, coefficients: Float64Array.of(1, -1), intercept: 0 }],
  };
  const { root, shared } = explainSvm(svm, [0.8, 0]);
  near(root![0]!, 0, 1e-9, "the two bumps cancel half-way");
  near(shared, 0, 1e-9);
  const taylor = explainSvm(svm, [0.8, 0], { decomposition: "taylor" });
  near(taylor.relevance[0]! - taylor.shared / 2, 0.8 * 4 * Math.exp(-1), 1e-8, "slope at the root times the distance");
});

test("bags of words: tokens carry their word's weight, the bias is shared, the sum is the decision", () => {
  const texts = ["a good good film", "a bad film"].map((text) => tokenize(text).map(({ token }) => token));
  const vocabulary = vocabularyOf(texts);
  assert.deepEqual([...vocabulary.keys()], ["a", "bad", "film", "good"]);
  const svm = fromScikitLearn({ coef_: [[0.1, -2, 0.3, 1.5]], intercept_: [0.8], classes_: ["no", "yes"] });
  const tokens = tokenize("Good, good – but BAD?").map(({ token }) => token);
  assert.deepEqual(tokens, ["good", "good", "but", "bad"]);
  const { relevance, output } = explainBagOfWords({ vocabulary }, svm, tokens);
  // 0.8 / 4 for each dimension; those of "a" and "film" are reached by no token and go to all alike.
  const even = (0.2 + 0.2) / 4;
  for (const [i, value] of [1.5 + 0.1 + even, 1.5 + 0.1 + even, even, -2 + 0.2 + even].entries()) {
    near(relevance[i]!, value, 1e-12);
  }
  near(sum(relevance), output, 1e-12);
  near(output, 3 - 2 + 0.8, 1e-12);
  const weighted: BagOfWords = { vocabulary, weights: [1, 2, 3, 4], counting: "binary", normalize: "l2" };
  assert.deepEqual(
    Array.from(bagVector(weighted, tokens), (value) => value.toFixed(6)),
    [0, 2 / Math.sqrt(20), 0, 4 / Math.sqrt(20)].map((value) => value.toFixed(6)),
  );
  const again = explainBagOfWords(weighted, svm, tokens);
  near(sum(again.relevance), again.output, 1e-12);
  near(again.relevance[0]!, again.relevance[1]!, 1e-12);
});

test("a planted word is found by a machine trained on bags of words", async () => {
  const draw = seededRandom(8);
  const words = Array.from({ length: 30 }, (_, i) => `w${i}`);
  const texts = Array.from({ length: 80 }, (_, i) => {
    const text = Array.from({ length: 12 }, () => words[draw.integer(words.length)]!);
    if (i % 2 === 0) text[draw.integer(12)] = "planted";
    return text;
  });
  const bag = { vocabulary: vocabularyOf(texts) };
  const labels = texts.map((_, i) => (i % 2 === 0 ? "with" : "without"));
  for (const kernel of [{ kind: "linear" }, { kind: "histogramIntersection" }] as const) {
    const vectors = texts.map((text) => bagVector(bag, text));
    const svm = await trainSvm(vectors, labels, { kernel });
    const found = texts.filter((text, i) => {
      if (i % 2 === 1) return false;
      const { relevance } = explainBagOfWords(bag, svm, text);
      return text[relevance.indexOf(Math.max(...relevance))] === "planted";
    });
    assert.ok(found.length >= 38, `${kernel.kind}: ${found.length} of 40`);
  }
});

test("bad machines and inputs are refused with an error that names the value", async () => {
  const svm = machine({ kind: "linear" });
  const refuses = (work: () => unknown, type: new (...given: never[]) => Error, message: RegExp) =>
    assert.throws(work, (error) => error instanceof type && error.name === type.name && message.test(error.message));
  refuses(() => explainSvm(svm, [1, 2]), ParameterError, /x\.length.*3.*2/);
  refuses(() => explainSvm(svm, [1, Number.NaN, 2]), ParameterError, /x\[1\].*NaN/);
  refuses(() => explainSvm(svm, [1, 2, 3], { target: 1 }), ParameterError, /target.*1/);
  refuses(
    () => explainSvm(machine({ kind: "rbf", gamma: 1 }), [1, 2, 3], { reference: [1] }),
    ParameterError,
    /reference/,
  );
  refuses(() => parseLibsvm("hello"), SvmFormatError, /SV/);
  const text = peers.cases.find(({ libsvm }) => libsvm !== undefined)!.libsvm!.text;
  refuses(() => parseLibsvm(text.replace(/total_sv \d+/, "total_sv 3")), SvmFormatError, /total_sv is 3/);
  refuses(() => parseLibsvm(text.replace("kernel_type linear", "kernel_type sigmoid")), SvmFormatError, /sigmoid/);
  refuses(() => parseLibsvm(text.replace(/1:\S+/, "1:abc")), SvmFormatError, /abc/);
  refuses(() => parseLibsvm(text.replace("c_svc", "one_class")), SvmFormatError, /one_class/);
  refuses(() => fromScikitLearn({ coef_: [[1]], intercept_: [1] } as never), SvmFormatError, /classes_/);
  refuses(
    () => fromScikitLearn({ coef_: [[1], [2, 3]], intercept_: [1, 2], classes_: [0, 1] }),
    ParameterError,
    /coef_\[1\]/,
  );
  refuses(() => explainBagOfWords({ vocabulary: new Map([["a", 0]]) }, svm, []), ParameterError, /tokens/);
  const rejects = (work: () => Promise<unknown>, message: RegExp) =>
    assert.rejects(work, (error) => error instanceof ParameterError && message.test(error.message));
  await rejects(() => trainSvm([[1], [2]], [1, 1]), /two classes/);
  await rejects(() => trainSvm([[1], [2]], [1]), /labels\.length.*1/);
  await rejects(() => trainSvm([[1], [2]], [1, 2], { cost: -3 }), /cost.*-3/);
  await rejects(() => trainSvm([[1], [2]], [1, 2], { kernel: { kind: "rbf", gamma: 0 } }), /gamma.*0/);
  await rejects(() => trainSvm([[1], [2]], [1, 2], { memoryBudget: 8 }), /memoryBudget.*32/);
  await assert.rejects(() => trainSvm([[1], [2]], [1, 2], { signal: AbortSignal.abort() }), AbortedError);
});
