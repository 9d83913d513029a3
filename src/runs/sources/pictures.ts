import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { isPicture } from "../../kernel-helpers/data/picture-folder.js";
import { DataFileError } from "../../kernel-helpers/formats/errors.js";
import { type ImageInput, loadImage } from "../../kernel-helpers/pictures/load-image.js";
import type { DataSource, Sample, SourceModel } from "./source.js";

/**
 * The pictures in a folder and in the folders in it, by name; where they lie in folders of the names of the model's classes, these are their
 * labels.
 *
 * @throws DataFileError where there is none
 */
export async function pictureSource(
  folder: string,
  { input, classNames }: SourceModel & { readonly classNames?: readonly string[] },
): Promise<DataSource> {
  const names = (await readdir(folder, { recursive: true })).map((name) => name.replaceAll("\\", "/"));
  const pictures = names.filter(isPicture).sort();
  if (pictures.length === 0)
    throw new DataFileError(folder, "is a folder without pictures (png, jpg, webp, gif, tiff, avif)");
  const shape = input.shape.map((size, axis) => size ?? (axis === 2 ? 3 : 0));
  if (shape.length !== 3 || shape.includes(0)) {
    throw new DataFileError(folder, "holds pictures, and the model takes no pictures of one size");
  }
  const labels = labelsOf(pictures, classNames);
  return {
    name: basename(folder),
    count: pictures.length,
    shape,
    id: (at) => pictures[at]!,
    ...(labels && { labels }),
    read: (start, end) =>
      Promise.all(pictures.slice(start, end).map((name) => sampleOf(join(folder, name), { ...input, shape }))),
  };
}

async function sampleOf(file: string, input: ImageInput): Promise<Sample | Error> {
  try {
    const image = await loadImage(file, input);
    try {
      return { values: image.tensor.dataSync() as Float32Array };
    } finally {
      image.dispose();
    }
  } catch (error) {
    return error as Error;
  }
}

/** Classes by the folders that pictures lie in. */
function labelsOf(pictures: readonly string[], classNames: readonly string[] | undefined): Int32Array | undefined {
  if (classNames === undefined) return undefined;
  const places = new Map(classNames.flatMap((name, at) => name.split(/\s*,\s*/).map((one) => [one.toLowerCase(), at])));
  const labels = Int32Array.from(pictures, (name) => {
    const folder = name.split("/").at(-2)?.toLowerCase();
    return folder === undefined ? -1 : (places.get(folder) ?? -1);
  });
  return labels.some((label) => label >= 0) ? labels : undefined;
}
