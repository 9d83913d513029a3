import { LimpidError } from "../../explainers/index.js";
import { kindOf, listFolder } from "../platform/files.js";
import { join } from "../platform/paths.js";
import { openArray, type StoredArray } from "../platform/zarr.js";
import type { RunRecord } from "./record.js";

/** A store of explanations is not there, or is something else. */
export class RelevanceStoreError extends LimpidError {}

/** One sample of a store. */
export interface StoredExplanation {
  readonly index: number;
  readonly id: string;
  /** In `shape` of the store. */
  readonly relevance: Float32Array;
  /** The explained output. */
  readonly output: number;
  /** The sum of its relevance; NaN where it failed, and in stores of earlier versions. */
  readonly total: number;
  /** Index of the explained output, −1 where it is none. */
  readonly target: number;
  readonly targetName: string | undefined;
  /** The sample's own class; −1 where the data did not say it. */
  readonly label: number;
  /** What was wrong with it; empty where it was explained. */
  readonly error: string;
}

/** Explanations of a data set, as `limpid batch` writes them, read as they are asked for, also while they are computed. */
export interface RelevanceStore {
  readonly location: string;
  /** What the run is of. */
  readonly run: RunRecord;
  /** Samples, whether they are explained already or not. */
  readonly count: number;
  /** One sample's relevance. */
  readonly shape: readonly number[];
  readonly classNames: readonly string[];
  readonly layers: readonly string[];
  /** Numbers of the shards that are there; of a store on the web, all of them. */
  shards(): Promise<number[]>;
  /** Samples from `start` up to `end`; those whose shard is not there are left out. */
  read(start: number, end: number): Promise<StoredExplanation[]>;
  /** Outputs of the model for all classes, `[samples, classes]`; NaN where they are not there. */
  outputs(start: number, end: number): Promise<Float32Array>;
  /** Sums of relevance layer by layer, `[samples, layers]`; NaN where they are not there. */
  layerSums(start: number, end: number): Promise<Float32Array>;
  /** Outputs, targets, classes, names and errors of the samples from `start` (0) up to `end` (all) that are there, without their relevance. */
  table(start?: number, end?: number): Promise<Omit<StoredExplanation, "relevance">[]>;
}

/**
 * Opens a store of explanations: a folder, or an `http(s):` address.
 *
 * @throws RelevanceStoreError where there is none
 * @example const store = await openRelevanceStore("photos.zarr"); const [first] = await store.read(0, 1);
 */
export async function openRelevanceStore(location: string): Promise<RelevanceStore> {
  const run = await runIn(location);
  const isRemote = /^https?:/i.test(location);
  const array = (name: string) => openArray(location, name);
  const optional = (name: string): Promise<StoredArray | undefined> => array(name).catch(() => undefined);
  const [relevance, output, target, id, error] = (await Promise.all(
    ["relevance", "output", "target", "id", "error"].map(array),
  )) as [StoredArray, StoredArray, StoredArray, StoredArray, StoredArray];
  const [label, total, outputs, layerSum, classes, layerNames] = await Promise.all(
    ["label", "total", "outputs", "layer_sum", "class", "layer"].map(optional),
  );
  const [count = 0, ...shape] = relevance.shape;
  const size = shape.reduce((a, b) => a * b, 1);
  const names = async (of: StoredArray | undefined) => (of === undefined ? [] : of.texts(0, of.shape[0]!));
  const [classNames, layers] = await Promise.all([names(classes), names(layerNames)]);
  const all = Math.ceil(count / run.shard);

  const shards = async (): Promise<number[]> => {
    if (isRemote) return Array.from({ length: all }, (_, shard) => shard);
    const found = (await listFolder(join(location, "relevance"))).flatMap(({ name }) => {
      const numbers = /^c\.(\d+)(\.0)*$/.exec(name);
      return numbers === null ? [] : [Number(numbers[1])];
    });
    return found.sort((a, b) => a - b);
  };
  const table = async (start: number, end: number) => {
    const [texts, errors, values, sums, targets, labels] = await Promise.all([
      id.texts(start, end),
      error.texts(start, end),
      output.rows(start, end),
      total?.rows(start, end),
      target.rows(start, end),
      label?.rows(start, end),
    ]);
    return texts.map((text, row) => ({
      index: start + row,
      id: text,
      output: Number(values[row]),
      total: Number(sums?.[row] ?? Number.NaN),
      target: Number(targets[row]),
      targetName: targets[row]! >= 0 ? classNames[targets[row]!] : undefined,
      label: labels === undefined ? -1 : Number(labels[row]),
      error: errors[row]!,
    }));
  };
  /** Stretches of samples whose shards are there. */
  const there = async (start: number, end: number): Promise<[number, number][]> =>
    (await shards())
      .map((shard): [number, number] => [
        Math.max(start, shard * run.shard),
        Math.min(end, count, (shard + 1) * run.shard),
      ])
      .filter(([from, to]) => from < to);
  const checked = (start: number, end: number) => {
    if (Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end <= count) return;
    throw new RelevanceStoreError(`Samples ${start} to ${end} were asked for, and ${location} holds 0 to ${count}`);
  };
  const numbers = async (of: StoredArray | undefined, start: number, end: number) => {
    checked(start, end);
    return of === undefined || start === end ? new Float32Array() : Float32Array.from(await of.rows(start, end));
  };
  return {
    location,
    run,
    count,
    shape,
    classNames,
    layers,
    shards,
    async read(start, end) {
      checked(start, end);
      const found: StoredExplanation[] = [];
      for (const [from, to] of await there(start, end)) {
        const [rows, values] = await Promise.all([table(from, to), relevance.rows(from, to)]);
        const numbersOf = (row: number) =>
          Float32Array.from((values as Float32Array).subarray(row * size, (row + 1) * size));
        found.push(...rows.map((row, at) => ({ ...row, relevance: numbersOf(at) })));
      }
      return found;
    },
    outputs: (start, end) => numbers(outputs, start, end),
    layerSums: (start, end) => numbers(layerSum, start, end),
    async table(start = 0, end = count) {
      checked(start, end);
      const found = [];
      for (const [from, to] of await there(start, end)) found.push(...(await table(from, to)));
      return found;
    },
  };
}

async function runIn(location: string): Promise<RunRecord> {
  const { readText, fetchFile } = await import("../platform/files.js");
  let text: string;
  try {
    if (/^https?:/i.test(location)) {
      const response = await fetchFile(`${location.replace(/\/$/, "")}/zarr.json`);
      if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
      text = await response.text();
    } else {
      if ((await kindOf(location)) === undefined) throw new Error("it is not there");
      text = await readText(join(location, "zarr.json"));
    }
  } catch (cause) {
    throw new RelevanceStoreError(`${location} is no store of explanations: ${(cause as Error).message}`, { cause });
  }
  let run: RunRecord | undefined;
  try {
    run = (JSON.parse(text) as { attributes?: { limpid?: RunRecord } }).attributes?.limpid;
  } catch {
    run = undefined;
  }
  if (run?.format !== "limpid-run-1")
    throw new RelevanceStoreError(`${location} is a Zarr store that limpid batch did not write`);
  return run;
}
