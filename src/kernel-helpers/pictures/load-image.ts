import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { Sharp } from "sharp";
import { LimpidError } from "../../explainers/errors.js";
import { didYouMean, nearest } from "../../explainers/suggestions.js";
import { packageFile } from "../data/package-file.js";
import type { ModelInput } from "../models/input.js";
import { tensorflow } from "../tensorflow/backend.js";

/** A picture as a model sees it, and as a person sees it. */
export interface LoadedImage {
  /** `[1, height, width, channel]`, float32, normalized as the model wants. */
  tensor: Tensor4D;
  /** The same picture before normalization: RGBA, row by row, 4·height·width bytes. */
  pixels: Uint8ClampedArray<ArrayBuffer>;
  width: number;
  height: number;
  /** The file's name, without its path. */
  name: string;
  /** Where it was read from; absent for bundled photographs, URLs and bytes. */
  path?: string;
  /** How much of the picture's area is seen, by default 1: the rest lies outside of the crop. */
  share?: number;
  /** The part of the picture that is seen, by default all of it. */
  region?: Region;
  /** The file that it was decoded from, by its path or its bytes: another part of it can be seen. */
  source?: string | Uint8Array;
  /** Frees the tensor. */
  dispose(): void;
}

/** A part of a picture: place and size in shares of its width and height, 0 to 1. */
export interface Region {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** How a picture is read. */
export interface ImageOptions {
  /** The part to see, in the model's proportion; by default the center that the model's `crop` keeps. */
  region?: Region;
  /** What the picture is called where it comes as bytes. */
  name?: string;
}

/** A picture cannot be found or decoded. */
export class ImageError extends LimpidError {}

/** More than any camera takes; a file of a few bytes may claim more. */
const MOST_PIXELS = 2 ** 28;

/** Photographs inside this package, to be loaded by name. */
export const bundledPhotos: readonly string[] = ["astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg"];

/** What `loadImage` needs to know of a model's input. */
export type ImageInput = Pick<ModelInput, "shape" | "mean" | "scale" | "crop">;

/**
 * Decodes a picture (PNG, JPEG, WebP, GIF, TIFF, AVIF, SVG), crops its center, resizes it by cubic convolution and normalizes it.
 *
 * @param picture Path, name of a bundled photograph ("chelsea.png"), `http(s):`, `file:` or `data:` URL, or the file's bytes.
 * @param input What the model takes (`model.input`). Without it the picture keeps its size and enters as 0…1.
 * @throws ImageError when there is no such picture, it cannot be decoded, the region is none, or the model does not take pictures.
 * @example
 * const photo = await loadImage("chelsea.png", model.input);
 * const eye = await loadImage("chelsea.png", model.input, { region: { left: 0.2, top: 0.2, width: 0.3, height: 0.45 } });
 */
export async function loadImage(
  picture: string | URL | Uint8Array | ArrayBuffer,
  input?: ImageInput,
  options: ImageOptions = {},
): Promise<LoadedImage> {
  checkRegion(options.region);
  const [tf, { default: sharp }] = await Promise.all([tensorflow(), import("sharp")]);
  const { file, name: found, path } = await locate(picture);
  const name = options.name ?? found;
  const [height, width, channels] = imageShape(input);

  let data: Buffer;
  let info: { width: number; height: number };
  let region: Region;
  try {
    // Networks are trained on pixels as stored: decoders of training pipelines do not apply color profiles.
    const upright = sharp(file, { failOn: "error", ignoreIcc: true, limitInputPixels: MOST_PIXELS })
      .autoOrient()
      .flatten({ background: "white" });
    const fitted = await fit(upright, height, width, input?.crop ?? 1, options.region);
    region = fitted.region;
    ({ data, info } = await fitted.picture
      .toColorspace("srgb")
      .ensureAlpha()
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true }));
  } catch (cause) {
    const reason = (cause as Error).message.split("\n")[0]!;
    if (/exceeds pixel limit/.test(reason)) {
      const { width, height } = await sharp(file, { limitInputPixels: false }).metadata();
      throw new ImageError(
        `${name} has ${width} × ${height} pixels, and at most ${Math.floor(MOST_PIXELS / 1e6)} million are read: make it smaller first`,
        { cause },
      );
    }
    throw new ImageError(`${name} cannot be read as a picture: ${reason}`, { cause });
  }

  const tensor = tf.tidy(() => {
    const rgba = tf.tensor4d(new Uint8Array(data), [1, info.height, info.width, 4], "int32");
    const color = rgba.slice([0, 0, 0, 0], [-1, -1, -1, 3]).toFloat();
    // Luma of ITU-R BT.601, as most decoders make gray of color.
    const wanted = channels === 1 ? color.mul([0.299, 0.587, 0.114]).sum(3, true) : color;
    return wanted.sub(input?.mean ?? 0).div(input?.scale ?? 255) as Tensor4D;
  });
  return {
    tensor,
    pixels: new Uint8ClampedArray(data),
    width: info.width,
    height: info.height,
    name,
    ...(path !== undefined && { path }),
    share: region.width * region.height,
    region,
    source: file,
    dispose: () => tensor.dispose(),
  };
}

/** Height, width and channels a model wants; null where it takes any. */
function imageShape(input: ImageInput | undefined): [number | null, number | null, 1 | 3] {
  const shape = input?.shape ?? [null, null, 3];
  const channels = shape[2] ?? 3;
  if (shape.length !== 3 || (channels !== 1 && channels !== 3)) {
    throw new ImageError(
      `The model takes inputs of shape [${shape.map((size) => size ?? "any").join(", ")}], not pictures`,
    );
  }
  return [shape[0]!, shape[1]!, channels];
}

/** @throws ImageError */
function checkRegion(region: Region | undefined): void {
  if (region === undefined) return;
  const { left, top, width, height } = region;
  const isPart = (from: number, size: number) => from >= 0 && size > 0 && from + size <= 1 + 1e-6;
  if (isPart(left, width) && isPart(top, height)) return;
  throw new ImageError(
    `A region is left, top, width and height in shares of the picture, from 0 to 1, but this is ${JSON.stringify(region)}`,
  );
}

/** The region, or else the center crop of `share` of the shorter side in the wanted proportion, at the wanted size. */
async function fit(
  picture: Sharp,
  height: number | null,
  width: number | null,
  share: number,
  region: Region | undefined,
): Promise<{ picture: Sharp; region: Region }> {
  if (region === undefined && (height === null || width === null)) {
    return { picture, region: { left: 0, top: 0, width: 1, height: 1 } };
  }
  const { autoOrient: size } = await picture.metadata();
  const crop = region ? pixelsOf(region, size) : centerOf(size, { width: width!, height: height! }, share);
  const cut = picture.extract(crop);
  const kept = {
    left: crop.left / size.width,
    top: crop.top / size.height,
    width: crop.width / size.width,
    height: crop.height / size.height,
  };
  if (height === null || width === null) return { picture: cut, region: kept };
  return {
    picture: cut.resize({ width, height, fit: "fill", kernel: "cubic", fastShrinkOnLoad: false }),
    region: kept,
  };
}

interface Size {
  width: number;
  height: number;
}

/** The pixels of a region; at least one. */
function pixelsOf(region: Region, size: Size): Region {
  const left = Math.min(Math.round(region.left * size.width), size.width - 1);
  const top = Math.min(Math.round(region.top * size.height), size.height - 1);
  const within = (wanted: number, most: number) => Math.min(Math.max(1, Math.round(wanted)), most);
  return {
    left,
    top,
    width: within(region.width * size.width, size.width - left),
    height: within(region.height * size.height, size.height - top),
  };
}

/** Size rounded down, odd pixel of the margin before the picture: as EfficientNet's own evaluation crops. */
function centerOf(size: Size, wanted: Size, share: number): Region {
  const unit = Math.min(size.width / wanted.width, size.height / wanted.height) * share;
  const width = Math.max(1, Math.floor(unit * wanted.width));
  const height = Math.max(1, Math.floor(unit * wanted.height));
  return { left: (size.width - width + 1) >> 1, top: (size.height - height + 1) >> 1, width, height };
}

async function locate(
  picture: string | URL | Uint8Array | ArrayBuffer,
): Promise<{ file: string | Uint8Array; name: string; path?: string }> {
  if (picture instanceof ArrayBuffer) return { file: new Uint8Array(picture), name: "picture" };
  if (picture instanceof Uint8Array) return { file: picture, name: "picture" };
  const text = String(picture);
  if (/^(https?|data):/i.test(text))
    return {
      file: await download(text),
      name: text.startsWith("data:") ? "picture" : basename(new URL(text).pathname),
    };
  const path = text.startsWith("file:") ? fileURLToPath(text) : text;
  if (await isFile(path)) return { file: path, name: basename(path), path };
  if (bundledPhotos.includes(path)) return { file: packageFile("photos", path), name: path };
  const inside = await readdir(path).catch(() => undefined);
  if (inside !== undefined) throw new ImageError(folderInWords(path, inside));
  const meant = didYouMean(nearest(path, bundledPhotos));
  throw new ImageError(
    `There is no picture "${path}" (and no bundled one of that name: ${bundledPhotos.join(", ")})${meant && `.${meant}`}`,
  );
}

/** A folder in the place of a picture: the pictures in it. */
function folderInWords(folder: string, inside: readonly string[]): string {
  const pictures = inside.filter((name) => /\.(png|jpe?g|webp|gif|tiff?|avif|svg)$/i.test(name)).sort();
  if (pictures.length === 0) return `"${folder}" is a folder, without a picture in it: give a picture`;
  const count = pictures.length === 1 ? "one picture" : `${pictures.length} pictures`;
  return `"${folder}" is a folder with ${count} in it: give one of them, such as ${join(folder, pictures[0]!)}`;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function download(url: string): Promise<Uint8Array> {
  const short = url.length > 80 ? `${url.slice(0, 80)}…` : url;
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw new ImageError(`${short} cannot be fetched: ${(cause as Error).message}`, { cause });
  }
  if (!response.ok) throw new ImageError(`${short} cannot be fetched: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}
