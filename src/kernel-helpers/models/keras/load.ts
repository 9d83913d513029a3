import type { LayersModel } from "@tensorflow/tfjs-layers";
import type { Group } from "h5wasm";
import { LimpidError } from "../../../explainers/errors.js";
import { noteNodePart } from "../../resources/recorder.js";
import { tensorflow } from "../../tensorflow/backend.js";
import { ModelFileError } from "../errors.js";
import type { ModelSource } from "../source.js";
import { parseJson } from "../weights.js";
import { convertConfig, type KerasNode } from "./config.js";
import { settleMasks } from "./masks.js";
import { prepareLayers } from "./prepare.js";
import { setArchiveWeights, setLegacyWeights } from "./weights.js";

/**
 * Loads a whole Keras model for inference: `.h5`/`.hdf5` of any version, or a Keras 3 `.keras` archive. No Python takes part.
 *
 * @throws ModelFileError, UnknownLayerError
 */
export async function loadKeras(source: ModelSource): Promise<LayersModel> {
  const bytes = await source.read();
  // Keras before 2.12 wrote HDF5 under either name.
  const isHdf5 = bytes.length > 8 && new TextDecoder("latin1").decode(bytes.subarray(1, 4)) === "HDF";
  return source.extension === ".keras" && !isHdf5
    ? loadArchive(source.location, bytes)
    : loadLegacy(source.location, bytes);
}

async function loadLegacy(location: string, bytes: Uint8Array): Promise<LayersModel> {
  return withHdf5(location, bytes, async (file) => {
    const text = file.attrs["model_config"]?.value;
    if (typeof text !== "string") {
      throw new ModelFileError(`${location} holds weights only; save the whole model (model.save)`);
    }
    const version = String(file.attrs["keras_version"]?.value ?? "2");
    const config = convertConfig(location, parseJson(location, new TextEncoder().encode(text)) as KerasNode, version);
    return build(location, config, version, (model) => setLegacyWeights(location, model, file));
  });
}

async function loadArchive(location: string, bytes: Uint8Array): Promise<LayersModel> {
  const { unzipSync } = await import("fflate");
  let files: { [name: string]: Uint8Array };
  try {
    files = unzipSync(bytes);
  } catch (cause) {
    throw new ModelFileError(`${location} is not a whole zip archive: ${(cause as Error).message}`, { cause });
  }
  const part = (name: string) => {
    if (!files[name]) throw new ModelFileError(`${location} holds no ${name}`);
    return files[name];
  };
  const metadata =
    files["metadata.json"] && (parseJson(location, files["metadata.json"]) as { keras_version?: unknown });
  const version = String(metadata?.keras_version ?? "3");
  const stored = parseJson(location, part("config.json")) as KerasNode;
  const config = convertConfig(location, stored, version);
  return withHdf5(location, part("model.weights.h5"), (file) =>
    build(location, config, version, (model) => setArchiveWeights(location, model, stored, file)),
  );
}

/** Builds the model of a converted configuration, and lets `setWeights` fill it. */
export async function build(
  location: string,
  config: KerasNode,
  version: string,
  setWeights: (model: LayersModel) => Promise<void>,
): Promise<LayersModel> {
  const tf = await tensorflow();
  prepareLayers(location, config, version);
  let model: LayersModel | undefined;
  try {
    model = await tf.models.modelFromJSON({ modelTopology: { model_config: config } } as never);
    settleMasks(location, model, config, version);
    await setWeights(model);
    return model;
  } catch (error) {
    model?.dispose();
    if (error instanceof LimpidError) throw error;
    throw new ModelFileError(`${location} cannot be loaded: ${(error as Error).message}`, { cause: error });
  }
}

let opened = 0;

/** Opens bytes as an HDF5 file in the library's own memory, and takes it away again. */
async function withHdf5<T>(location: string, bytes: Uint8Array, use: (file: Group) => Promise<T>): Promise<T> {
  noteNodePart("the reader of Keras' HDF5 files");
  const { default: h5wasm } = await import("h5wasm");
  const { FS, activate_throwing_error_handler } = await h5wasm.ready;
  activate_throwing_error_handler();
  const name = `model-${opened++}.h5`;
  FS.writeFile(name, bytes);
  let file: InstanceType<typeof h5wasm.File> | undefined;
  try {
    file = new h5wasm.File(name, "r");
    return await use(file);
  } catch (error) {
    if (error instanceof LimpidError) throw error;
    throw new ModelFileError(`${location} is not a whole HDF5 file: ${(error as Error).message.split("\n")[0]}`, {
      cause: error,
    });
  } finally {
    file?.close();
    FS.unlink(name);
  }
}
