import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import { deepLiftShap, gradientTimesInput, lrp, lrpRecurrent, record } from "../../../src/explainers/index.js";

const kinds = ["lstm", "gru", "simpleRNN"] as const;
const x = tf.randomNormal([1, 6, 3], 0, 1, "float32", 5);
const random = (seed: number) => tf.initializers.randomNormal({ seed });

function net(kind: (typeof kinds)[number], settings: object, batch?: number): tf.Sequential {
  const shape = batch === undefined ? { inputShape: [6, 3] } : { batchInputShape: [batch, 6, 3] };
  const layer = tf.layers[kind]({
    units: 4,
    kernelInitializer: random(1),
    recurrentInitializer: random(2),
    ...shape,
    ...settings,
  } as never);
  return tf.sequential({ layers: [layer, tf.layers.dense({ units: 2, kernelInitializer: random(3) })] });
}

for (const kind of kinds) {
  test(`a ${kind} with dropout, which does nothing at inference, is explained as one without`, async () => {
    const plain = net(kind, {});
    const dropped = net(kind, { dropout: 0.2, recurrentDropout: 0.3 });
    dropped.setWeights(plain.getWeights());
    for (const method of [lrpRecurrent, gradientTimesInput, deepLiftShap, lrp]) {
      const options = method === lrp ? { composite: "epsilon" } : {};
      const [expected, found] = await Promise.all(
        [plain, dropped].map((model) => method(model, options as never)(x, { target: 0 })),
      );
      assert.deepEqual(found!.relevance, expected!.relevance, method.name);
    }
    // Training goes on with what was stated.
    assert.equal((dropped.layers[0] as unknown as { cell: { dropout: number } }).cell.dropout, 0.2);
  });

  test(`a stateful ${kind} is explained from a state of zeros, and keeps the one that it has`, async () => {
    const plain = net(kind, {});
    const stateful = net(kind, { stateful: true }, 1);
    stateful.setWeights(plain.getWeights());
    const { relevance, output } = await lrpRecurrent(plain)(x, { target: 0 });
    const predicted = () => (stateful.predict(x) as tf.Tensor).dataSync()[0]!;
    const alone = net(kind, { stateful: true }, 1);
    alone.setWeights(plain.getWeights());
    for (let call = 0; call < 3; call++) {
      record(stateful, x).dispose();
      const found = await lrpRecurrent(stateful)(x, { target: 0 });
      assert.deepEqual(found.output, output);
      assert.deepEqual(found.relevance, relevance);
      assert.equal(predicted(), (alone.predict(x) as tf.Tensor).dataSync()[0], "explanations do not move the state");
    }
  });
}
