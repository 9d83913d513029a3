/** The other half of `kernel-helpers/platform/pictures`: pixels that the author's decoder gave, and the browser's own for what a reader brings. */
import type { JsonObject } from "../../comms/message.js";
import { ImageError } from "../../kernel-helpers/pictures/errors.js";
import { type Framing, framed } from "../../kernel-helpers/pictures/framing.js";
import type { ReadPicture } from "../../kernel-helpers/platform/pictures.js";
import { decodedKey, keyOfBytes } from "../../kernel-helpers/resources/keys.js";
import { aboutOf, bytesAt, holds, NotInReportError } from "./embedded.js";
import { keyOf } from "./files.js";

let hear: (note: string) => void = () => {};

/** Has `listener` told where this browser's decoder stood for the author's, so that numbers may differ. */
export function listenToDecoding(listener: (note: string) => void): void {
  hear = listener;
}

const sourceKey = (source: string | Uint8Array): string =>
  typeof source === "string" ? keyOf(source) : keyOfBytes(source);

export async function readPicture(file: string | Uint8Array, name: string, framing: Framing): Promise<ReadPicture> {
  const key = decodedKey(sourceKey(file), { framing: framing as unknown as JsonObject });
  if (holds(key)) return held<ReadPicture>(key);
  const picture = await decoded(file, name);
  try {
    const {
      part = { left: 0, top: 0, width: picture.width, height: picture.height },
      inner = part,
      region,
    } = framed(framing, picture);
    const { width, height } = inner;
    const isExact = isPng(file) && width === part.width && height === part.height;
    if (!isExact) hear(`${name} was decoded by this browser, not by the decoder that the report was made with`);
    const { canvas, context } = paper(width, height);
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, part.left, part.top, part.width, part.height, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return { data: new Uint8Array(data.buffer), width, height, region };
  } finally {
    picture.close();
  }
}

export async function smallPicture(source: string | Uint8Array, longest: number) {
  const key = decodedKey(sourceKey(source), { longest });
  if (holds(key)) return held<{ data: Uint8Array; width: number; height: number }>(key);
  const picture = await decoded(source, "The picture");
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(scale * side))) as [
    number,
    number,
  ];
  const { canvas, context } = paper(width, height);
  context.drawImage(picture, 0, 0, width, height);
  picture.close();
  const file = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.8 });
  return { data: new Uint8Array(await file.arrayBuffer()), width, height };
}

export async function decodedPicture<T extends { data: Uint8Array }>(
  source: string | Uint8Array,
  how: JsonObject,
): Promise<T> {
  return held<T>(decodedKey(sourceKey(source), how));
}

export async function paintSvg(): Promise<Buffer> {
  throw new ImageError("A report's page paints no SVG as PNG: take the SVG, or the button beside the figure");
}

async function held<T>(key: string): Promise<T> {
  return { data: await bytesAt(key), ...aboutOf(key) } as T;
}

/** A picture that the browser decodes. Of what the report holds only as pixels no other part can be seen. */
async function decoded(source: string | Uint8Array, name: string): Promise<ImageBitmap> {
  if (typeof source === "string" && !holds(keyOf(source))) {
    throw new NotInReportError(
      keyOf(source),
      "it holds the parts of this picture that the notebook looked at; for another part, drop the picture's file here",
    );
  }
  const bytes = typeof source === "string" ? await bytesAt(keyOf(source)) : new Uint8Array(source);
  try {
    // As stored: training pipelines do not apply color profiles.
    return await createImageBitmap(new Blob([bytes]), { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  } catch (cause) {
    throw new ImageError(`${name} cannot be read as a picture by this browser: ${(cause as Error).message}`, { cause });
  }
}

/** PNG loses nothing: every decoder gives the same pixels. */
const isPng = (file: string | Uint8Array): boolean => typeof file !== "string" && file[0] === 0x89 && file[1] === 0x50;

/** A white canvas. */
function paper(width: number, height: number) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  return { canvas, context };
}
