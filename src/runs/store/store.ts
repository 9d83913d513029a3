import * as disk from "node:fs/promises";
import { basename, join } from "node:path";
import { openArray } from "../../kernel-helpers/platform/zarr.js";
import type { RunRecord } from "../../kernel-helpers/relevance/record.js";
import { OtherRunError, RunError } from "../errors.js";
import { type FailedSample, type Prepared, samplesOf } from "../spec.js";
import { type ArrayName, type ArrayPlan, arraysOf, chunkName, metadataOf } from "./arrays.js";
import { type ChunkValues, encodedChunk } from "./encode.js";
import { namesIn, removeParts, syncFolder, writeWhole } from "./files.js";
import { storedRecord } from "./record.js";
import { isWhole } from "./whole.js";

/** What one shard holds, array by array. */
export type ShardValues = { readonly [name in ArrayName]?: ChunkValues };

/**
 * A Zarr store (version 3) that a run fills shard by shard. A shard is there when its relevance is: that is written last. Whoever
 * writes it, and however often, writes the same bytes.
 */
export class RunStore {
  #arrays: readonly ArrayPlan[];
  readonly shards: number;

  private constructor(
    readonly path: string,
    readonly prepared: Prepared,
  ) {
    this.#arrays = arraysOf(prepared.record, prepared.shapes);
    this.shards = Math.ceil(prepared.shapes.count / prepared.record.shard);
  }

  /**
   * Makes a store, or finds the one that is there.
   *
   * @throws OtherRunError where that is of another run; RunError where the path holds something else; WriteError
   */
  static async open(path: string, prepared: Prepared): Promise<RunStore> {
    const store = new RunStore(path, prepared);
    const found = await storedRecord(path);
    if (found === undefined) await store.#make();
    else {
      checkSame(path, found, prepared.record);
      // A store of an earlier version goes on without what it does not have.
      const names = new Set(await namesIn(path));
      store.#arrays = store.arrays.filter(({ name }) => names.has(name));
    }
    return store;
  }

  get arrays(): readonly ArrayPlan[] {
    return this.#arrays;
  }

  async #make(): Promise<void> {
    for (const plan of this.arrays) {
      const folder = join(this.path, plan.name);
      await makeFolder(folder);
      await writeWhole(folder, "zarr.json", json(metadataOf(plan)));
    }
    const { classNames, layers } = this.prepared.shapes;
    const names: Partial<Record<ArrayName, readonly string[]>> = { class: classNames, layer: layers };
    for (const plan of this.arrays) {
      const texts = names[plan.name];
      if (texts !== undefined)
        await writeWhole(join(this.path, plan.name), chunkName(0, 1), await encodedChunk(plan, texts));
    }
    // The store is there when its root is.
    await this.#writeRoot(this.prepared.record);
  }

  async #writeRoot(record: RunRecord): Promise<void> {
    const metadata = Object.fromEntries(this.arrays.map((plan) => [plan.name, metadataOf(plan)]));
    const root = {
      zarr_format: 3,
      node_type: "group",
      attributes: { limpid: record },
      consolidated_metadata: { kind: "inline", must_understand: false, metadata },
    };
    await writeWhole(this.path, "zarr.json", json(root));
    await syncFolder(this.path);
  }

  /** Numbers of the shards that are there. */
  async present(): Promise<Set<number>> {
    return shardsIn(await namesIn(join(this.path, "relevance")));
  }

  /** Of those, the ones with samples that could not be read or explained. */
  async damaged(): Promise<Set<number>> {
    return shardsIn(await namesIn(join(this.path, "error")));
  }

  /** Shards that a run has to do: those that are not there, and those with samples that failed, which may be mended by now. */
  async missing(): Promise<number[]> {
    const [present, damaged] = await Promise.all([this.present(), this.damaged()]);
    return Array.from({ length: this.shards }, (_, at) => at).filter((at) => !present.has(at) || damaged.has(at));
  }

  /**
   * Takes away shards of which a file was cut or lost, by whatever happened to the folder since they were written: they are computed again.
   *
   * @returns their numbers
   */
  async takeAwayCut(): Promise<number[]> {
    const present = await this.present();
    const cut = new Set<number>();
    for (const { name, dimensions, shape, chunk, inner } of this.arrays) {
      const folder = join(this.path, name);
      // Of errors there are files only where there is one.
      if (dimensions[0] !== "sample" || name === "error") continue;
      const there = shardsIn(await namesIn(folder));
      if (there.size > 0) for (const shard of present) if (!there.has(shard)) cut.add(shard);
      if (inner === undefined) continue;
      for (const shard of there)
        if (!(await isWhole(join(folder, chunkName(shard, shape.length)), chunk[0]! / inner[0]!))) cut.add(shard);
    }
    const rank = 1 + this.prepared.shapes.relevance.length;
    for (const shard of cut) await disk.rm(join(this.path, "relevance", chunkName(shard, rank)), { force: true });
    return [...cut].sort((a, b) => a - b);
  }

  /** What it says of its run: of one that was gone on with, the first one. */
  async record(): Promise<RunRecord> {
    return (await storedRecord(this.path))!;
  }

  /** Of these shards the ones that are there, with what changes when one is written again. */
  async written(shards: readonly number[]): Promise<[shard: number, version: string][]> {
    const present = await this.present();
    const there = shards.filter((shard) => present.has(shard));
    const rank = 1 + this.prepared.shapes.relevance.length;
    return Promise.all(
      there.map(async (shard): Promise<[number, string]> => {
        const { ino, mtimeMs } = await disk.stat(join(this.path, "relevance", chunkName(shard, rank)));
        return [shard, `${ino} ${mtimeMs}`];
      }),
    );
  }

  /** Samples of a shard that could not be read or explained. */
  async failedIn(shard: number): Promise<FailedSample[]> {
    if (!(await this.damaged()).has(shard)) return [];
    const { shard: size } = this.prepared.record;
    const [start, end] = samplesOf(shard, { size, count: this.prepared.shapes.count });
    const [id, error] = await Promise.all(
      ["id", "error"].map(async (name) => (await openArray(this.path, name)).texts(start, end)),
    );
    return error!.flatMap((message, row) => (message === "" ? [] : [{ id: id![row]!, message }]));
  }

  /** What was explained, stretch by stretch of the shards that are there: names and contents; those that failed are left out. */
  async *explained(): AsyncGenerator<readonly StoredContent[]> {
    const { record, shapes } = this.prepared;
    const [id, error, content] = await Promise.all(
      ["id", "error", "content"].map((name) => openArray(this.path, name).catch(() => undefined)),
    );
    // Of a store that was begun before contents were noted, nothing is known.
    if (id === undefined || error === undefined || content === undefined) return;
    const shards = [...(await this.present())].sort((a, b) => a - b);
    const together = Math.max(1, Math.floor(TOGETHER / record.shard));
    for (let at = 0; at < shards.length; ) {
      const first = at++;
      while (at < shards.length && at - first < together && shards[at] === shards[at - 1]! + 1) at++;
      const [start] = samplesOf(shards[first]!, { size: record.shard, count: shapes.count });
      const [, end] = samplesOf(shards[at - 1]!, { size: record.shard, count: shapes.count });
      const [ids, errors, contents] = await Promise.all([
        id.texts(start, end),
        error.texts(start, end),
        content.rows(start, end),
      ]);
      const rows = ids.map((name, row) => ({ at: start + row, id: name, content: contents[row]! }));
      yield rows.filter((_, row) => errors[row] === "");
    }
  }

  /** How many samples the shards hold. */
  samplesIn(shards: Iterable<number>): number {
    const { shard: size } = this.prepared.record;
    let samples = 0;
    for (const shard of shards) {
      const [start, end] = samplesOf(shard, { size, count: this.prepared.shapes.count });
      samples += end - start;
    }
    return samples;
  }

  /** Writes a shard. @returns its bytes. @throws WriteError */
  async write(shard: number, values: ShardValues): Promise<number> {
    const isDamaged = (values.error as readonly string[]).some((text) => text !== "");
    const write = async (plan: ArrayPlan): Promise<number> => {
      const file = await encodedChunk(plan, values[plan.name]!);
      await writeWhole(join(this.path, plan.name), chunkName(shard, plan.shape.length), file);
      return file.length;
    };
    const given = this.arrays.filter(({ name }) => values[name] !== undefined && (name !== "error" || isDamaged));
    // Together: each waits for the disk. When one fails, the others still end before that is told.
    const written = await Promise.allSettled(given.filter(({ name }) => name !== "relevance").map(write));
    for (const one of written) if (one.status === "rejected") throw one.reason;
    let bytes = written.reduce((sum, one) => sum + (one as PromiseFulfilledResult<number>).value, 0);
    // Relevance comes last: it says that all is there.
    for (const plan of given) if (plan.name === "relevance") bytes += await write(plan);
    if (!isDamaged) await disk.rm(join(this.path, "error", chunkName(shard, 1)), { force: true });
    await syncFolder(join(this.path, "relevance"));
    return bytes;
  }

  /** Removes what writers left that are gone. */
  async tidy(): Promise<void> {
    for (const { name } of this.arrays) await removeParts(join(this.path, name));
    await removeParts(this.path);
  }
}

/** What a store knows of a sample's content. */
interface StoredContent {
  readonly at: number;
  readonly id: string;
  readonly content: number;
}

/** Samples whose names are read at once. */
const TOGETHER = 4096;

const json = (value: object): string => `${JSON.stringify(value, undefined, 1)}\n`;

function shardsIn(names: readonly string[]): Set<number> {
  return new Set(
    names.flatMap((name) => {
      const found = /^c\.(\d+)(\.0)*$/.exec(name);
      return found === null ? [] : [Number(found[1])];
    }),
  );
}

async function makeFolder(folder: string): Promise<void> {
  await disk.mkdir(folder, { recursive: true }).catch((cause: Error) => {
    throw new RunError(`${folder} cannot be made: ${cause.message}`, { cause });
  });
}

/** A run goes on in a store only where all is the same that its numbers depend on. */
function checkSame(path: string, stored: RunRecord, asked: RunRecord): void {
  const parts: readonly (readonly [part: string, of: (record: RunRecord) => unknown])[] = [
    ["method", ({ method }) => method.id],
    ["parameters", ({ method }) => method.parameters],
    ["model", ({ model }) => `${model.name} (${model.key})`],
    ["target", ({ target }) => String(target)],
    ["count of samples", ({ data }) => data.count],
    ["data set", ({ data }) => `${basename(data.name)} (${data.key})`],
    ["shard", ({ shard }) => shard],
    ["batch", ({ batch }) => batch],
    ["mantissa", ({ mantissaBits }) => (mantissaBits === null ? "whole" : `${mantissaBits} bits`)],
  ];
  for (const [part, of] of parts) {
    if (JSON.stringify(of(stored)) !== JSON.stringify(of(asked)))
      throw new OtherRunError(path, part, of(stored), of(asked));
  }
}
