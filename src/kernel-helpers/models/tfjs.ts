import type { GraphModel } from "@tensorflow/tfjs-converter";
import type { io } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { LimpidError } from "../../explainers/errors.js";
import { tensorflow } from "../tensorflow/backend.js";
import { ModelFileError } from "./errors.js";
import { convertConfig, type KerasNode } from "./keras/config.js";
import { build } from "./keras/load.js";
import { settleMasks } from "./keras/masks.js";
import { prepareLayers } from "./keras/prepare.js";
import { setManifestWeights } from "./keras/weights.js";
import type { ModelSource } from "./source.js";
import { parseJson, readWeights } from "./weights.js";

/** A model.json of TensorFlow.js: a layers model or a graph model, with what its author wrote beside it. */
export interface TfjsModel {
  net: LayersModel | GraphModel;
  metadata: { [key: string]: unknown };
}

/** Loads a layers or graph model in TensorFlow.js' own format; the handlers of tfjs-node are not needed. */
export async function loadTfjs(source: ModelSource): Promise<TfjsModel> {
  const tf = await tensorflow();
  const json = parseJson(source.location, await source.read()) as Partial<io.ModelJSON>;
  const topology = json?.modelTopology as
    | { node?: unknown; model_config?: unknown; keras_version?: string }
    | undefined;
  if (!topology || !Array.isArray(json.weightsManifest)) {
    throw new ModelFileError(
      `${source.location} is no TensorFlow.js model: it needs modelTopology and weightsManifest`,
    );
  }
  const isGraph = json.format === "graph-model" || Array.isArray(topology.node);
  const version = String(topology.keras_version ?? "2");
  const metadata = (json.userDefinedMetadata as TfjsModel["metadata"]) ?? {};
  if (!isGraph && version.startsWith("3")) {
    const config = convertConfig(source.location, topology.model_config as KerasNode, version);
    const { specs, data } = await readWeights(source, json.weightsManifest);
    const fill = async (model: LayersModel) => {
      const weights = tf.io.decodeWeights(data, specs);
      await setManifestWeights(source.location, model, weights).finally(() => tf.dispose(weights));
    };
    return { net: await build(source.location, config, version, fill), metadata };
  }
  let config: unknown = topology.model_config ?? topology;
  // What TensorFlow.js has written itself is as TensorFlow.js reads it.
  const isOwn = version.startsWith("tfjs");
  if (!isGraph && !isOwn) config = convertConfig(source.location, config as KerasNode, version);
  if (!isGraph) prepareLayers(source.location, config, version);
  const { specs, data } = await readWeights(source, json.weightsManifest);
  const artifacts = tf.io.getModelArtifactsForJSONSync(json as io.ModelJSON, specs, data);
  // A net's own training configuration is of no use here, and its loss may not exist in TensorFlow.js.
  delete artifacts.trainingConfig;
  if (!isGraph)
    artifacts.modelTopology = topology.model_config ? { ...topology, model_config: config } : (config as object);
  let net: LayersModel | GraphModel | undefined;
  try {
    const handler = tf.io.fromMemory(artifacts);
    if (isGraph) net = await tf.loadGraphModel(handler);
    else {
      net = await tf.loadLayersModel(handler);
      if (!isOwn) settleMasks(source.location, net, config, version);
    }
    return { net, metadata };
  } catch (cause) {
    net?.dispose();
    if (cause instanceof LimpidError) throw cause;
    throw new ModelFileError(`${source.location} cannot be loaded: ${(cause as Error).message}`, { cause });
  }
}
