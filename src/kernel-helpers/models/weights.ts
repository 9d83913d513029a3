import type { io, NamedTensorMap } from "@tensorflow/tfjs-core";
import { tensorflow } from "../tensorflow/backend.js";
import { ModelFileError } from "./errors.js";
import { type ModelSource, openSource } from "./source.js";

/** Weights as TensorFlow.js hands them around: what each is, and all their bytes in that order. */
export interface Weights {
  specs: io.WeightsManifestEntry[];
  data: ArrayBuffer;
}

const BYTES: { [dtype: string]: number } = {
  float32: 4,
  int32: 4,
  complex64: 8,
  uint16: 2,
  float16: 2,
  uint8: 1,
  bool: 1,
};

/**
 * Reads the files of a weights manifest, and checks that they are whole and finite.
 *
 * @throws ModelFileError when a file is missing, too short or too long, or when a weight holds NaN or infinity.
 */
export async function readWeights(source: ModelSource, manifest: io.WeightsManifestConfig): Promise<Weights> {
  const files = await Promise.all(manifest.flatMap((group) => group.paths.map((path) => source.read(path))));
  const specs = manifest.flatMap((group) => group.weights);
  const data = new Uint8Array(files.reduce((sum, file) => sum + file.byteLength, 0));
  let offset = 0;
  for (const file of files) {
    data.set(file, offset);
    offset += file.byteLength;
  }
  checkWeights(source.location, specs, data.buffer);
  return { specs, data: data.buffer };
}

function checkWeights(location: string, specs: io.WeightsManifestEntry[], data: ArrayBuffer): void {
  // Strings carry their own lengths: only TensorFlow.js' decoder can tell whether they are whole.
  if (specs.some((spec) => spec.dtype === "string")) return;
  let offset = 0;
  for (const spec of specs) {
    const count = spec.shape.reduce((product, size) => product * size, 1);
    const end = offset + count * (BYTES[spec.quantization?.dtype ?? spec.dtype] ?? Number.NaN);
    if (!(end <= data.byteLength)) {
      throw new ModelFileError(
        `${location}: the weights end after ${data.byteLength} bytes, inside "${spec.name}" [${spec.shape}]; the file is cut short`,
      );
    }
    if (spec.dtype === "float32" && !spec.quantization) {
      checkFinite(location, spec.name, new Float32Array(data.slice(offset, end)));
    }
    offset = end;
  }
  if (offset !== data.byteLength) {
    throw new ModelFileError(`${location}: the weights need ${offset} bytes, their files have ${data.byteLength}`);
  }
}

/** Throws a ModelFileError when `values` of the weight `name` hold NaN or infinity. */
export function checkFinite(location: string, name: string, values: Float32Array): void {
  for (let index = 0; index < values.length; index++) {
    if (!Number.isFinite(values[index])) {
      throw new ModelFileError(`${location}: weight "${name}" holds ${values[index]} at position ${index}`);
    }
  }
}

/**
 * Loads the tensors of a TensorFlow.js weights manifest that comes without a model, for networks written as functions.
 * Quantized weights are decoded to float32. The caller disposes the tensors.
 *
 * @param location Path or URL of the manifest, a JSON list of `{weights, paths}`, or of a model.json.
 * @throws ModelNotFoundError, ModelFileError
 * @example const weights = await loadWeights("age_gender_model-weights_manifest.json");
 */
export async function loadWeights(location: string): Promise<NamedTensorMap> {
  const tf = await tensorflow();
  const source = await openSource(location);
  const json = parseJson(source.location, await source.read());
  const manifest = Array.isArray(json) ? json : (json as { weightsManifest?: unknown }).weightsManifest;
  if (!Array.isArray(manifest)) {
    throw new ModelFileError(`${source.location} is no weights manifest: it needs a list of {weights, paths}`);
  }
  const { specs, data } = await readWeights(source, manifest as io.WeightsManifestConfig);
  return tf.io.decodeWeights(data, specs);
}

/** The JSON value of a model's file, or a ModelFileError that says where it breaks off. */
export function parseJson(location: string, bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch (cause) {
    // Python writes these; what stands for them would be another number.
    const [, odd] = /[:[,]\s*(-?Infinity|NaN)\b/.exec(text) ?? [];
    if (odd) {
      throw new ModelFileError(
        `${location} states ${odd} as a setting, which JSON does not have. Build the model without it, give it the old weights (set_weights) and save it again.`,
        { cause },
      );
    }
    throw new ModelFileError(`${location} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
