import { DataFileError } from "./errors.js";

/** A file's bytes, of which nothing is read beyond their end. */
export class FileBytes {
  readonly view: DataView;

  constructor(
    readonly file: string,
    readonly bytes: Uint8Array,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.bytes.length;
  }

  /** The bytes from `at` on. @throws DataFileError where the file ends before */
  part(at: number, count: number, what: string): Uint8Array {
    if (!(at >= 0 && count >= 0 && at + count <= this.length)) {
      this.fail(
        `is cut short: ${what} should end at byte ${at + count}, and the file ends at byte ${this.length}. Copy or download it again`,
      );
    }
    return this.bytes.subarray(at, at + count);
  }

  /** Latin-1 text, each byte a character. */
  ascii(at: number, count: number, what: string): string {
    return latin1(this.part(at, count, what));
  }

  fail(reason: string): never {
    throw new DataFileError(this.file, reason);
  }
}

/** Each byte as a character. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  // More arguments than this overflow the stack.
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

/** UTF-8 text, without a byte order mark. @throws DataFileError where it is none */
export function utf8(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new DataFileError(file, "is no text in UTF-8: save it with that encoding", { cause });
  }
}

/** The product of sizes, each a whole number from 0 on. @throws DataFileError also where it is more than an array can hold */
export function sizeOf(file: string, shape: readonly number[]): number {
  const count = shape.reduce((product, size) => product * size, 1);
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0) || count > MOST_NUMBERS) {
    throw new DataFileError(file, `claims a shape of [${shape.join(", ")}], which no array can have`);
  }
  return count;
}

/** Numbers in one array: more do not fit into V8's typed arrays of doubles. */
const MOST_NUMBERS = 2 ** 30;
