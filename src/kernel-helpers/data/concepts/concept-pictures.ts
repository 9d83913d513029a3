import type { ConceptMap, LabeledPictures, PictureSource } from "../../../explainers/concepts/index.js";
import { ParameterError } from "../../../explainers/errors.js";
import type { ImageInput } from "../../pictures/load-image.js";
import { tensorflow } from "../../tensorflow/backend.js";

/** Pictures of which is known, pixel by pixel, what they show, as bytes and as a model takes them. */
export interface ConceptPictures extends LabeledPictures {
  readonly x: PictureSource;
  readonly concepts: Readonly<Record<string, readonly ConceptMap[]>>;
  readonly mapSize: readonly [height: number, width: number];
  /** Height, width, and one channel or three. */
  readonly shape: PictureShape;
  /** `[pictures, height, width, channels]`, 0…255: as they are shown. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** What each picture is called. */
  readonly names: readonly string[];
}

export type PictureShape = readonly [height: number, width: number, channels: number];

/** Pixels a side where a model takes any size. */
const FREE_SIZE = 224;

/**
 * Height, width and channels of the pictures that a model takes.
 *
 * @throws ParameterError where it takes none
 */
export function pictureShape({ shape }: ImageInput): PictureShape {
  const [height, width, channels] = shape;
  if (shape.length !== 3 || (channels !== 1 && channels !== 3 && channels !== null)) {
    const given = `a model of inputs [${shape.map((size) => size ?? "any")}]`;
    throw new ParameterError("input", given, "a model of pictures, [height, width, 1 or 3]");
  }
  return [height ?? width ?? FREE_SIZE, width ?? height ?? FREE_SIZE, channels ?? 3];
}

/** Bytes `[pictures, …shape]` as what a model takes, a part at a time. */
export async function byteSource(
  pixels: Uint8Array,
  shape: PictureShape,
  { mean, scale }: ImageInput,
): Promise<PictureSource> {
  const tf = await tensorflow();
  const size = shape[0] * shape[1] * shape[2];
  return {
    count: pixels.length / size,
    take: (start, count) =>
      tf.tidy(() => {
        const part = Float32Array.from(pixels.subarray(start * size, (start + count) * size));
        return tf
          .tensor4d(part, [count, ...shape])
          .sub(mean)
          .div(scale);
      }),
  };
}

/** Colors 0…255 `[pixels, 3]` in that many channels, gray by ITU-R BT.601 as `loadImage` makes it. */
export function inChannels(colors: ArrayLike<number>, channels: number): Uint8Array<ArrayBuffer> {
  if (channels === 3) return Uint8Array.from(colors);
  return Uint8Array.from({ length: colors.length / 3 }, (_, at) =>
    Math.round(0.299 * colors[3 * at]! + 0.587 * colors[3 * at + 1]! + 0.114 * colors[3 * at + 2]!),
  );
}
