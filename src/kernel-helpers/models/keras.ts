import type { LayersModel } from "@tensorflow/tfjs-layers";
import { ModelFileError } from "../errors.js";
import type { ModelSource } from "./source.js";
export async function loadKeras(source: ModelSource): Promise<LayersModel> {
  throw new ModelFileError(`${source.location}: Keras files are not read yet`);
}
