import { Tensor, type Tensor4D } from "@tensorflow/tfjs-core";
import type { Bytes } from "../../comms/states/array.js";
import { ParameterError } from "../../explainers/errors.js";
import type { ModelInput } from "../models/input.js";
import type { LoadedImage } from "./load-image.js";

/** From values that a model takes back to pixels 0…255, as many channels as there are. */
export function inputBytes(values: Float32Array, { shape, mean, scale }: ModelInput): Uint8Array {
  const channels = shape.at(-1) ?? 1;
  const means = Array.from({ length: channels }, (_, channel) => (typeof mean === "number" ? mean : mean[channel]!));
  const scales = Array.from({ length: channels }, (_, channel) =>
    typeof scale === "number" ? scale : scale[channel]!,
  );
  const bytes = new Uint8ClampedArray(values.length);
  for (let at = 0; at < values.length; at++) {
    const channel = at % channels;
    bytes[at] = values[at]! * scales[channel]! + means[channel]!;
  }
  return new Uint8Array(bytes.buffer);
}

/** RGB pixels of a gray or colored picture, enlarged by a whole factor to at least `size` pixels across. */
export function enlarged({ shape, data }: Bytes, size: number): { pixels: Uint8Array; width: number; height: number } {
  const [rows = 1, columns = 1, channels = 1] = shape;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const factor = Math.max(1, Math.ceil(size / columns));
  const [width, height] = [columns * factor, rows * factor];
  const pixels = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = channels * (Math.floor(y / factor) * columns + Math.floor(x / factor));
      for (let color = 0; color < 3; color++)
        pixels[3 * (y * width + x) + color] = bytes[from + (channels === 1 ? 0 : color)]!;
    }
  }
  return { pixels, width, height };
}

/**
 * A tensor `[1, height, width, 1 or 3]` as the picture that it was made from; what is one already, as it is.
 *
 * @throws ParameterError
 */
export function asPhoto(photo: LoadedImage | Tensor, input: ModelInput): LoadedImage {
  if (!(photo instanceof Tensor)) return photo;
  const [batch, height = 0, width = 0, channels = 0] = photo.shape;
  if (photo.rank !== 4 || batch !== 1 || (channels !== 1 && channels !== 3)) {
    const expected = "a picture of loadImage or a tensor [1, height, width, 1 or 3]";
    throw new ParameterError("photo", `tensor [${photo.shape.join(", ")}]`, expected);
  }
  const bytes = inputBytes(photo.dataSync() as Float32Array, { ...input, shape: [height, width, channels] });
  const pixels = new Uint8ClampedArray(4 * height * width);
  for (let at = 0; at < height * width; at++) {
    for (let color = 0; color < 3; color++)
      pixels[4 * at + color] = bytes[channels * at + (channels === 1 ? 0 : color)]!;
    pixels[4 * at + 3] = 255;
  }
  return { tensor: photo as Tensor4D, pixels, width, height, name: "", dispose: () => photo.dispose() };
}
