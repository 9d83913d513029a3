import type { JsonObject } from "../../comms/message.js";
import { ImageError } from "../pictures/errors.js";
import { type Framing, framed, MOST_PIXELS, type Region } from "../pictures/framing.js";
import { decodedKey, keyOfBytes } from "../resources/keys.js";
import { noteNodePart, noteResource, PNG_PAINTER } from "../resources/recorder.js";
import { keyOf } from "./files.js";

/** A picture's pixels, RGBA, row by row. */
export interface ReadPicture {
  data: Uint8Array;
  width: number;
  height: number;
  /** What is seen, in shares of the picture. */
  region: Region;
}

let library: Promise<typeof import("sharp").default> | undefined;

/** The library of pictures, which keeps no operations: no picture is made twice, and what it would keep are tens of megabytes. */
function loadSharp(): Promise<typeof import("sharp").default> {
  library ??= import("sharp").then(({ default: sharp }) => {
    sharp.cache(false);
    return sharp;
  });
  return library;
}

/** Decodes a file, given by path or bytes, and brings it to its frame by cubic convolution. @throws ImageError */
export function readPicture(file: string | Uint8Array, name: string, framing: Framing): Promise<ReadPicture> {
  return decodedPicture(file, { framing: framing as unknown as JsonObject }, async () => {
    const sharp = await loadSharp();
    try {
      // Networks are trained on pixels as stored: decoders of training pipelines do not apply color profiles.
      const upright = sharp(file, { failOn: "error", ignoreIcc: true, limitInputPixels: MOST_PIXELS })
        .autoOrient()
        .flatten({ background: "white" });
      const asked = framing.region !== undefined || framing.size !== undefined;
      const { part, inner, region } = framed(
        framing,
        asked ? (await upright.metadata()).autoOrient : { width: 0, height: 0 },
      );
      const seen = part === undefined ? upright : upright.extract(part);
      const sized =
        inner === undefined ? seen : seen.resize({ ...inner, fit: "fill", kernel: "cubic", fastShrinkOnLoad: false });
      const { data, info } = await sized
        .toColorspace("srgb")
        .ensureAlpha()
        .raw({ depth: "uchar" })
        .toBuffer({ resolveWithObject: true });
      return { data, width: info.width, height: info.height, region };
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
  });
}

/**
 * What `decode` makes of a picture's file (`data` and JSON beside it), as a resource: a report's page, which has no decoder of its own
 * that gives the same pixels, takes what was decoded here. `how` tells one way of decoding the file from another.
 */
export async function decodedPicture<T extends { data: Uint8Array }>(
  source: string | Uint8Array,
  how: JsonObject,
  decode: () => Promise<T>,
): Promise<T> {
  const decoded = await decode();
  noteResource(() => {
    const { data, ...about } = decoded;
    const key = decodedKey(typeof source === "string" ? keyOf(source) : keyOfBytes(source), how);
    return { key, kind: "picture", bytes: data, about: about as unknown as JsonObject };
  });
  return decoded;
}

/** A picture's file as a whole, upright, as a JPEG whose longer side has at most so many pixels. */
export function smallPicture(
  source: string | Uint8Array,
  longest: number,
): Promise<{ data: Uint8Array; width: number; height: number }> {
  return decodedPicture(source, { longest }, async () => {
    const sharp = await loadSharp();
    const { data, info } = await sharp(source)
      .autoOrient()
      .flatten({ background: "white" })
      .resize({ width: longest, height: longest, fit: "inside", withoutEnlargement: true })
      .jpeg({ quality: 80 })
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  });
}

/**
 * Paints an SVG file as PNG: a page has `density` pixels to the inch (72 for one to each of the drawing's units). A photo whose file is
 * larger than `most` bytes gets 256 colors.
 */
export async function paintSvg(
  svg: string,
  density: number,
  how: "photo" | "lines" | "plain",
  most = Number.POSITIVE_INFINITY,
): Promise<Buffer> {
  const sharp = await loadSharp();
  const drawing = sharp(Buffer.from(svg), { density, ...(how !== "plain" && { limitInputPixels: false }) });
  if (how === "plain") {
    noteNodePart(PNG_PAINTER);
    return drawing.png().toBuffer();
  }
  const { data, info } = await drawing.flatten({ background: "white" }).raw().toBuffer({ resolveWithObject: true });
  const painted = () => sharp(data, { raw: info, limitInputPixels: false });
  if (how === "photo") {
    const png = await painted().png({ compressionLevel: 6 }).toBuffer();
    if (png.length <= most) return png;
  }
  return painted().png({ palette: true, effort: 1 }).toBuffer();
}
