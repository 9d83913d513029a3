import * as disk from "node:fs/promises";
import { join } from "node:path";
import type { RunRecord } from "../../kernel-helpers/relevance/record.js";
import { RunError } from "../errors.js";
import type { ArrayName } from "./arrays.js";
import { namesIn } from "./files.js";

/**
 * What the store at a path says of its run; undefined where nothing is there.
 *
 * @throws RunError where something else is there
 */
export async function storedRecord(path: string): Promise<RunRecord | undefined> {
  const found = await disk.stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  if (!found.isDirectory()) throw new RunError(`${path} is a file, and a store is a folder: give another -o`);
  const text = await disk.readFile(join(path, "zarr.json"), "utf8").catch(() => undefined);
  if (text === undefined) {
    // A run that ended while it made the store has left arrays without a root, and a lock.
    const strangers = (await namesIn(path)).filter((name) => !OWN.has(name) && !name.endsWith(".part"));
    if (strangers.length === 0) return undefined;
    throw new RunError(
      `${path} is a folder that holds ${strangers.slice(0, 3).join(", ")}, and no store of explanations: give another -o`,
    );
  }
  let record: RunRecord | undefined;
  try {
    record = (JSON.parse(text) as { attributes?: { limpid?: RunRecord } }).attributes?.limpid;
  } catch (cause) {
    throw new RunError(`${join(path, "zarr.json")} is no JSON: the store is damaged`, { cause });
  }
  if (record?.format !== "limpid-run-1") {
    throw new RunError(`${path} is a Zarr store that limpid batch did not write: give another -o`);
  }
  return record;
}

const OWN = new Set<string>([
  ".limpid-run.json",
  ...([
    "relevance",
    "output",
    "total",
    "outputs",
    "target",
    "label",
    "layer_sum",
    "id",
    "error",
    "content",
    "class",
    "layer",
  ] as ArrayName[]),
]);
