import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import { liveCurves } from "../../../src/kernel-helpers/index.js";
import { FrontEnd } from "../../comms/front-end.js";

await tf.setBackend("cpu");

function lineModel() {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
  model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError", metrics: ["mae"] });
  const x = tf.tensor2d([0, 0.25, 0.5, 0.75, 1, 1.25], [6, 1]);
  return { model, x, y: x.mul(2) };
}

test("a training draws its curves epoch by epoch, in one display", async () => {
  const frontEnd = new FrontEnd().attach();
  const { model, x, y } = lineModel();
  const curves = liveCurves(model, { epochs: 4 });
  const { history } = await model.fit(x, y, { epochs: 4, verbose: 0, validationSplit: 1 / 3, callbacks: curves });
  assert.deepEqual(Object.keys(curves.history).sort(), ["loss", "mae", "val_loss", "val_mae"]);
  assert.deepEqual(curves.history["loss"], history["loss"]);
  frontEnd.manager.flush();
  const plots = [...frontEnd.models.values()].filter((state) => state["_model_name"] === "PlotModel");
  const [losses, measures] = plots.map(({ series }) => series as { name: string; y: { shape: number[] } }[]);
  assert.deepEqual(
    losses?.map(({ name, y: values }) => [name, values.shape]),
    [
      ["val_loss", [4]],
      ["loss", [4]],
    ],
  );
  assert.equal(measures?.length, 2);
  assert.equal(plots.length, 2, "those that were made to be read are closed");
});

test("the stop button, or a signal, ends the training after its batch, and fit keeps its history", async () => {
  new FrontEnd().attach();
  const { model, x, y } = lineModel();
  const stop = new AbortController();
  const curves = liveCurves(model, { epochs: 1000, signal: stop.signal });
  const { history } = await model.fit(x, y, {
    epochs: 1000,
    verbose: 0,
    callbacks: {
      ...curves,
      onEpochEnd: (epoch, logs) => {
        if (epoch === 2) stop.abort();
        curves.onEpochEnd(epoch, logs as Record<string, number>);
      },
    },
  });
  assert.equal(history["loss"]?.length, 3);
});

for (const kind of ["sequential", "functional"] as const) {
  test(`a training that fails leaves no bar behind (${kind})`, async () => {
    const frontEnd = new FrontEnd().attach();
    const { model: sequential, x, y } = lineModel();
    const model =
      kind === "sequential" ? sequential : tf.model({ inputs: sequential.inputs, outputs: sequential.outputs });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    const curves = liveCurves(model, { epochs: 1000 });
    const bars = () => [...frontEnd.models.values()].filter((state) => state["_model_name"] === "FloatProgressModel");
    let seen = 0;
    const fit = model.fit(x, y, {
      epochs: 1000,
      verbose: 0,
      callbacks: {
        ...curves,
        onEpochEnd: (epoch, logs) => {
          curves.onEpochEnd(epoch, logs as Record<string, number>);
          frontEnd.manager.flush();
          seen = bars().length;
          if (seen > 0) throw new RangeError("out of data");
        },
      },
    });
    await assert.rejects(fit, /out of data/);
    assert.equal(seen, 1, "the bar was there");
    frontEnd.manager.flush();
    assert.equal(bars().length, 0);
    assert.equal((model as unknown as { isTraining: boolean }).isTraining, false);
    // The model can be trained again.
    await model.fit(x, y, { epochs: 1, verbose: 0 });
  });
}
