import * as tf from "@tensorflow/tfjs-core";
import { defineLayer, type Shape } from "../define-layer.js";
import { resize } from "../resampling/resize.js";

interface Settings {
  height: number;
  width: number;
  interpolation?: string;
  cropToAspectRatio?: boolean;
  padToAspectRatio?: boolean;
  fillValue?: number;
  antialias?: boolean;
  dataFormat?: string;
}

/** The middle of a picture, as large as the target's proportions allow. */
function croppedToRatio(x: tf.Tensor, height: number, width: number): tf.Tensor {
  const [, rows, columns] = x.shape as [number, number, number];
  const cropRows = Math.max(Math.min(rows, Math.trunc((columns * height) / width)), 1);
  const cropColumns = Math.max(Math.min(columns, Math.trunc((rows * width) / height)), 1);
  return middle(x, cropRows, cropColumns);
}

/** `height` rows and `width` columns in the middle. */
function middle(x: tf.Tensor, height: number, width: number): tf.Tensor {
  const [, rows, columns] = x.shape as [number, number, number];
  if (rows === height && columns === width) return tf.clone(x);
  return tf.slice(
    x,
    [0, Math.trunc((rows - height) / 2), Math.trunc((columns - width) / 2), 0],
    [-1, height, width, -1],
  );
}

/** A picture with as much on both sides as the target's proportions want. */
function paddedToRatio(x: tf.Tensor, height: number, width: number, value: number): tf.Tensor {
  const [, rows, columns] = x.shape as [number, number, number];
  const beside = (size: number, wanted: number) => Math.trunc((Math.max(size, Math.trunc(wanted)) - size) / 2);
  const [above, left] = [beside(rows, (columns * height) / width), beside(columns, (rows * width) / height)];
  return tf.pad(
    x,
    [
      [0, 0],
      [above, above],
      [left, left],
      [0, 0],
    ],
    value,
  );
}

/** A layer of pictures, with channels last inside. */
const pictureLayer = <S extends { dataFormat?: string }>(
  className: string,
  compute: (x: tf.Tensor, settings: S) => tf.Tensor,
  sizeOf: (settings: S) => [height: number, width: number],
) =>
  defineLayer<S>({
    className,
    call(x, settings) {
      if (settings.dataFormat !== "channelsFirst") return compute(x, settings);
      return tf.transpose(compute(tf.transpose(x, [0, 2, 3, 1]), settings), [0, 3, 1, 2]);
    },
    outputShape: (input, settings): Shape =>
      settings.dataFormat === "channelsFirst"
        ? [input[0]!, input[1]!, ...sizeOf(settings)]
        : [input[0]!, ...sizeOf(settings), input[3]!],
  });

/** `Resizing` by any of TensorFlow 2's interpolations; to the same proportions after cropping or padding. */
export const kerasResizing = pictureLayer<Settings>(
  "KerasResizing",
  (x, { height, width, interpolation = "bilinear", cropToAspectRatio, padToAspectRatio, fillValue, antialias }) => {
    let picture = x;
    if (cropToAspectRatio) picture = croppedToRatio(x, height, width);
    else if (padToAspectRatio) picture = paddedToRatio(x, height, width, fillValue ?? 0);
    return resize(picture, [height, width], interpolation.toLowerCase(), antialias);
  },
  ({ height, width }) => [height, width],
);

/** `CenterCrop`, and `RandomCrop` at inference: the middle; a picture that is smaller is resized to the proportions. */
export const centerCrops = ["KerasCenterCrop", "KerasRandomCrop"].map((className) =>
  pictureLayer<Settings>(
    className,
    (x, { height, width }) => {
      const [, rows, columns] = x.shape as [number, number, number];
      // A crop that is chosen at random is at inference none at all: the picture is resized.
      if (className === "KerasCenterCrop" && rows >= height && columns >= width) return middle(x, height, width);
      return resize(croppedToRatio(x, height, width), [height, width], "bilinear");
    },
    ({ height, width }) => [height, width],
  ),
);
