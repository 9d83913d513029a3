import {
  type DataPass,
  DataPassAbortedError,
  type DataPassOptions,
  dataPass,
  type Model,
  type PassedLayer,
  type PassSource,
  type ProgressOptions,
} from "../../explainers/index.js";
import { readSafetensors, type StoredTensor, writeSafetensors } from "../../explainers/numerics/safetensors.js";
import { DataFileError } from "../formats/errors.js";
import { checkPlace, type WriteOptions, type WrittenFile, writeWhole } from "../formats/written.js";
import { kindOf, readFile } from "../platform/files.js";

const FORMAT = "limpid-data-pass-1";

/** What is an array of each layer; the rest stands in the header. */
const arrays = ["mean", "largest", "active", "threshold", "relevance", "classMeans", "tail"] as const;
const tops = ["byActivation", "byRelevance"] as const;
const ofTop = ["samples", "values", "positions"] as const;

/**
 * Writes what `dataPass` found, whole or in part, as one `.safetensors` file. A file of that name is replaced unless `overwrite` is false.
 *
 * @throws DataFileError
 * @example await saveDataPass("units.safetensors", pass)
 */
export async function saveDataPass(file: string, pass: DataPass, options: WriteOptions = {}): Promise<WrittenFile> {
  const replaced = await checkPlace(file, ".safetensors", options);
  const { layers, ...rest } = pass;
  const tensors: [string, StoredTensor][] = layers.flatMap((layer, at) => [
    ...arrays.map((name): [string, StoredTensor] => [`${at}.${name}`, flatTensor(layer[name])]),
    ...tops.flatMap((top) =>
      ofTop.map((name): [string, StoredTensor] => [`${at}.${top}.${name}`, flatTensor(layer[top][name])]),
    ),
  ]);
  const described = layers.map(({ layer, channels, map, tailTotal }) => ({ layer, channels, map, tailTotal }));
  const header = { format: FORMAT, pass: JSON.stringify({ ...rest, layers: described }) };
  return writeWhole(file, writeSafetensors(tensors, header), replaced);
}

const flatTensor = (values: StoredTensor["values"]): StoredTensor => ({ shape: [values.length], values });

/**
 * Reads what `saveDataPass` wrote.
 *
 * @throws DataFileError where there is no such file or it is something else
 * @example const pass = await loadDataPass("units.safetensors")
 */
export async function loadDataPass(file: string): Promise<DataPass> {
  const bytes = await readFile(file).catch((cause: Error) => {
    throw new DataFileError(file, `cannot be read: ${cause.message}`, { cause });
  });
  const stray = (what: string, options?: ErrorOptions) =>
    new DataFileError(file, `is no stored pass over data: ${what}`, options);
  let found: ReturnType<typeof readSafetensors>;
  try {
    found = readSafetensors(bytes);
  } catch (cause) {
    throw stray((cause as Error).message, { cause });
  }
  const { tensors, metadata } = found;
  if (metadata["format"] !== FORMAT) throw stray(`its format is "${metadata["format"]}", which is not "${FORMAT}"`);
  const { layers, ...rest } = JSON.parse(metadata["pass"]!) as Omit<DataPass, "layers"> & {
    layers: Pick<PassedLayer, "layer" | "channels" | "map" | "tailTotal">[];
  };
  const values = (name: string) => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw stray(`it lacks "${name}"`);
    return tensor.values;
  };
  return {
    ...rest,
    layers: layers.map(
      (layer, at) =>
        ({
          ...layer,
          ...Object.fromEntries(arrays.map((name) => [name, values(`${at}.${name}`)])),
          ...Object.fromEntries(
            tops.map((top) => [top, Object.fromEntries(ofTop.map((name) => [name, values(`${at}.${top}.${name}`)]))]),
          ),
        }) as unknown as PassedLayer,
    ),
  };
}

/** What the pass is of, and how it is followed. */
export interface StoredPassOptions extends DataPassOptions, ProgressOptions {}

/**
 * `dataPass` with a file: read where it is there, gone on with where it holds a part, else computed and written; also what was found before a
 * stop is written.
 *
 * @param file ends in `.safetensors`
 * @throws DataPassError where the file is of another model, other data or other settings; DataFileError; and what `dataPass` throws
 * @example const pass = await storedDataPass("units.safetensors", model, { count: 500, take: (start, n) => tf.slice(x, start, n) }, { layers: ["conv2"] })
 */
export async function storedDataPass(
  file: string,
  model: Model,
  source: PassSource,
  { signal, onProgress, ...options }: StoredPassOptions = {},
): Promise<DataPass> {
  await checkPlace(file, ".safetensors", {});
  const isThere = (await kindOf(file)) !== undefined;
  const stored = isThere ? await loadDataPass(file) : undefined;
  const run = { stored, ...(signal && { signal }), ...(onProgress && { onProgress }) };
  try {
    const pass = await dataPass(model, options as DataPassOptions)(source, run);
    if (pass !== stored) await saveDataPass(file, pass);
    return pass;
  } catch (error) {
    if (error instanceof DataPassAbortedError) await saveDataPass(file, error.partial);
    throw error;
  }
}
