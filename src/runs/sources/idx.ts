import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";
import { DataFileError } from "../../kernel-helpers/formats/errors.js";
import { fittingShape, pixelNormalizer, rowsSource } from "./rows.js";
import type { DataSource, SourceModel } from "./source.js";

/** Whether a file is named as those of MNIST are, which EMNIST, KMNIST and Fashion-MNIST are named as, too. */
export const isIdx = (file: string): boolean => /-idx3-ubyte(\.gz)?$/.test(file);

/** Pictures in the format of MNIST (LeCun, Cortes, Burges 1998), with the labels that lie beside them. @throws DataFileError */
export async function idxSource(file: string, { input }: SourceModel): Promise<DataSource> {
  const { sizes, values } = await idx(file, 3);
  const [count = 0, height = 0, width = 0] = sizes;
  const shape = fittingShape(file, [height, width, 1], input.shape);
  const beside = file.replace(/images-idx3/, "labels-idx1");
  const labels = beside === file ? undefined : await idx(beside, 1).catch(() => undefined);
  const size = height * width;
  return rowsSource(
    { name: basename(file), count, shape, ...(labels?.sizes[0] === count && { labels: labels.values }) },
    (start, end) => values.subarray(start * size, end * size),
    pixelNormalizer(input),
  );
}

/** A magic number with the count of axes, then the sizes, big endian, then bytes. */
async function idx(file: string, axes: number): Promise<{ sizes: number[]; values: Uint8Array }> {
  const bytes = await readFile(file).catch((cause: Error) => {
    throw new DataFileError(file, `cannot be read: ${cause.message}`, { cause });
  });
  let whole = bytes;
  try {
    if (file.endsWith(".gz")) whole = gunzipSync(bytes);
  } catch (cause) {
    throw new DataFileError(file, "is no gzip file, or is cut short", { cause });
  }
  const begin = 4 + 4 * axes;
  if (whole.length < begin || whole.readUInt32BE(0) !== 0x800 + axes)
    throw new DataFileError(file, `is no IDX file of bytes with ${axes} axes`);
  const sizes = Array.from({ length: axes }, (_, axis) => whole.readUInt32BE(4 + 4 * axis));
  const values = whole.subarray(begin);
  if (values.length !== sizes.reduce((a, b) => a * b, 1))
    throw new DataFileError(file, `holds ${values.length} bytes, and its header says [${sizes.join(", ")}]`);
  return { sizes, values };
}
