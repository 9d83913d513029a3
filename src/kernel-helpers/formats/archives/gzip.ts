import { DataFileError } from "../errors.js";

/** Whether bytes are gzip's. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** What is unpacked at most: a small file may claim any size. */
const MOST_BYTES = 2 ** 31;

/**
 * Unpacks gzip (RFC 1952), in Node and in a page alike; its check sum and length are compared.
 *
 * @throws DataFileError where it is damaged, or becomes larger than 2 GB
 */
export async function gunzip(file: string, bytes: Uint8Array): Promise<Uint8Array> {
  if (!isGzip(bytes)) throw new DataFileError(file, "is no gzip file");
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    const packed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
    for await (const part of packed.pipeThrough(
      new DecompressionStream("gzip"),
    ) as unknown as AsyncIterable<Uint8Array>) {
      length += part.length;
      if (length > MOST_BYTES) throw new DataFileError(file, "unpacks to more than 2 GB, which is not read");
      parts.push(part);
    }
  } catch (cause) {
    if (cause instanceof DataFileError) throw cause;
    throw new DataFileError(file, `is damaged, or cut short: ${(cause as Error).message}`, { cause });
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
