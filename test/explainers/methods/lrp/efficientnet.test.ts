import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  type Composite,
  consumersOf,
  epsilonAlpha2Beta1,
  epsilonAlpha2Beta1Flat,
  epsilonGammaBox,
  epsilonPlus,
  epsilonPlusFlat,
  lrp,
  record,
} from "../../../../src/explainers/index.js";
import { loadModel } from "../../../../src/kernel-helpers/index.js";
import { readSafetensors } from "../../../../tools/goldens/safetensors.js";

/*
 * zennit's relevance of two photographs on the same weights: the folded net, `Sum` modules with Norm, ReLU6 passed. It has
 * only 0.01 % to 1 % of the logit left at the pixels.
 */
const folder = new URL("../../../../../test/explainers/methods/lrp/fixtures/", import.meta.url);
const stored = await readSafetensors(new URL("efficientnet-lite0.safetensors", folder).pathname);
const expected = JSON.parse(readFileSync(new URL("efficientnet-lite0.json", folder), "utf8")) as Record<
  string,
  { target: number; logit: number; sum_relevance: number; max_abs: number }
>;
const model = await loadModel("efficientnet-lite0");
const photo = (name: string): tf.Tensor =>
  tf.tidy(() => tf.div(tf.sub(tf.tensor(stored.get(`${name}/pixels`)!.data, [1, 224, 224, 3]), 127), 128));
after(() => model.dispose());

const box = { low: -127 / 128, high: 1 };
const composites: Record<string, Composite> = {
  EpsilonPlus: epsilonPlus(),
  EpsilonGammaBox: epsilonGammaBox(box),
  EpsilonAlpha2Beta1: epsilonAlpha2Beta1(),
};

test("relevance of a photograph is zennit's", async () => {
  for (const name of ["chelsea", "coffee"]) {
    const x = photo(name);
    for (const [method, composite] of Object.entries(composites)) {
      const golden = expected[`${name}/${method}`]!;
      const result = await lrp(model, { composite })(x, { target: golden.target });
      assert.ok(Math.abs(result.output[0]! - golden.logit) < 1e-4, `${name} logit ${result.output[0]}`);
      const difference = Math.abs(result.relevanceSum - golden.sum_relevance);
      // zennit pads by a layer of its own in front of the stem, whose zᴮ then counts padding among the pixels.
      const allowed = method === "EpsilonGammaBox" ? 2e-3 * Math.abs(golden.sum_relevance) : 1e-6;
      assert.ok(difference <= allowed, `${name} ${method}: ${result.relevanceSum} instead of ${golden.sum_relevance}`);
      const map = stored.get(`${name}/${method}`)?.data;
      if (map === undefined) continue;
      let worst = 0;
      for (let y = 0; y < 222; y++) {
        for (let i = y * 224 * 3; i < (y * 224 + 222) * 3; i++) {
          worst = Math.max(worst, Math.abs(result.relevance[i]! - map[i]!));
        }
      }
      assert.ok(worst <= 1e-3 * golden.max_abs, `${name} ${method}: off by ${worst / golden.max_abs} of the largest`);
    }
    x.dispose();
  }
});

test("distribute conserves at every layer for ε-plus and ε-plus-flat", async () => {
  const x = photo("chelsea");
  const recording = record(model, x);
  const { nodes } = recording.graph;
  const consumers = consumersOf(nodes);
  for (const composite of [epsilonPlus(), epsilonPlusFlat()]) {
    const result = await lrp(model, { composite, bias: "distribute" })(recording, { target: 282 });
    const logit = result.output[0]!;
    let cuts = 0;
    assert.equal(result.layers.length, nodes.length);
    for (const [id, layer] of result.layers.entries()) {
      // Where a skip connection runs beside a layer, the logit's share of both branches is the whole: cut the graph there.
      const beside = nodes.filter((other) => other.id < id && consumers[other.id]!.some((reader) => reader > id));
      if (beside.length === 0) {
        cuts++;
        assert.ok(
          Math.abs(layer.sum - logit) <= 1e-3 * logit,
          `${composite.name}, ${layer.name}: ${layer.sum} of ${logit}`,
        );
      }
      if (layer.kind !== "input") {
        assert.ok(Math.abs(layer.passedOn - layer.sum) <= 1e-3 * Math.max(Math.abs(layer.sum), logit), layer.name);
      }
    }
    assert.ok(cuts > 30, `${cuts} layers`);
    assert.ok(Math.abs(result.relevanceSum - logit) <= 1e-3 * logit);
  }
  recording.dispose();
  x.dispose();
});

test("every composite's books balance at every layer, and say what was lost", async () => {
  const x = photo("coffee");
  const recording = record(model, x);
  for (const composite of [...Object.values(composites), epsilonPlusFlat(), epsilonAlpha2Beta1Flat()]) {
    for (const bias of ["absorb", "ignore", "distribute"] as const) {
      const result = await lrp(model, { composite, bias })(recording, { keepLayers: true });
      for (const layer of result.layers) {
        if (layer.kind === "input") continue;
        const flow = layer.relevance().reduce((sum, value) => sum + Math.abs(value), 0);
        const out = layer.passedOn + layer.absorbedByBias + layer.absorbedByEmpty;
        assert.ok(
          Math.abs(out - layer.sum) <= 1e-3 * flow,
          `${composite.name}, ${bias}, ${layer.name}: ${out} of ${layer.sum}`,
        );
      }
      if (bias !== "absorb") assert.equal(result.biasRelevance, 0);
      result.dispose();
    }
  }
  recording.dispose();
  x.dispose();
});
