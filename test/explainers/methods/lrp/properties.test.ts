import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  alpha1Beta0,
  alphaBeta,
  attention,
  type Bias,
  type Composite,
  composite,
  deepTaylor,
  epsilon,
  epsilonAlpha2Beta1,
  epsilonAlpha2Beta1Flat,
  epsilonGammaBox,
  epsilonPlus,
  epsilonPlusFlat,
  excitationBackprop,
  flat,
  gamma,
  gradientTimesInput,
  type LrpAttribution,
  lrp,
  overview2019,
  proportional,
  record,
  recurrent,
  release,
  uniform,
  wSquare,
  zBox,
  zero,
  zPlus,
} from "../../../../src/explainers/index.js";
import { flow, largest } from "../../../helpers/numbers.js";
import { build, inputsFor, type Net, onRandomNets } from "./random-nets.js";

const box = { low: -1, high: 1 };
const rules = [
  epsilon(),
  epsilon({ epsilon: 0.1, stabilizer: "rms" }),
  epsilon({ epsilon: 0.01, stabilizer: "clip" }),
  zero(),
  gamma({ gamma: 0.5 }),
  alphaBeta(),
  alphaBeta({ alpha: 1, beta: 0 }),
  zPlus(),
  wSquare(),
  flat(),
];
const composites: Composite[] = [
  ...rules.map((rule) => uniform(rule)),
  // The box holds the model's input, no other layer's.
  uniform(zPlus(), { first: zBox(box) }),
  epsilonPlus(),
  epsilonPlusFlat(),
  epsilonGammaBox(box),
  epsilonAlpha2Beta1(),
  epsilonAlpha2Beta1Flat(),
  alpha1Beta0(),
  deepTaylor(),
  deepTaylor(box),
  excitationBackprop(),
  overview2019(box),
  attention(),
  composite("epsilon-plus, proportional max pools", { instead: { winner: proportional() }, otherwise: epsilonPlus() }),
  recurrent(),
  recurrent({ biasFactor: 1 }),
];

const scales = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e3, 1e6];

/** Runs `check` with the net's model and a batch of inputs, and frees both. */
async function withNet(
  net: Net,
  batch: number,
  check: (model: tf.LayersModel, x: tf.Tensor[]) => Promise<void>,
  scale = 1,
) {
  const model = build(net);
  const x = tf.tidy(() => inputsFor(net, batch).map((tensor) => tensor.mul(scale)));
  try {
    await check(model, x);
  } finally {
    release(model);
    tf.dispose(x);
    model.dispose();
  }
}

test("ε-LRP at ε → 0 is gradient × input on ReLU nets without biases", { timeout: 120_000 }, async () => {
  const ε0 = 1e-12;
  const composite = uniform(epsilon({ epsilon: ε0 }), { guard: ε0 });
  await onRandomNets("homogeneous", { seed: 1, runs: 60 }, (net) =>
    withNet(net, 2, async (model, x) => {
      const recording = record(model, x);
      try {
        const options = { target: [0, 2], output: net.outputs - 1 };
        const ours = await lrp(model, { composite })(recording, options);
        const gradient = await gradientTimesInput(model)(recording, options);
        const scale = Math.max(...gradient.inputs.map(({ relevance }) => largest(relevance)));
        ours.inputs.forEach(({ relevance }, input) => {
          const expected = gradient.inputs[input]!.relevance;
          relevance.forEach((value, i) => {
            const off = Math.abs(value - expected[i]!);
            assert.ok(off <= 1e-5 * scale, `input ${input}, entry ${i}: ${value} instead of ${expected[i]}`);
          });
        });
      } finally {
        recording.dispose();
      }
    }),
  );
});

/** The books of every layer: what came in is what went on plus what was kept. */
function checkBooks(result: LrpAttribution, bias: Bias, name: string): void {
  let most = 0;
  for (const layer of result.layers) {
    const size = flow(layer.relevance());
    most = Math.max(most, size);
    assert.ok(Number.isFinite(size), `${name}, ${layer.name}: relevance is not finite`);
    if (layer.kind === "input") continue;
    const where = `${name}, ${bias}, ${layer.kind} ${layer.name}`;
    const kept = layer.absorbedByBias + layer.absorbedByEmpty;
    const off = Math.abs(layer.sum - layer.passedOn - kept);
    assert.ok(off <= 1e-4 * size, `${where}: ${layer.sum} came, ${layer.passedOn} went on, ${kept} was kept`);
    if (bias === "distribute") {
      assert.ok(Math.abs(kept) <= 1e-4 * size, `${where}: ${kept} of ${layer.sum} was kept`);
    }
  }
  const total = result.output.reduce((sum, value) => sum + value, 0);
  const seed = result.parameters["composite"] === "excitation-backprop" ? result.output.length : total;
  const accounted = result.relevanceSum + result.biasRelevance + result.emptyRelevance;
  assert.ok(Math.abs(accounted - seed) <= 1e-4 * most, `${name}, ${bias}: ${accounted} accounted for, of ${seed}`);
}

test("distribute conserves at every layer, absorb lists what went missing", { timeout: 240_000 }, async () => {
  let next = 0;
  await onRandomNets("any", { seed: 2, runs: 60 }, (net) =>
    withNet(net, 2, async (model, x) => {
      const recording = record(model, x);
      try {
        for (let turn = 0; turn < 4; turn++) {
          const composite = composites[next++ % composites.length]!;
          for (const bias of ["distribute", "absorb"] as const) {
            const explain = lrp(model, { composite, bias });
            const result = await explain(recording, { target: [1, 2], output: net.outputs - 1, keepLayers: true });
            checkBooks(result, bias, composite.name);
            result.dispose();
          }
        }
      } finally {
        recording.dispose();
      }
    }),
  );
});

test("distribute conserves whatever the scale of the input", { timeout: 240_000 }, async () => {
  let next = 0;
  await onRandomNets("any", { seed: 5, runs: 60 }, (net) => {
    const scale = scales[next % scales.length]!;
    return withNet(
      net,
      2,
      async (model, x) => {
        const recording = record(model, x);
        try {
          for (let turn = 0; turn < 3; turn++) {
            const composite = composites[next++ % composites.length]!;
            const explain = lrp(model, { composite, bias: "distribute" });
            const result = await explain(recording, { target: [1, 2], output: net.outputs - 1, keepLayers: true });
            checkBooks(result, "distribute", `${composite.name} at scale ${scale}`);
            result.dispose();
          }
        } finally {
          recording.dispose();
        }
      },
      scale,
    );
  });
});

test("a batch is explained as its samples are one by one, and nothing leaks", { timeout: 120_000 }, async () => {
  let next = 0;
  await onRandomNets("any", { seed: 3, runs: 30 }, (net) =>
    withNet(net, 3, async (model, x) => {
      const start = tf.memory().numTensors;
      const composite = composites[next++ % composites.length]!;
      const explain = lrp(model, { composite, bias: "distribute" });
      const together = await explain(x, { target: [2, 0, 1] });
      for (const [sample, target] of [2, 0, 1].entries()) {
        const row = x.map((tensor) => tf.slice(tensor, sample, 1));
        const alone = await explain(row, { target });
        alone.inputs.forEach(({ relevance }, input) => {
          const all = together.inputs[input]!.relevance;
          const scale = Math.max(...alone.inputs.map((one) => largest(one.relevance)));
          relevance.forEach((value, i) => {
            const other = all[sample * relevance.length + i]!;
            assert.ok(
              Math.abs(other - value) <= 1e-3 * scale,
              `${composite.name}, sample ${sample}, input ${input}, entry ${i}: ${other} instead of ${value}`,
            );
          });
        });
        tf.dispose(row);
      }
      release(model);
      assert.equal(tf.memory().numTensors, start, "tensors left behind");
    }),
  );
});

test("a net for which something does not hold is printed as small as it gets", async () => {
  const hasPool = (steps: Net["steps"]): boolean =>
    steps.some((step) => step.step === "max" || ("inner" in step && hasPool(step.inner)));
  await assert.rejects(
    onRandomNets("any", { seed: 4, runs: 100 }, (net) => assert.ok(!hasPool(net.steps), "it pools")),
    ({ message }: Error) => {
      const lines = message.split("\n");
      assert.match(lines[0]!, /Does not hold \(seed 4, \d+ times made smaller\) for the net/);
      assert.match(lines[1]!, /^image \[6, 6, 2\]; biases: false; seed 1$/);
      assert.equal(lines[2], "  max, size 2, stride 1, padding same");
      assert.match(lines[3]!, /^ {2}flatten, then 1 dense head$/);
      assert.match(lines[4]!, /it pools/);
      return true;
    },
  );
});
