import { hashOf } from "../../explainers/numerics/hash.js";
import { DataFileError } from "../../kernel-helpers/formats/errors.js";
import { sampleShape, shapeInWords } from "../../kernel-helpers/models/places.js";
import type { DataSource, Sample } from "./source.js";

/** The shape that a file's rows have for a model. @throws DataFileError */
export function fittingShape(
  file: string,
  rows: readonly number[],
  wanted: readonly (number | null)[],
): readonly number[] {
  const sizes = rows.reduce((a, b) => a * b, 1);
  const isFlat = wanted.length === 1 && wanted[0] === sizes;
  const shape = isFlat ? [sizes] : sampleShape(rows, wanted);
  if (shape !== undefined && sizes > 0) return shape;
  throw new DataFileError(file, `holds samples of ${shapeInWords(rows)}, and the model takes ${shapeInWords(wanted)}`);
}

/** Numbers as a model takes them: of a picture's bytes by its normalization, others as they are. */
export type Normalize = (values: ArrayLike<number>) => Float32Array;

/** Rows that lie one behind the other in a file or in memory; `take` reads those from `start` up to `end`. */
export function rowsSource(
  about: Pick<DataSource, "name" | "count" | "shape" | "labels" | "close"> & { readonly ids?: readonly string[] },
  take: (start: number, end: number) => Promise<ArrayLike<number>> | ArrayLike<number>,
  normalize: Normalize = (values) => Float32Array.from(values),
): DataSource {
  const { ids, ...rest } = about;
  const size = rest.shape.reduce((a, b) => a * b, 1);
  const source: DataSource = {
    ...rest,
    id: (at) => ids?.[at] ?? String(at),
    contents: async (start, end) =>
      (await source.read(start, end)).map((sample) => (sample instanceof Error ? undefined : sample.content)),
    async read(start, end) {
      let all: Float32Array;
      try {
        all = normalize(await take(start, end));
      } catch (error) {
        return Array.from({ length: end - start }, () => error as Error);
      }
      return Array.from({ length: end - start }, (_, row): Sample | Error => {
        const values = all.slice(row * size, (row + 1) * size);
        const stray = values.findIndex((value) => !Number.isFinite(value));
        return stray < 0
          ? { values, content: hashOf(values) }
          : new DataFileError(rest.name, `holds ${values[stray]} in sample ${start + row}`);
      });
    },
  };
  return source;
}

/** Pixels of 0…255 as the model takes them, by channel. */
export function pixelNormalizer({ mean, scale }: { mean: number | number[]; scale: number | number[] }): Normalize {
  const at = (value: number | number[], channel: number) =>
    typeof value === "number" ? value : value[channel % value.length]!;
  const channels = Array.isArray(mean) ? mean.length : Array.isArray(scale) ? scale.length : 1;
  return (values) =>
    Float32Array.from(values, (value, index) => (value - at(mean, index % channels)) / at(scale, index % channels));
}
