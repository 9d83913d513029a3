import type { Tensor4D } from "@tensorflow/tfjs-core";
import { DataFileError } from "../formats/errors.js";
import { type ImageInput, loadImage } from "../pictures/load-image.js";
import { kindOf, listFolder, workingFolder } from "../platform/files.js";
import { basename, join } from "../platform/paths.js";
import { tensorflow } from "../tensorflow/backend.js";
import { pictureShape } from "./concepts/concept-pictures.js";

const PICTURES = /\.(png|jpe?g|webp|gif|tiff?|avif)$/i;

export const isPicture = (path: string): boolean => PICTURES.test(path);

/**
 * The pictures in a folder, by name.
 *
 * @throws DataFileError where it is no folder, or holds none
 */
export async function picturesIn(folder: string): Promise<string[]> {
  const found = await kindOf(folder);
  if (found === undefined) throw new DataFileError(folder, `is not there (in ${workingFolder()})`);
  if (found !== "folder") throw new DataFileError(folder, "is no folder");
  const names = (await listFolder(folder)).map(({ name }) => name).filter(isPicture);
  if (names.length === 0)
    throw new DataFileError(folder, "is a folder without pictures (png, jpg, webp, gif, tiff, avif)");
  return names.map((name) => join(folder, name));
}

/** Pictures as a model takes them, one tensor `[pictures, height, width, channels]`, which the caller disposes of. */
export async function loadPictures(paths: readonly string[], input: ImageInput): Promise<Tensor4D> {
  const tf = await tensorflow();
  const sized = { ...input, shape: [...pictureShape(input)] };
  const images: Tensor4D[] = [];
  try {
    for (const path of paths) images.push((await loadImage(path, sized)).tensor);
    return tf.concat(images);
  } finally {
    tf.dispose(images);
  }
}

/** The folders in a folder, by name. @throws DataFileError */
async function foldersIn(folder: string): Promise<string[]> {
  const found = await listFolder(folder).catch((cause: Error) => {
    throw new DataFileError(folder, `cannot be read: ${cause.message}`, { cause });
  });
  const inside = found.filter(({ name, isFolder }) => isFolder && !name.startsWith("."));
  return inside.map(({ name }) => join(folder, name));
}

/**
 * Pictures of several things, one folder each: by the folders' names, a tensor that a model takes.
 *
 * @throws DataFileError, ImageError
 */
export async function loadPictureFolders(folder: string, input: ImageInput): Promise<Record<string, Tensor4D>> {
  const folders = await foldersIn(folder);
  if (folders.length === 0) {
    throw new DataFileError(folder, "has no folders in it: put the pictures of each concept into one of its name");
  }
  const found: Record<string, Tensor4D> = {};
  try {
    for (const one of folders) found[basename(one)] = await loadPictures(await picturesIn(one), input);
    return found;
  } catch (error) {
    for (const tensor of Object.values(found)) tensor.dispose();
    throw error;
  }
}
