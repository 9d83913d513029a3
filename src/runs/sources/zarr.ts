import { basename } from "node:path";
import { DataFileError } from "../../kernel-helpers/formats/errors.js";
import { openArray } from "../../kernel-helpers/platform/zarr.js";
import { fittingShape, rowsSource } from "./rows.js";
import type { DataSource, SourceModel } from "./source.js";

/** Rows of a Zarr array (version 2 or 3), or of the array `x` of a group, read chunk by chunk. @throws DataFileError */
export async function zarrSource(path: string, { input }: SourceModel): Promise<DataSource> {
  const x = (await openArray(path, "").catch(() => undefined)) ?? (await openArray(path, "x").catch(() => undefined));
  if (x === undefined) throw new DataFileError(path, "is no Zarr array of numbers, and no group with an array x");
  const [count = 0, ...sizes] = x.shape;
  const shape = fittingShape(path, sizes, input.shape);
  const y = await openArray(path, "y").catch(() => undefined);
  const labels = y?.shape.length === 1 && y.shape[0] === count ? await y.rows(0, count) : undefined;
  return rowsSource({ name: basename(path), count, shape, ...(labels && { labels }) }, (start, end) =>
    x.rows(start, end),
  );
}
