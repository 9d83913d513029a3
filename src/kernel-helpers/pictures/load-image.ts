import type { Tensor4D } from "@tensorflow/tfjs-core";
import { ParameterError } from "../../explainers/errors.js";
import { didYouMean, nearest } from "../../explainers/suggestions.js";
import type { ModelInput } from "../models/input.js";
import { fetchFile, kindOf, listFolder, packageFile, pathOfUrl } from "../platform/files.js";
import { basename, join } from "../platform/paths.js";
import { readPicture } from "../platform/pictures.js";
import { tensorflow } from "../tensorflow/backend.js";
import { ImageError } from "./errors.js";
import type { Fit, Region, Size } from "./framing.js";

export { ImageError } from "./errors.js";
export type { Fit } from "./framing.js";

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
  /** How it came to the model's proportion, where it has one; by default `"crop"`. */
  fit?: Fit;
  /** The file that it was decoded from, by its path or its bytes: another part of it can be seen. */
  source?: string | Uint8Array;
  /** Frees the tensor. */
  dispose(): void;
}

/** How a picture is read. */
export interface ImageOptions {
  /** The part to see, in the model's proportion; by default the center that the model's `crop` keeps. */
  region?: Region;
  /**
   * `"crop"` (default) sees the part in the model's proportion; `"letterbox"` all of the picture, or of `region`, between margins of
   * the color that enters as 0.
   */
  fit?: Fit;
  /** What the picture is called where it comes as bytes. */
  name?: string;
}

/** Photographs inside this package, to be loaded by name. */
export const bundledPhotos = ["astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg"] as const;

/** The name of a bundled photograph, completed in a cell, or any other text. */
type PictureName = (typeof bundledPhotos)[number] | (string & {});

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
 * const whole = await loadImage("chelsea.png", model.input, { fit: "letterbox" });
 * const eye = await loadImage("chelsea.png", model.input, { region: { left: 0.2, top: 0.2, width: 0.3, height: 0.45 } });
 */
export async function loadImage(
  picture: PictureName | URL | Uint8Array | ArrayBuffer,
  input?: ImageInput,
  options: ImageOptions = {},
): Promise<LoadedImage> {
  checkRegion(options.region);
  const { fit: how = "crop" } = options;
  if (how !== "crop" && how !== "letterbox") throw ParameterError.notOneOf("fit", how, ["crop", "letterbox"]);
  const tf = await tensorflow();
  const { file, name: found, path } = await locate(picture);
  const name = options.name ?? found;
  const [height, width, channels] = imageShape(input);
  const size = height === null || width === null ? undefined : { width, height };
  const { region, ...decoded } = await readPicture(file, name, {
    fit: how,
    ...(size && { size }),
    ...(options.region && { region: options.region }),
    crop: input?.crop ?? 1,
  });
  const seen = size && how === "letterbox" ? between(decoded, size, input?.mean ?? 0) : decoded;

  const tensor = tf.tidy(() => {
    const rgba = tf.tensor4d(new Uint8Array(seen.data), [1, seen.height, seen.width, 4], "int32");
    const color = rgba.slice([0, 0, 0, 0], [-1, -1, -1, 3]).toFloat();
    // Luma of ITU-R BT.601, as most decoders make gray of color.
    const wanted = channels === 1 ? color.mul([0.299, 0.587, 0.114]).sum(3, true) : color;
    return wanted.sub(input?.mean ?? 0).div(input?.scale ?? 255) as Tensor4D;
  });
  return {
    tensor,
    pixels: new Uint8ClampedArray(seen.data),
    width: seen.width,
    height: seen.height,
    name,
    ...(path !== undefined && { path }),
    share: region.width * region.height,
    region,
    fit: how,
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

/** The picture (RGBA) in the middle of one of that size, whose margins are of the color that enters as 0. */
function between(picture: Size & { data: Uint8Array }, size: Size, mean: number | readonly number[]) {
  const data = new Uint8ClampedArray(4 * size.width * size.height);
  const colors = typeof mean === "number" || mean.length < 3 ? Array(3).fill([mean].flat()[0]) : mean;
  const margin = Uint8ClampedArray.from([...colors, 255]);
  for (let at = 0; at < data.length; at += 4) data.set(margin, at);
  const [left, top] = [(size.width - picture.width) >> 1, (size.height - picture.height) >> 1];
  for (let row = 0; row < picture.height; row++) {
    const from = 4 * row * picture.width;
    data.set(picture.data.subarray(from, from + 4 * picture.width), 4 * ((top + row) * size.width + left));
  }
  return { ...size, data: new Uint8Array(data.buffer) };
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
  const path = text.startsWith("file:") ? pathOfUrl(text) : text;
  if ((await kindOf(path)) === "file") return { file: path, name: basename(path), path };
  if ((bundledPhotos as readonly string[]).includes(path)) return { file: packageFile("photos", path), name: path };
  if ((await kindOf(path)) === "folder") {
    throw new ImageError(
      folderInWords(
        path,
        (await listFolder(path)).map(({ name }) => name),
      ),
    );
  }
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

async function download(url: string): Promise<Uint8Array> {
  const short = url.length > 80 ? `${url.slice(0, 80)}…` : url;
  let response: Response;
  try {
    response = await fetchFile(url);
  } catch (cause) {
    throw new ImageError(`${short} cannot be fetched: ${(cause as Error).message}`, { cause });
  }
  if (!response.ok) throw new ImageError(`${short} cannot be fetched: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}
