import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-node";
import type { NamedTensors } from "./densities.js";
import { asFloat16 } from "./float16.js";

/** What `loadModel` reads from a model's file beside its topology. */
export interface Metadata {
  output?: "logits" | "probabilities";
  classNames?: string[];
  /** Words that it takes the numbers of, blanks between them. */
  words?: string;
  /** Of a network that inverts a layer of another: what `loadInverter` checks. */
  inverts?: { model: string; layer: string; probe: number[] };
  /** How it was trained, and what came out. */
  training: Record<string, number | string>;
}

/**
 * Writes `model.json` and `weights.bin` into `folder`, with `metadata` where `loadModel` looks for it.
 *
 * @param precision `"float16"` takes half the space; weights are read as float32 either way.
 */
export async function saveModel(
  model: tf.LayersModel,
  folder: string,
  metadata: Metadata,
  precision: "float32" | "float16" = "float32",
): Promise<void> {
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      const { modelTopology, weightSpecs = [], weightData } = artifacts;
      const isShort = precision === "float16";
      const quantization = { dtype: "float16", original_dtype: "float32" };
      const json = {
        format: "layers-model",
        generatedBy: "limpid train",
        modelTopology,
        weightsManifest: [
          {
            paths: ["weights.bin"],
            weights: isShort ? weightSpecs.map((spec) => ({ ...spec, quantization })) : weightSpecs,
          },
        ],
        userDefinedMetadata: { limpid: metadata },
      };
      const weights = weightData as ArrayBuffer;
      await write(folder, "model.json", json, isShort ? asFloat16(new Float32Array(weights)) : weights);
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
