import type { MimeBundle } from "../../../comms/host.js";
import { isRecord } from "../../../comms/states/traits.js";
import { block, escaped, softly } from "./html.js";
import { thumbnail } from "./thumbnail.js";

const LARGEST = 320;

/** Shows `ImageData` and what is like it (`{ data, width, height }` with one byte a channel) as a picture. */
export function formatPixels(value: unknown): MimeBundle | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { data, width, height } = value as { data?: unknown; width?: unknown; height?: unknown };
  if (!(data instanceof Uint8ClampedArray || data instanceof Uint8Array)) return undefined;
  if (!(isSide(width) && isSide(height))) return undefined;
  const channels = data.length / (width * height);
  if (channels !== 1 && channels !== 3 && channels !== 4) return undefined;
  const kind = { 1: "gray", 3: "RGB", 4: "RGBA" }[channels];
  const name = isRecord(value) ? "Pixels" : value.constructor.name;
  const words = `${name} ${width} × ${height}, ${kind}`;
  const picture = thumbnail({ values: data, width, height, channels }, words, LARGEST);
  return { "text/plain": words, "text/html": block(`<div>${picture}</div>${softly(escaped(words))}`) };
}

const isSide = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 1;
