import type { LayersModel, SymbolicTensor } from "@tensorflow/tfjs-layers";
import { ModelFileError } from "../errors.js";

/** What TensorFlow.js' layers keep about masks; its types do not say so. */
interface Masking {
  supportsMasking: boolean;
  maskZero?: boolean;
  returnSequences?: boolean;
}

/**
 * Keras averages over the steps that are not masked, TensorFlow.js over all: refuses an average that a mask reaches.
 *
 * @throws ModelFileError that names the layer.
 */
export function checkAverages(location: string, { layers }: LayersModel): void {
  for (const layer of layers) {
    if (layer.getClassName() !== "GlobalAveragePooling1D") continue;
    if (!layer.inboundNodes.some(({ inputTensors }) => inputTensors.some(isMasked))) continue;
    throw new ModelFileError(
      `${location}: layer "${layer.name}" is a GlobalAveragePooling1D of masked steps, which TensorFlow.js does not leave out`,
    );
  }
}

function isMasked({ sourceLayer, inputs }: SymbolicTensor): boolean {
  const { supportsMasking, maskZero, returnSequences } = sourceLayer as unknown as Masking;
  if (maskZero || sourceLayer.getClassName() === "Masking") return true;
  return supportsMasking && returnSequences !== false && inputs.some(isMasked);
}
