import { zipSync } from "fflate";
import { LimpidError } from "../../explainers/index.js";
import { parquetOf } from "../../kernel-helpers/formats/columns.js";
import { npyOf } from "../../kernel-helpers/formats/npy.js";
import type { RelevanceStore } from "../../kernel-helpers/relevance/relevance-store.js";
import type { ExportedSamples } from "./samples.js";

/** `numpy.load(file)["relevance"]`, and beside it index, output, target, label, outputs. */
export function npzOf(samples: ExportedSamples): Uint8Array {
  const { index, relevance, one, output, target, label, outputs, classes } = samples;
  const count = index.length;
  const array = (shape: readonly number[], values: Float32Array | Int32Array) => npyOf({ shape, values });
  const arrays = {
    "relevance.npy": array([count, ...one], relevance),
    "index.npy": array([count], index),
    "output.npy": array([count], output),
    "target.npy": array([count], target),
    "label.npy": array([count], label),
    ...(classes > 0 && { "outputs.npy": array([count, classes], outputs) }),
  };
  // Relevance hardly compresses.
  return zipSync(arrays, { level: 0 });
}

/** A table of the samples without their maps: what pandas, Polars and DuckDB read. */
export async function tableOf(store: RelevanceStore, samples: ExportedSamples): Promise<Uint8Array> {
  const { index, id, output, target, label } = samples;
  const known = (values: Int32Array) => Array.from(values, (value) => (value < 0 ? null : value));
  const layers = store.layers.length;
  const sums = layers > 0 ? await store.layerSums(0, store.count) : new Float32Array();
  return parquetOf([
    { name: "index", type: "whole", values: Array.from(index) },
    { name: "id", type: "text", values: id },
    { name: "output", type: "number", values: Array.from(output) },
    { name: "target", type: "whole", values: known(target) },
    {
      name: "target_name",
      type: "text",
      values: known(target).map((at) => (at === null ? null : (store.classNames[at] ?? null))),
    },
    { name: "label", type: "whole", values: known(label) },
    ...store.layers.map((name, layer) => ({
      name: `layer_sum: ${name}`,
      type: "number" as const,
      values: Array.from(index, (at) => sums[at * layers + layer]!),
    })),
  ]);
}

let written = 0;

/** An attribution database of ViRelAy 1.0: attribution `[samples, channels, height, width]`, prediction, label and index. */
export async function virelayOf(store: RelevanceStore, samples: ExportedSamples): Promise<Uint8Array> {
  const { index, relevance, one, label, target, outputs, classes } = samples;
  if (classes === 0) throw new LimpidError(`${store.location} holds no outputs by class, which ViRelAy shows`);
  const { default: h5wasm } = await import("h5wasm");
  const { FS, activate_throwing_error_handler } = await h5wasm.ready;
  activate_throwing_error_handler();
  const name = `export-${written++}.h5`;
  const file = new h5wasm.File(name, "w");
  try {
    const count = index.length;
    file.create_dataset({ name: "attribution", data: relevance, shape: [count, ...one], dtype: "<f4" });
    file.create_dataset({ name: "prediction", data: outputs, shape: [count, classes], dtype: "<f4" });
    // A sample without a class of its own is where the model puts it.
    const labels = Uint16Array.from(label, (own, at) => (own >= 0 ? own : Math.max(0, target[at]!)));
    file.create_dataset({ name: "label", data: labels, shape: [count], dtype: "<H" });
    file.create_dataset({ name: "index", data: index, shape: [count], dtype: "<i4" });
    file.close();
    return FS.readFile(name);
  } finally {
    FS.unlink(name);
  }
}
