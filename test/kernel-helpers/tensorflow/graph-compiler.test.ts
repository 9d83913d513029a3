import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-node";
import {
  type Attribution,
  attention,
  type Composite,
  deepLift,
  deepTaylor,
  epsilon,
  epsilonAlpha2Beta1Flat,
  epsilonGammaBox,
  epsilonPlus,
  excitationBackprop,
  gamma,
  gradCam,
  gradientTimesInput,
  integratedGradients,
  type LrpAttribution,
  lrp,
  type Model,
  meaningfulPerturbation,
  occlusion,
  overview2019,
  type Recording,
  record,
  recurrent,
  release,
  setCompiler,
  uniform,
} from "../../../src/explainers/index.js";
import { Programs } from "../../../src/explainers/network/index.js";
import { graphCompiler, refusals } from "../../../src/kernel-helpers/tensorflow/graph/compiler.js";
import { checkGoldens } from "../../../tools/goldens/run.js";
import { EVERY } from "../../every.js";
import { build, inputsFor, onRandomNets } from "../../explainers/methods/lrp/random-nets.js";
import { largest } from "../../helpers/numbers.js";

const box = { low: -1, high: 1 };
/** Composites by their two numbers. */
const composites: ((ε: number, γ: number) => Composite)[] = [
  (ε, γ) => epsilonGammaBox({ ...box, epsilon: ε, gamma: γ }),
  (ε) => epsilonPlus({ epsilon: ε }),
  (ε) => epsilonAlpha2Beta1Flat({ epsilon: ε }),
  (ε, γ) => overview2019({ ...box, epsilon: ε, gamma: γ }),
  (ε) => uniform(epsilon({ epsilon: ε, stabilizer: "clip" })),
  (_, γ) => uniform(gamma({ gamma: γ, branch: "linear" })),
  () => deepTaylor(box),
  () => excitationBackprop(),
  () => attention(),
  () => ({ ...epsilonPlus(), maxPool: "proportional", name: "proportional max pools" }),
  () => recurrent({ biasFactor: 1 }),
];

/** Every number of an explanation. */
const numbersOf = (result: LrpAttribution): number[][] => [
  ...result.inputs.map(({ relevance }) => [...relevance]),
  result.layers.flatMap(({ sum, passedOn, absorbedByBias, absorbedByEmpty }) => [
    sum,
    passedOn,
    absorbedByBias,
    absorbedByEmpty,
  ]),
  ...result.layers.map((layer) => [...layer.relevance()]),
];

function assertClose(actual: readonly number[][], expected: readonly number[][], what: string): void {
  assert.equal(actual.length, expected.length, what);
  const scale = largest(expected.map(largest));
  for (const [list, numbers] of expected.entries()) {
    for (const [i, number] of numbers.entries()) {
      const off = Math.abs(actual[list]![i]! - number);
      assert.ok(off <= 1e-4 * scale, `${what}, list ${list}, entry ${i}: ${actual[list]![i]} instead of ${number}`);
    }
  }
}

/** Runs `compute` with or without compiled programs. */
async function withCompiler<T>(compiler: typeof graphCompiler | undefined, compute: () => Promise<T>): Promise<T> {
  const before = setCompiler(compiler);
  try {
    return await compute();
  } finally {
    setCompiler(before);
  }
}

const eagerly = <T>(compute: () => Promise<T>): Promise<T> => withCompiler(undefined, compute);
const compiled = <T>(compute: () => Promise<T>): Promise<T> => withCompiler(graphCompiler, compute);

test("compiled LRP gives the numbers of the uncompiled one, on other inputs, targets, ε and γ", {
  timeout: 300_000,
}, async () => {
  let next = 0;
  let programs = 0;
  refusals.length = 0;
  await onRandomNets("any", { seed: 11, runs: 24 }, async (net) => {
    const model = build(net);
    const start = tf.memory().numTensors;
    const [first, second] = [inputsFor(net, 2), inputsFor({ ...net, seed: net.seed + 7 }, 2)];
    const recordings: Recording[] = [record(model, first), record(model, second)];
    for (const recording of recordings) recording.repeats = true;
    const make = composites[next++ % composites.length]!;
    const bias = (["absorb", "distribute", "ignore"] as const)[next % 3]!;
    const explain = async (recording: Recording, ε: number, γ: number, target: number) => {
      const options = { target, output: net.outputs - 1, keepLayers: true };
      const result = await lrp(model, { composite: make(ε, γ), bias })(recording, options);
      const numbers = numbersOf(result);
      result.dispose();
      return numbers;
    };
    try {
      const cases: [Recording, number, number, number][] = [
        [recordings[0]!, 1e-6, 0.25, 0],
        [recordings[0]!, 1e-6, 0.25, 0],
        [recordings[0]!, 0.01, 0.5, 1],
        [recordings[1]!, 0.1, 0, 2],
        [recordings[1]!, 0.1, 1, 0],
      ];
      for (const [turn, settings] of cases.entries()) {
        const ours = await compiled(() => explain(...settings));
        assertClose(ours, await eagerly(() => explain(...settings)), `${make(0.1, 0.1).name}, ${bias}, turn ${turn}`);
      }
      programs += recordings[0]!.weights.programs.compiled;
    } finally {
      for (const recording of recordings) recording.dispose();
      release(model);
      tf.dispose([...first, ...second]);
      assert.equal(tf.memory().numTensors, start, "tensors left behind");
      model.dispose();
    }
  });
  assert.deepEqual(refusals, [], "no computation was refused");
  assert.ok(programs >= 24, `${programs} programs`);
});

function network(): tf.LayersModel {
  const kernel = (seed: number) => ({ kernelInitializer: tf.initializers.heNormal({ seed }), useBias: true });
  return tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [8, 8, 2], filters: 4, kernelSize: 3, activation: "relu", ...kernel(1) }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, ...kernel(2) }),
    ],
  });
}

const inputOf = (seed: number, batch = 1): tf.Tensor => tf.randomNormal([batch, 8, 8, 2], 0, 1, "float32", seed);

test("repeated gradients and perturbations run as programs and stay the same", async () => {
  const model = network();
  const x = inputOf(1, 2);
  const explainers = [
    () => gradientTimesInput(model)(x, { target: [0, 2] }),
    () => integratedGradients(model, { steps: 20, memoryBudget: 40_000 })(x, { target: [0, 2] }),
    () =>
      occlusion(model as Model, { window: [2, 2, 2], strides: [1, 1, 2], memoryBudget: 40_000 })(x, { target: [0, 2] }),
  ];
  refusals.length = 0;
  for (const explain of explainers) {
    const expected = await eagerly(explain);
    for (let turn = 0; turn < 7; turn++) {
      assertClose([[...(await compiled(explain)).relevance]], [[...expected.relevance]], `turn ${turn}`);
    }
  }
  assert.deepEqual(refusals, []);
  const recording = record(model, x);
  assert.ok(recording.weights.programs.compiled >= 3, `${recording.weights.programs.compiled} programs`);
  recording.dispose();
  release(model);
});

test("programs made on one input serve another, of another output too", async () => {
  const shared = tf.input({ shape: [8, 8, 2] });
  const hidden = tf.layers
    .conv2d({ filters: 4, kernelSize: 3, activation: "relu", kernelInitializer: tf.initializers.heNormal({ seed: 1 }) })
    .apply(shared) as tf.SymbolicTensor;
  const head = (seed: number) =>
    tf.layers
      .dense({ units: 3, kernelInitializer: tf.initializers.heNormal({ seed }) })
      .apply(tf.layers.flatten().apply(hidden)) as tf.SymbolicTensor;
  const model = tf.model({ inputs: shared, outputs: [head(2), head(3)] });
  const explainers: { [name: string]: (x: tf.Tensor, output: number) => Promise<Attribution> } = {
    rescale: (x, output) => deepLift(model)(x, { target: 1, output }),
    "reveal-cancel": (x, output) => deepLift(model, { rule: "reveal-cancel" })(x, { target: 1, output }),
    "Grad-CAM": (x, output) => gradCam(model)(x, { target: 1, output }),
    "gradient × input": (x, output) => gradientTimesInput(model)(x, { target: 1, output }),
    occlusion: (x, output) => occlusion(model, { window: [2, 2, 2], strides: [1, 1, 2] })(x, { target: 1, output }),
  };
  for (const [name, explain] of Object.entries(explainers)) {
    for (let turn = 0; turn < 14; turn++) {
      const [x, output] = [inputOf(20 + turn), turn % 2];
      const ours = await compiled(() => explain(x, output));
      const expected = await eagerly(() => explain(x, output));
      assertClose([[...ours.relevance]], [[...expected.relevance]], `${name}, turn ${turn}`);
    }
  }
  release(model);
});

test("gradients of TensorFlow.js' own tape see every operation, however often they are asked for", async () => {
  const model = network();
  const x = inputOf(3, 2);
  const explain = () => meaningfulPerturbation(model, { iterations: 12 })(x, { target: [0, 2] });
  const expected = await eagerly(explain);
  assertClose([[...(await compiled(explain)).relevance]], [[...expected.relevance]], "the mask");
  release(model);
});

test("a strided depthwise convolution padded on all sides is compiled", async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.zeroPadding2d({ inputShape: [8, 8, 2], padding: 1 }),
      tf.layers.depthwiseConv2d({
        kernelSize: 3,
        strides: 2,
        depthwiseInitializer: tf.initializers.heNormal({ seed: 5 }),
      }),
      tf.layers.reLU(),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, kernelInitializer: tf.initializers.heNormal({ seed: 6 }) }),
    ],
  });
  const x = inputOf(4, 2);
  const explain = () => lrp(model, { composite: epsilonPlus(), bias: "distribute" })(x, { target: [0, 2] });
  const expected = await eagerly(explain);
  refusals.length = 0;
  for (let turn = 0; turn < 7; turn++) {
    assertClose([[...(await compiled(explain)).relevance]], [[...expected.relevance]], `turn ${turn}`);
  }
  assert.deepEqual(refusals, []);
  release(model);
});

test("a golden's computation is compiled and gives the same numbers", { timeout: 600_000 }, async () => {
  refusals.length = 0;
  const before = setCompiler({ ...graphCompiler, from: 1 });
  const failures: string[] = [];
  let passed = 0;
  try {
    const folder = fileURLToPath(new URL("../../../../test/goldens", import.meta.url));
    for await (const verdict of checkGoldens(folder, { oneOf: EVERY ? 1 : 5 })) {
      if (verdict.outcome === "failed") failures.push(`${verdict.golden.case}: ${verdict.reason}`);
      if (verdict.outcome === "passed") passed++;
    }
  } finally {
    setCompiler(before);
  }
  assert.deepEqual(failures, []);
  assert.deepEqual(refusals, []);
  assert.ok(passed > (EVERY ? 600 : 120), `${passed} passed`);
});

test("a program outlives its first inputs, leaks nothing, and ends with the weights", async () => {
  const model = network();
  const start = tf.memory();
  const explain = lrp(model, { composite: epsilonPlus() });
  const once = async (seed: number) => {
    const x = inputOf(seed);
    await compiled(() => explain(x, { target: 1 }));
    x.dispose();
  };
  await once(0);
  // Making a program adds nothing: it refers to weights that are there.
  const settled = tf.memory();
  for (let turn = 1; turn < 12; turn++) await once(turn);
  assert.equal(tf.memory().numTensors, settled.numTensors);
  assert.equal(tf.memory().numDataBuffers, settled.numDataBuffers);
  release(model);
  assert.equal(tf.memory().numTensors, start.numTensors);
  assert.equal(tf.memory().numDataBuffers, start.numDataBuffers);
});

test("what reads its inputs is not compiled, and goes on operation by operation", () => {
  const programs = new Programs();
  const before = setCompiler(graphCompiler);
  refusals.length = 0;
  try {
    for (let turn = 0; turn < 4; turn++) {
      const x = tf.tensor1d([turn, 1]);
      const { tensors } = programs.run(
        "reads",
        [x],
        [],
        () => ({ tensors: [x.dataSync()[0]! > 1 ? tf.neg(x) : tf.mul(x, 2)], notes: undefined }),
        true,
      );
      assert.deepEqual([...tensors[0]!.dataSync()], turn > 1 ? [-turn, -1] : [turn * 2, 2]);
      tf.dispose([x, ...tensors]);
    }
    assert.deepEqual(refusals, ["it reads a value that depends on its inputs"]);
    assert.equal(programs.compiled, 0);
  } finally {
    setCompiler(before);
    programs.dispose();
  }
});

test("inputs, constants and numbers may be results, and one result may be asked for twice", () => {
  const programs = new Programs();
  const before = setCompiler(graphCompiler);
  const start = tf.memory().numTensors;
  const constant = tf.range(0, 100);
  try {
    for (let turn = 0; turn < 5; turn++) {
      const [x, factor] = [tf.fill([100], turn), 3 + turn];
      const { tensors, notes } = tf.tidy(() => {
        const { tensors, notes } = programs.run(
          "results",
          [x],
          [factor],
          ([f]) => {
            const y = tf.add(tf.mul(x, f!), constant);
            return {
              tensors: [y, tf.clone(y), tf.clone(x), tf.clone(constant), tf.mul(constant, f!)],
              notes: "as they were",
            };
          },
          true,
        );
        return { tensors: [...tensors], notes };
      });
      assert.equal(notes, "as they were");
      const at = (index: number) => tensors[index]!.dataSync()[7];
      assert.deepEqual([0, 1, 2, 3, 4].map(at), [turn * factor + 7, turn * factor + 7, turn, 7, 7 * factor]);
      tf.dispose([x, ...tensors]);
    }
    assert.equal(programs.compiled, 1);
  } finally {
    setCompiler(before);
    programs.dispose();
    constant.dispose();
  }
  assert.equal(tf.memory().numTensors, start);
});

test("an error while compiling is the caller's, and the next call is computed again", () => {
  const programs = new Programs();
  const before = setCompiler(graphCompiler);
  const start = tf.memory().numTensors;
  try {
    const run = (fails: boolean): number =>
      tf.tidy(
        () =>
          programs
            .run(
              "fails",
              [],
              [2],
              ([number]) => {
                if (fails) throw new RangeError("as it should");
                return { tensors: [tf.mul(number!, 2)], notes: undefined };
              },
              true,
            )
            .tensors[0]!.dataSync()[0]!,
      );
    assert.equal(run(false), 4);
    assert.throws(() => run(true), /as it should/);
    assert.equal(run(false), 4);
    assert.equal(run(false), 4);
    assert.equal(programs.compiled, 1);
  } finally {
    setCompiler(before);
    programs.dispose();
  }
  assert.equal(tf.memory().numTensors, start);
});
