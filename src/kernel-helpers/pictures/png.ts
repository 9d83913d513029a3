import { crc32, deflateSync } from "../platform/compression.js";
import { madeOfPixels } from "../resources/keys.js";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const TRUECOLOR = 2;

/** A PNG chunk: length, type, data, checksum of type and data. */
function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const made = Buffer.alloc(body.length + 8);
  made.writeUInt32BE(data.length, 0);
  body.copy(made, 4);
  made.writeUInt32BE(crc32(body), body.length + 4);
  return made;
}

/**
 * Encodes RGB pixels (`[height, width, 3]` bytes) as PNG, at once: what a cell displays cannot wait for an encoder.
 * Source: PNG specification, third edition (W3C 2025), sections 5 and 10.
 */
export function encodePng(pixels: Uint8Array | Uint8ClampedArray, width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, TRUECOLOR, 0, 0, 0], 8);
  // Every row starts with the number of its filter: 1, the difference to the pixel on the left.
  const rows = Buffer.alloc(height * (1 + 3 * width));
  for (let row = 0, to = 0; row < height; row++) {
    rows[to++] = 1;
    const start = 3 * row * width;
    for (let i = 0; i < 3 * width; i++) rows[to++] = pixels[start + i]! - (i < 3 ? 0 : pixels[start + i - 3]!);
  }
  const file = Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 6 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
  madeOfPixels(file, pixels, width);
  return file;
}
