import { basename } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { hashOf } from "../../explainers/numerics/hash.js";
import { DataFileError } from "../../kernel-helpers/formats/errors.js";
import { loadImage } from "../../kernel-helpers/pictures/load-image.js";
import { fittingShape, rowsSource } from "./rows.js";
import type { DataSource, Sample, SourceModel } from "./source.js";

const LABELS = ["label", "y", "target", "class"];

/**
 * Rows of a Parquet file, read group by group: columns of numbers (a column `label` holds classes), or pictures as Hugging Face stores them, a
 * column `image` of bytes.
 *
 * @throws DataFileError
 */
export async function parquetSource(file: string, { input }: SourceModel): Promise<DataSource> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import("hyparquet");
  const failed = (cause: unknown) =>
    new DataFileError(file, `cannot be read as Parquet: ${(cause as Error).message}`, { cause });
  try {
    const buffer = await asyncBufferFromFile(file);
    const metadata = await parquetMetadataAsync(buffer);
    const count = Number(metadata.num_rows);
    const columns = parquetSchema(metadata).children.map(({ element: { name, type } }) => ({ name, type }));
    const compressors = {
      GZIP: (bytes: Uint8Array) => new Uint8Array(gunzipSync(bytes)),
      BROTLI: (bytes: Uint8Array) => new Uint8Array(brotliDecompressSync(bytes)),
    };
    const objects = (names: readonly string[], start: number, end: number) =>
      parquetReadObjects({
        file: buffer,
        metadata,
        columns: [...names],
        rowStart: start,
        rowEnd: end,
        compressors,
        utf8: false,
      });
    const label = columns.find(({ name }) => LABELS.includes(name));
    const labels =
      label === undefined
        ? undefined
        : Int32Array.from((await objects([label.name], 0, count)) as Record<string, unknown>[], (row) => {
            const value = Number(row[label.name]);
            return Number.isInteger(value) ? value : -1;
          });
    const about = { name: basename(file), count, ...(labels && { labels }) };
    if (columns.some(({ name }) => name === "image")) {
      const shape = input.shape.map((size, axis) => size ?? (axis === 2 ? 3 : 0));
      const source: DataSource = {
        ...about,
        shape,
        id: String,
        contents: async (start, end) =>
          (await source.read(start, end)).map((sample) => (sample instanceof Error ? undefined : sample.content)),
        read: async (start, end) => {
          const rows = (await objects(["image"], start, end)) as { image: unknown }[];
          return Promise.all(rows.map(({ image }, row) => pictureOf(file, image, start + row, { ...input, shape })));
        },
      };
      return source;
    }
    const numbers = columns
      .filter(({ name, type }) => name !== label?.name && type !== "BYTE_ARRAY" && type !== undefined)
      .map(({ name }) => name);
    const shape = fittingShape(file, [numbers.length], input.shape);
    return rowsSource({ ...about, shape }, async (start, end) => {
      const rows = (await objects(numbers, start, end)) as Record<string, unknown>[];
      return rows.flatMap((row) => numbers.map((name) => (row[name] === null ? Number.NaN : Number(row[name]))));
    });
  } catch (error) {
    throw error instanceof DataFileError ? error : failed(error);
  }
}

/** A picture's bytes, bare or in Hugging Face's record. */
async function pictureOf(
  file: string,
  image: unknown,
  row: number,
  input: Parameters<typeof loadImage>[1],
): Promise<Sample | Error> {
  try {
    const bytes = image instanceof Uint8Array ? image : (image as { bytes?: unknown } | null)?.bytes;
    if (!(bytes instanceof Uint8Array)) throw new DataFileError(file, `holds no picture in row ${row}`);
    const loaded = await loadImage(bytes, input, { name: `${basename(file)} row ${row}` });
    try {
      const values = loaded.tensor.dataSync() as Float32Array;
      return { values, content: hashOf(values) };
    } finally {
      loaded.dispose();
    }
  } catch (error) {
    return error as Error;
  }
}
