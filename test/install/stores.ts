/** A store of explanations in the hands of xarray, zarr-python, Quantus, captum and ViRelAy, by the lines of docs/batch.md: `npm run test:stores`. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { virelayOf } from "../../src/runs/export/files.js";
import { exportedSamples } from "../../src/runs/export/samples.js";
import { explainDataset, openRelevanceStore } from "../../src/runs/index.js";
import { scratchFolder } from "../helpers/scratch.js";

const folder = scratchFolder("stores");
const page = readFileSync(new URL("../../../docs/batch.md", import.meta.url), "utf8");
const snippet = /```python\n([\s\S]*?)```/.exec(page)![1]!;

test("numbers, names and attributes arrive in Python as they are in the store", async () => {
  const store = join(folder, "digits.zarr");
  await explainDataset("mnist-cnn", "mnist", { method: "lrp", store, samples: 30, shard: 8, workers: 1 });
  const own = await openRelevanceStore(store);
  const program = `
import json, warnings
warnings.simplefilter("error")
${snippet}
print(json.dumps({
  "sizes": dict(store.sizes), "shape": a_batch.shape, "sums": a_batch.sum((1, 2, 3)).tolist(), "y": y_batch.tolist(),
  "id": store["id"].values.tolist(), "class": store["class"].values.tolist(), "layers": store["layer"].values.tolist(),
  "method": store.attrs["limpid"]["method"]["id"], "row": a_batch[29, 0, 14].tolist(),
}))`;
  const found = JSON.parse(
    execFileSync(process.env["LIMPID_STORES"]!, ["-c", program], { cwd: folder, encoding: "utf8" }),
  );
  assert.deepEqual(found.sizes, { sample: 30, y: 28, x: 28, channel: 1, class: 10, layer: own.layers.length });
  assert.deepEqual([found.shape, found.method], [[30, 1, 28, 28], "lrp"]);
  const samples = await own.read(0, 30);
  assert.deepEqual(
    found.y,
    samples.map(({ target }) => target),
  );
  assert.deepEqual(
    found.id,
    samples.map(({ id }) => id),
  );
  assert.deepEqual([found.class, found.layers], [own.classNames, own.layers]);
  assert.deepEqual(found.row, [...samples[29]!.relevance.subarray(14 * 28, 15 * 28)]);
  for (const [at, { relevance }] of samples.entries()) {
    const sum = relevance.reduce((total, value) => total + value, 0);
    assert.ok(Math.abs(found.sums[at] - sum) < 1e-4 * Math.abs(sum) + 1e-5);
  }
});

test("Quantus and captum take what xarray reads: the Gini index is the same as here", async () => {
  const program = `
import json
import matplotlib
matplotlib.use("Agg")
${snippet}
import numpy, quantus, torch
from captum.attr import visualization
from captum.metrics import infidelity

gini = quantus.Sparseness(disable_warnings=True)(model=None, x_batch=numpy.zeros_like(a_batch), y_batch=y_batch, a_batch=a_batch)
figure, _ = visualization.visualize_image_attr(a_batch[0].transpose(1, 2, 0), method="heat_map", sign="all", use_pyplot=False)
# Of a linear function, its weights are exact.
weights = torch.from_numpy(a_batch.copy())
score = lambda x: (x.reshape(-1, *weights.shape[1:]) * weights[:1]).sum((1, 2, 3))
disturb = lambda x: (torch.ones_like(x), x - 1)
exact = infidelity(score, disturb, weights[:1], weights[:1])
print(json.dumps({ "gini": gini, "axes": len(figure.axes), "infidelity": exact.tolist() }, default=float))`;
  const env = { ...process.env, MPLCONFIGDIR: folder };
  const options = { cwd: folder, encoding: "utf8", env } as const;
  const found = JSON.parse(execFileSync(process.env["LIMPID_STORES"]!, ["-c", program], options).split("\n").at(-2)!);
  const own = await openRelevanceStore(join(folder, "digits.zarr"));
  const samples = await own.read(0, 30);
  assert.equal(found.gini.length, 30);
  for (const [at, { relevance }] of samples.entries()) {
    // 1 − 2 Σ |r|₍ᵢ₎ (n − i + ½) / (n Σ |r|), from the smallest on (Hurley & Rickard 2009).
    const sizes = Float64Array.from(relevance, Math.abs).sort();
    const all = sizes.reduce((sum, size) => sum + size, 0);
    const weighed = sizes.reduce((sum, size, place) => sum + size * (sizes.length - place - 0.5), 0);
    const gini = 1 - (2 * weighed) / (sizes.length * all);
    assert.ok(Math.abs(found.gini[at] - gini) < 1e-3, `${found.gini[at]} ${gini}`);
  }
  assert.ok(
    found.axes >= 1 &&
      Math.abs(found.infidelity[0]) < 1e-6 * samples[0]!.relevance.reduce((a, b) => a + b * b, 0) + 1e-6,
  );
});

test("ViRelAy opens the database that is exported for it", async () => {
  const own = await openRelevanceStore(join(folder, "digits.zarr"));
  const samples = await exportedSamples(own, { layout: "nchw", sumChannels: false, from: 5, to: 25 });
  writeFileSync(join(folder, "digits.h5"), await virelayOf(own, samples));
  const names = own.classNames.map((name, at) => ({ index: at, word_net_id: `n${at}`, name: `digit ${name}` }));
  writeFileSync(join(folder, "labels.json"), JSON.stringify(names));
  const program = `
import json
from virelay.model import AttributionDatabase, LabelMap

database = AttributionDatabase("digits.h5", LabelMap("labels.json"))
one = database.get_attribution(17)
print(json.dumps({
  "there": [database.has_attribution(index) for index in (4, 5, 24, 25)], "shape": one.data.shape, "row": one.data[14, :, 0].tolist(),
  "labels": [label.name for label in one.labels], "prediction": one.prediction.tolist(), "rendered": one.render_heatmap("black-fire-red").shape,
}))`;
  const found = JSON.parse(
    execFileSync(process.env["LIMPID_STORES"]!, ["-c", program], { cwd: folder, encoding: "utf8" }),
  );
  const [sample] = await own.read(17, 18);
  assert.deepEqual(
    [found.there, found.shape, found.rendered],
    [
      [false, true, true, false],
      [28, 28, 1],
      [28, 28, 3],
    ],
  );
  assert.deepEqual(found.row, [...sample!.relevance.subarray(14 * 28, 15 * 28)]);
  assert.deepEqual(found.labels, [`digit ${sample!.label}`]);
  assert.deepEqual(found.prediction, [...(await own.outputs(17, 18))]);
});
