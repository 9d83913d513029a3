import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { GoldensError } from "./safetensors.js";

/** `index.json` of a folder of golden cases; the folder's README documents it. */
export interface GoldenIndex {
  readonly format: string;
  readonly models: Readonly<Record<string, GoldenModel>>;
  readonly cases: readonly GoldenCase[];
}

export interface GoldenModel {
  readonly file: string;
  readonly inputShape?: readonly number[];
  readonly input?: string;
  readonly output?: string;
  readonly layers?: readonly GoldenLayer[];
  readonly [detail: string]: unknown;
}

/** One layer; which further keys there are depends on `op`. */
export interface GoldenLayer {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly [parameter: string]: unknown;
}

export interface GoldenCase {
  readonly name: string;
  readonly model: string;
  readonly peer: string;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Roles → keys in the model's file. */
  readonly tensors: Readonly<Record<string, string>>;
  readonly tolerance: { readonly rel_to_max?: number; readonly abs?: number; readonly [kind: string]: unknown };
  readonly target?: readonly number[];
  readonly seedIs?: string;
  readonly usable?: boolean;
  readonly warning?: string;
  readonly layerRelevance?: Readonly<Record<string, string>>;
  readonly [detail: string]: unknown;
}

/** Reads the index of `folder`; throws `GoldensError` for anything but the format `golden-1`. */
export async function readIndex(folder: string): Promise<GoldenIndex> {
  const path = join(folder, "index.json");
  let index: GoldenIndex;
  try {
    index = JSON.parse(await readFile(path, "utf8")) as GoldenIndex;
  } catch (error) {
    throw new GoldensError(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  if (index.format !== "golden-1")
    throw new GoldensError(`${path} has the format ${index.format}; this reads golden-1.`);
  return index;
}
