import { unzlibSync } from "fflate";

/** Pixels as they come out of a picture: rows of `[width, channels]` bytes. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** 1 gray, 2 gray and alpha, 3 color, 4 color and alpha. */
  readonly channels: number;
  readonly bytes: Uint8Array;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Channels by the header's color type; a palette's indices are looked up. */
const CHANNELS = new Map([
  [0, 1],
  [2, 3],
  [4, 2],
  [6, 4],
]);
const MOST_PIXELS = 50_000_000;

/**
 * The pixels of a PNG of 8 bits a channel, not interlaced and without a palette, as Limpid and most others write them; undefined for any
 * other file. Source: PNG specification, third edition (W3C 2025), sections 5, 9 and 11.
 */
export function decodePng(file: Uint8Array): Pixels | undefined {
  if (!SIGNATURE.every((byte, index) => file[index] === byte)) return undefined;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const data: Uint8Array[] = [];
  let header: { width: number; height: number; channels: number } | undefined;
  for (let at = 8; at + 12 <= file.length; ) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    if (at + 12 + length > file.length) return undefined;
    if (type === "IHDR") {
      const [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)];
      const [depth, color, , , interlace] = file.subarray(at + 16, at + 21);
      const channels = CHANNELS.get(color!);
      if (depth !== 8 || channels === undefined || interlace !== 0 || width * height > MOST_PIXELS) return undefined;
      header = { width, height, channels };
    } else if (type === "IDAT") data.push(file.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  if (header === undefined) return undefined;
  const { width, height, channels } = header;
  const row = width * channels;
  try {
    const filtered = unzlibSync(joined(data));
    if (filtered.length !== height * (row + 1)) return undefined;
    return { ...header, bytes: unfiltered(filtered, row, height, channels) };
  } catch {
    return undefined;
  }
}

/** Some bytes behind others. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Every row begins with the number of its filter; bytes were replaced by their difference to a guess. */
function unfiltered(filtered: Uint8Array, row: number, height: number, channels: number): Uint8Array {
  const bytes = new Uint8Array(row * height);
  for (let y = 0; y < height; y++) {
    const filter = filtered[y * (row + 1)]!;
    if (filter > 4) throw new RangeError("no such filter");
    for (let x = 0; x < row; x++) {
      const at = y * row + x;
      const left = x < channels ? 0 : bytes[at - channels]!;
      const up = y === 0 ? 0 : bytes[at - row]!;
      const corner = x < channels || y === 0 ? 0 : bytes[at - row - channels]!;
      bytes[at] = filtered[y * (row + 1) + 1 + x]! + guess(filter, left, up, corner);
    }
  }
  return bytes;
}

function guess(filter: number, left: number, up: number, corner: number): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4: {
      const [a, b, c] = [left, up, corner].map((value) => Math.abs(left + up - corner - value)) as [
        number,
        number,
        number,
      ];
      return a <= b && a <= c ? left : b <= c ? up : corner;
    }
    default:
      return 0;
  }
}
