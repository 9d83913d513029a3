import { open, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { hashOf } from "../../explainers/numerics/hash.js";
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
    contents: async (start, end) => {
      const found: (number | undefined)[] = [];
      // A few at a time: a process may hold only so many files open.
      for (let at = start; at < end; at += AT_ONCE) {
        const names = pictures.slice(at, Math.min(end, at + AT_ONCE));
        found.push(...(await Promise.all(names.map((name) => contentOf(join(folder, name)).catch(() => undefined)))));
      }
      return found;
    },
    read: (start, end) =>
      Promise.all(pictures.slice(start, end).map((name) => sampleOf(join(folder, name), { ...input, shape }))),
  };
}

async function sampleOf(file: string, input: ImageInput): Promise<Sample | Error> {
  try {
    const content = await contentOf(file);
    const image = await loadImage(file, input);
    try {
      return { values: image.tensor.dataSync() as Float32Array, content };
    } finally {
      image.dispose();
    }
  } catch (error) {
    return error as Error;
  }
}

const AT_ONCE = 64;

/** Bytes at a file's end that tell it from others: a PNG ends with its check sums, and in a JPEG all that follows a change is moved. */
const END = 4096;

/** Of a file's size and its end, so that a folder is looked through without reading all of it. */
async function contentOf(file: string): Promise<number> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const bytes = new Uint8Array(Math.min(size, END));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, size - bytes.length);
    return hashOf(bytes.subarray(0, bytesRead), hashOf(Int32Array.of(size)));
  } finally {
    await handle.close();
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
