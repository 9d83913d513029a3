import { inflateSync } from "fflate";
import { FileBytes } from "../bytes.js";
import { DataFileError } from "../errors.js";
import { crc32 } from "./crc32.js";

/** One file in an archive. */
export interface ZipEntry {
  readonly name: string;
  /** Its size when it is unpacked. */
  readonly bytes: number;
  /** Unpacks it. @throws DataFileError where it is damaged */
  read(): Uint8Array;
}

const END = 0x06054b50;
const DIRECTORY = 0x02014b50;
const LOCAL = 0x04034b50;

/** No byte of deflated data stands for more than this many (RFC 1951). */
const MOST_OF_DEFLATE = 1032;

/**
 * The files in a zip archive, by its central directory (PKWARE's APPNOTE 6.3): stored or deflated ones, below 4 GB.
 *
 * `fflate` alone inflates; the directory is read here, because its check sums and sizes are what tells a damaged file.
 *
 * @throws DataFileError
 */
export function zipEntries(file: string, bytes: Uint8Array): ZipEntry[] {
  const from: FileBytes = new FileBytes(file, bytes);
  const { view } = from;
  let end = bytes.length - 22;
  // A comment of up to 65,535 bytes may follow.
  while (end >= 0 && end >= bytes.length - 22 - 0xffff && view.getUint32(end, true) !== END) end--;
  if (end < 0 || end < bytes.length - 22 - 0xffff) {
    throw new DataFileError(file, "is no zip archive, or is cut short: it has no directory at its end");
  }
  const count = view.getUint16(end + 10, true);
  const entries: ZipEntry[] = [];
  let at = view.getUint32(end + 16, true);
  for (let index = 0; index < count; index++) {
    from.part(at, 46, "the archive's directory");
    if (view.getUint32(at, true) !== DIRECTORY) from.fail("is damaged: its directory is not where its end says");
    const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
    const sum = view.getUint32(at + 16, true);
    const [packed, size] = [view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
    const nameLength = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(from.part(at + 46, nameLength, "the archive's directory"));
    const local = view.getUint32(at + 42, true);
    const inside = `${file}: ${name}`;
    if (packed === 0xffffffff || size === 0xffffffff)
      from.fail(`holds ${name}, which is larger than the 4 GB that are read`);
    if (flags & 1) from.fail(`holds ${name}, which is encrypted`);
    if (method !== 0 && method !== 8)
      from.fail(`holds ${name}, packed by method ${method}; stored and deflated files are read`);
    if (method === 0 ? packed !== size : size > packed * MOST_OF_DEFLATE) {
      from.fail(`is damaged: ${name} claims ${size} bytes out of ${packed}`);
    }
    entries.push({
      name,
      bytes: size,
      read() {
        from.part(local, 30, name);
        if (view.getUint32(local, true) !== LOCAL)
          from.fail(`is damaged: ${name} does not begin where the directory says`);
        const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
        const data = from.part(start, packed, name);
        const unpacked = method === 0 ? data : inflated(inside, data, size);
        if (unpacked.length !== size || crc32(unpacked) !== sum) {
          throw new DataFileError(inside, "is damaged: its check sum differs. Copy or download the archive again");
        }
        return unpacked;
      },
    });
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

function inflated(file: string, data: Uint8Array, size: number): Uint8Array {
  try {
    return inflateSync(data, { out: new Uint8Array(size) });
  } catch (cause) {
    throw new DataFileError(file, `is damaged: ${(cause as Error).message}`, { cause });
  }
}
