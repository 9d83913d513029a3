import { Tensor } from "@tensorflow/tfjs-core";
import { formatCount, formatShort } from "../../../comms/format.js";
import type { MimeBundle } from "../../../comms/host.js";
import { inspect } from "../../platform/inspect.js";
import { block, cards, escaped, softly } from "./html.js";
import { thumbnail } from "./thumbnail.js";

type TypedArray = Exclude<NodeJS.TypedArray, BigInt64Array | BigUint64Array>;

/** Least, mean and greatest of the finite values. */
interface Extent {
  low: number;
  mean: number;
  high: number;
  /** How many are NaN or infinite. */
  strange: number;
}

function extentOf(values: ArrayLike<number>): Extent {
  let [low, high, sum, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
    sum += value;
    count += 1;
  }
  return { low, high, mean: sum / count, strange: values.length - count };
}

/** `min −1, mean 0.031, max 0.99`, and what is no number. */
export function extentWords(values: ArrayLike<number>): string {
  const { low, mean, high, strange } = extentOf(values);
  const odd = strange === 0 ? "" : `${formatCount(strange)} NaN or infinite`;
  if (strange === values.length) return odd;
  const all = `min ${formatShort(low, 4)}, mean ${formatShort(mean, 4)}, max ${formatShort(high, 4)}`;
  return odd === "" ? all : `${all}, ${odd}`;
}

/** Values of tensors up to this size are shown; of larger ones the first and the last. */
const WHOLE = 1000;
const ENDS = 4;

function ends(values: ArrayLike<number>): string {
  const at = (index: number) => formatShort(values[index]!, 4);
  const first = Array.from({ length: ENDS }, (_, i) => at(i));
  const last = Array.from({ length: ENDS }, (_, i) => at(values.length - ENDS + i));
  return `${first.join(", ")}, …, ${last.join(", ")}`;
}

/** Shows tensors: shape, kind, extent, values; what may be pictures as such. */
export function formatTensor(value: unknown): MimeBundle | undefined {
  if (!(value instanceof Tensor)) return undefined;
  const title = `Tensor ${value.dtype} [${value.shape.join(", ")}]`;
  if (value.isDisposed) return { "text/plain": `${title} (disposed)` };
  if (value.dtype === "string" || value.dtype === "complex64" || value.size === 0) return undefined;
  const values = value.dataSync() as ArrayLike<number>;
  const words = extentWords(values);
  // TensorFlow.js writes "Tensor" and the indented values.
  const body = value.size > WHOLE ? ends(values) : value.toString().replace(/^Tensor\n?/, "");
  const text = `${title}: ${words}\n${body}`;
  const pictures = picturesOf(value.shape, values);
  if (pictures.length === 0) return { "text/plain": text };
  const { scale } = pictureScale(values);
  const html = `<div><b>${escaped(title)}</b> ${softly(escaped(words))}</div><div style="margin: 4px 0">${cards(pictures)}</div>${softly(escaped(scale))}`;
  return { "text/plain": text, "text/html": block(html) };
}

/** A picture has at least so many pixels across, and a batch that is shown at most so many. */
const LEAST = 8;
const MOST = 16;

function picturesOf(shape: readonly number[], values: ArrayLike<number>): string[] {
  const [height = 0, width = 0, channels = 0] = shape.length === 4 ? shape.slice(1) : shape;
  const batch = shape.length === 4 ? shape[0]! : 1;
  if (shape.length < 3 || shape.length > 4 || (channels !== 1 && channels !== 3) || Math.min(height, width) < LEAST)
    return [];
  const size = height * width * channels;
  const { byte } = pictureScale(values);
  return Array.from({ length: Math.min(batch, MOST) }, (_, index) =>
    thumbnail(
      { values: (values as Float32Array).subarray(index * size, (index + 1) * size), height, width, channels, byte },
      `sample ${index} as a picture`,
      batch === 1 ? 160 : 80,
    ),
  );
}

/** How numbers become bytes, and how that is said: 0…1 and 0…255 as they are, anything else from its least to its greatest. */
function pictureScale(values: ArrayLike<number>): { byte: (value: number) => number; scale: string } {
  const { low, high } = extentOf(values);
  if (low >= 0 && high <= 1) return { byte: (value) => 255 * value, scale: "shown from 0 (black) to 1 (white)" };
  if (low >= 0 && high <= 255) return { byte: (value) => value, scale: "shown from 0 (black) to 255 (white)" };
  const span = high - low || 1;
  return {
    byte: (value) => (255 * (value - low)) / span,
    scale: `shown from ${formatShort(low)} (black) to ${formatShort(high)} (white)`,
  };
}

/** Typed arrays up to this length are shown as they are. */
const SHORT = 20;

/** Shows typed arrays that are too long to read: their extent, the first values and the last. */
export function formatTypedArray(value: unknown): MimeBundle | undefined {
  if (!ArrayBuffer.isView(value) || value instanceof DataView || Buffer.isBuffer(value)) return undefined;
  if (value instanceof BigInt64Array || value instanceof BigUint64Array) return undefined;
  const values = value as TypedArray;
  if (values.length <= SHORT) return { "text/plain": inspect(value) };
  return { "text/plain": `${value.constructor.name}(${values.length}): ${extentWords(values)}\n[${ends(values)}]` };
}
