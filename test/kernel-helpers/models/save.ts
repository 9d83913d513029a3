import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { tensorflow } from "../../../src/kernel-helpers/index.js";

/** Writes a net as model.json and weights.bin into `folder`, on any backend (`file://` needs the native one). */
export async function saveModel(net: LayersModel, folder: string): Promise<void> {
  const tf = await tensorflow();
  await mkdir(folder, { recursive: true });
  const handler = tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
    const weightsManifest = [{ paths: ["weights.bin"], weights: weightSpecs }];
    await writeFile(join(folder, "weights.bin"), new Uint8Array(weightData as ArrayBuffer));
    await writeFile(join(folder, "model.json"), JSON.stringify({ modelTopology, weightsManifest }));
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } };
  });
  await net.save(handler);
}
