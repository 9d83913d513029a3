import { writeFile } from "node:fs/promises";
import { zipSync } from "fflate";
import h5wasm from "h5wasm";

/** A layer as Keras stores it, and its weights in Keras' order. */
export interface KerasLayer {
  class_name: string;
  config: { [setting: string]: unknown };
  weights?: { shape: number[]; values: number[] }[];
  /** Its group in a `.keras` archive: the class in snake case. */
  group?: string;
}

export const sequential = (shape: number[], layers: KerasLayer[]) => ({
  class_name: "Sequential",
  config: {
    name: "net",
    layers: [
      { class_name: "InputLayer", config: { name: "in", batch_input_shape: [null, ...shape], dtype: "float32" } },
      ...layers.map(({ class_name, config }, index) => ({ class_name, config: { name: nameOf(index), ...config } })),
    ],
  },
});

const nameOf = (index: number) => `layer_${index}`;

/**
 * Writes a Sequential as Keras 3 does into a `.keras` archive, or as Keras 2 does into an `.h5` file; `chunked` as where lists of names
 * are too long for one attribute of HDF5.
 */
export async function saveKeras(file: string, shape: number[], layers: KerasLayer[], chunked = false): Promise<void> {
  const { FS } = await h5wasm.ready;
  const list = (group: { create_attribute(name: string, data: string[]): void }, name: string, values: string[]) => {
    if (!chunked) group.create_attribute(name, values);
    else for (const [index, value] of values.entries()) group.create_attribute(`${name}${index}`, [value]);
  };
  const config = JSON.stringify(sequential(shape, layers));
  const isArchive = file.endsWith(".keras");
  const name = "written.h5";
  const hdf5 = new h5wasm.File(name, "w");
  if (!isArchive) {
    hdf5.create_attribute("model_config", config);
    hdf5.create_attribute("keras_version", "2.13.1");
  }
  const root = hdf5.create_group(isArchive ? "layers" : "model_weights");
  const names = layers.map((_, index) => nameOf(index));
  if (!isArchive) list(root, "layer_names", names);
  for (const [index, { weights = [], group }] of layers.entries()) {
    const own = root.create_group(isArchive ? (group ?? nameOf(index)) : nameOf(index));
    const vars = isArchive ? own.create_group("vars") : own;
    if (!isArchive && weights.length > 0) list(own, "weight_names", [...weights.keys()].map(String));
    for (const [number, weight] of weights.entries()) {
      vars.create_dataset({ name: String(number), data: new Float32Array(weight.values), shape: weight.shape });
    }
  }
  hdf5.close();
  const bytes = FS.readFile(name);
  FS.unlink(name);
  await writeFile(
    file,
    isArchive ? zipSync({ "config.json": new TextEncoder().encode(config), "model.weights.h5": bytes }) : bytes,
  );
}
