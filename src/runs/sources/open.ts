import { readFile, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { loadDigits } from "../../kernel-helpers/data/digits.js";
import { loadPictureSet } from "../../kernel-helpers/data/load-records.js";
import { dataSets } from "../../kernel-helpers/data/sets/sets.js";
import { parseNpz } from "../../kernel-helpers/formats/archives/npz.js";
import { readDataFile } from "../../kernel-helpers/formats/data-file.js";
import { DataFileError } from "../../kernel-helpers/formats/errors.js";
import { isWords } from "../../kernel-helpers/formats/npy.js";
import { idxSource, isIdx } from "./idx.js";
import { npySource } from "./npy.js";
import { parquetSource } from "./parquet.js";
import { pictureSource } from "./pictures.js";
import { fittingShape, pixelNormalizer, rowsSource } from "./rows.js";
import type { DataSource, SourceModel } from "./source.js";
import { zarrSource } from "./zarr.js";

/**
 * Opens a data set for a model: `mnist` (the thousand digits that Limpid brings), a data set of pictures by its name, a folder of pictures, or a
 * file: `.npy`, `.zarr` and `.parquet` are read part by part, `.npz`, `.csv`, `.json` and IDX files as a whole.
 *
 * @throws DataFileError, DataSetError
 */
export async function openSource(
  data: string,
  model: SourceModel & { readonly classNames?: readonly string[] },
): Promise<DataSource> {
  const found = await stat(data).catch(() => undefined);
  if (found === undefined && data === "mnist") return digits(model);
  if (found === undefined && dataSets.some(({ name }) => name === data)) return pictureSet(data, model);
  if (found === undefined && !/^https?:.*\.zarr\/?$/i.test(data)) {
    throw new DataFileError(
      data,
      "is not there: give a folder of pictures, a file (.npy, .npz, .zarr, .parquet, .csv, .json, -idx3-ubyte), mnist, or a data set of limpid data list",
    );
  }
  const isZarr = /\.zarr\/?$/i.test(data) || (found?.isDirectory() && (await isZarrFolder(data)));
  if (isZarr) return zarrSource(data, model);
  if (found?.isDirectory()) return pictureSource(data, model);
  if (isIdx(data)) return idxSource(data, model);
  switch (extname(data).toLowerCase()) {
    case ".npy":
      return npySource(data, model);
    case ".npz":
      return npz(data, model);
    case ".parquet":
      return parquetSource(data, model);
    case ".csv":
    case ".json":
      return rows(data, model);
    default:
      throw new DataFileError(
        data,
        "is no data set that is read: a folder of pictures, .npy, .npz, .zarr, .parquet, .csv, .json or -idx3-ubyte",
      );
  }
}

const isZarrFolder = (folder: string): Promise<boolean> =>
  Promise.any(["zarr.json", ".zarray", ".zgroup"].map((name) => stat(join(folder, name)))).then(
    () => true,
    () => false,
  );

async function digits({ input }: SourceModel): Promise<DataSource> {
  const { pixels, labels, count } = await loadDigits();
  const shape = fittingShape("mnist", [28, 28, 1], input.shape);
  const take = (start: number, end: number) => pixels.subarray(784 * start, 784 * end);
  return rowsSource({ name: "mnist", count, shape, labels }, take, pixelNormalizer(input));
}

async function pictureSet(name: string, { input }: SourceModel): Promise<DataSource> {
  const { values, shape: sizes, range, labels, names } = await loadPictureSet(name);
  const [count, ...one] = sizes;
  const shape = fittingShape(name, one, input.shape);
  const size = one.reduce((a, b) => a * b, 1);
  const normalize = pixelNormalizer(input);
  const [black, white] = range;
  return rowsSource(
    { name, count, shape, ...(labels.length === count && { labels }), ...(names.length === count && { ids: names }) },
    (start, end) => values.subarray(start * size, end * size),
    (pixels) => normalize(Float64Array.from(pixels, (value) => (255 * (value - black)) / (white - black))),
  );
}

async function npz(file: string, { input }: SourceModel): Promise<DataSource> {
  const bytes = await readFile(file).catch((cause: Error) => {
    throw new DataFileError(file, `cannot be read: ${cause.message}`, { cause });
  });
  const { x, y } = parseNpz(file, bytes);
  if (x === undefined || isWords(x.values))
    throw new DataFileError(file, "holds no numbers called x: numpy.savez(file, x=…, y=…)");
  const [count = 0, ...sizes] = x.shape;
  const shape = fittingShape(file, sizes, input.shape);
  const size = shape.reduce((a, b) => a * b, 1);
  const { values } = x;
  const labels = y !== undefined && !isWords(y.values) && y.shape[0] === count ? y.values : undefined;
  if (y !== undefined && labels === undefined)
    throw new DataFileError(file, `holds ${count} inputs, but ${y.shape[0]} y that are one whole number each`);
  return rowsSource({ name: basename(file), count, shape, ...(labels && { labels }) }, (start, end) =>
    values.subarray(start * size, end * size),
  );
}

async function rows(file: string, { input }: SourceModel): Promise<DataSource> {
  const data = await readDataFile(file);
  if (!("values" in data && "shape" in data))
    throw new DataFileError(file, "holds words: give the numbers that stand for them");
  const [count = 0, ...sizes] = data.shape;
  const shape = fittingShape(file, sizes, input.shape);
  const size = shape.reduce((a, b) => a * b, 1);
  return rowsSource({ name: basename(file), count, shape }, (start, end) =>
    data.values.subarray(start * size, end * size),
  );
}
