import { FileBytes, latin1 } from "../bytes.js";
import { DataFileError } from "../errors.js";

const BLOCK = 512;

/**
 * The plain files in a tar archive (POSIX.1-1988 with pax names), by their names. Links, devices and folders are passed over.
 *
 * @throws DataFileError where a header's check sum differs, or the archive is cut short
 */
export function tarEntries(file: string, bytes: Uint8Array): Map<string, Uint8Array> {
  const from: FileBytes = new FileBytes(file, bytes);
  const entries = new Map<string, Uint8Array>();
  let longName: string | undefined;
  for (let at = 0; at < bytes.length; ) {
    const header = from.part(at, BLOCK, "an entry of the archive");
    // Two blocks of zeros end it.
    if (header.every((byte) => byte === 0)) return entries;
    const sum = header.reduce((all, byte, index) => all + (index >= 148 && index < 156 ? 32 : byte), 0);
    if (sum !== octal(header, 148, 8)) throw new DataFileError(file, `is no tar archive, or damaged at byte ${at}`);
    const size = octal(header, 124, 12);
    const data = from.part(at + BLOCK, size, field(header, 0, 100));
    const type = String.fromCharCode(header[156]!);
    const prefix = field(header, 257, 5) === "ustar" ? field(header, 345, 155) : "";
    if (type === "x") longName = paxName(data) ?? longName;
    else if (type === "L") longName = field(data, 0, data.length);
    else {
      const name = longName ?? (prefix ? `${prefix}/` : "") + field(header, 0, 100);
      if (type === "0" || type === "\0") entries.set(name, data);
      if (type !== "g") longName = undefined;
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  throw new DataFileError(file, "is cut short: the archive has no end");
}

const field = (bytes: Uint8Array, at: number, length: number): string =>
  latin1(bytes.subarray(at, at + length)).replace(/\0[\s\S]*$/, "");

function octal(header: Uint8Array, at: number, length: number): number {
  const text = field(header, at, length).trim();
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}

/** The path in a pax header, of lines such as "30 path=a/long/name\n". */
const paxName = (data: Uint8Array): string | undefined => /^\d+ path=(.*)$/m.exec(new TextDecoder().decode(data))?.[1];
