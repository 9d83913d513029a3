import type { BlobEncoding } from "./format.js";

/**
 * The bytes of a blob, from its element's text; in pages and in Node.
 *
 * @throws TypeError where the text is no base64 or its gzip is damaged.
 */
export async function decodeBlob(text: string, encoding: BlobEncoding): Promise<Uint8Array<ArrayBuffer>> {
  // The browser's own decoder of base64: twenty megabytes take a third of a second.
  const response = await fetch(`data:application/octet-stream;base64,${text.trim()}`);
  if (encoding === "base64") return new Uint8Array(await response.arrayBuffer());
  const unpacked = response.body!.pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(unpacked).arrayBuffer());
}
