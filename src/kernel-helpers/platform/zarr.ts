import type { DataType, Readable, Array as ZarrArray } from "zarrita";

/** Whether stores can be read here; not in a report's page, which has their pictures. */
export const canReadStores: boolean = true;

/** An array of a Zarr store, of which rows are read as they are needed. */
export interface StoredArray {
  readonly shape: readonly number[];
  /** Numbers of the rows from `start` up to `end`, in C order. */
  rows(start: number, end: number): Promise<ArrayLike<number>>;
  /** The same of an array of texts. */
  texts(start: number, end: number): Promise<string[]>;
}

/**
 * Opens an array of a Zarr store, version 2 or 3: a folder, or an `http(s):` address, also of a bucket that is public or signed.
 *
 * @param name the array's path in the store; empty where the store is one array
 */
export async function openArray(location: string, name: string): Promise<StoredArray> {
  const zarr = await import("zarrita");
  const root = zarr.root(await storeAt(location));
  // An array remembers where the parts of its shards lie, and a shard may be written again: each read opens its own.
  const open = async () => (await zarr.open(root.resolve(name), { kind: "array" })) as ZarrArray<DataType, Readable>;
  const { shape } = await open();
  const part = async (start: number, end: number) => {
    const array = await open();
    const slices = shape.map((_, axis) => (axis === 0 ? zarr.slice(start, end) : null));
    const { data } = (await zarr.get(array, slices)) as { data: ArrayLike<unknown> };
    return data;
  };
  return {
    shape,
    rows: async (start, end) => {
      const data = await part(start, end);
      return typeof data[0] === "bigint" ? Array.from(data as ArrayLike<bigint>, Number) : (data as ArrayLike<number>);
    },
    texts: async (start, end) => Array.from(await part(start, end), String),
  };
}

async function storeAt(location: string): Promise<Readable> {
  const { FetchStore } = await import("zarrita");
  if (/^https?:/i.test(location)) return new FetchStore(location);
  const { default: FileSystemStore } = await import("@zarrita/storage/fs");
  return new FileSystemStore(location);
}
