import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-node";
import type { NamedTensors } from "./densities.js";

/** What `loadModel` reads from a model's file beside its topology. */
export interface Metadata {
  output?: "logits" | "probabilities";
  classNames?: string[];
  /** How it was trained, and what came out. */
  training: Record<string, number | string>;
}

/** Writes `model.json` and `weights.bin` into `folder`, with `metadata` where `loadModel` looks for it. */
export async function saveModel(model: tf.LayersModel, folder: string, metadata: Metadata): Promise<void> {
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      const { modelTopology, weightSpecs, weightData } = artifacts;
      const json = {
        format: "layers-model",
        generatedBy: "limpid train",
        modelTopology,
        weightsManifest: [{ paths: ["weights.bin"], weights: weightSpecs }],
        userDefinedMetadata: { limpid: metadata },
      };
      await write(folder, "model.json", json, weightData as ArrayBuffer);
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" as const } };
    }),
  );
}

/** Writes tensors as `weights_manifest.json` and `weights.bin`, which `loadWeights` reads. */
export async function saveWeights(tensors: NamedTensors, folder: string): Promise<void> {
  const { data, specs } = await tf.io.encodeWeights(tensors);
  await write(folder, "weights_manifest.json", [{ paths: ["weights.bin"], weights: specs }], data);
}

async function write(folder: string, file: string, json: unknown, weights: ArrayBuffer): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, file), `${JSON.stringify(json, null, 2)}\n`);
  await writeFile(join(folder, "weights.bin"), new Uint8Array(weights));
}
