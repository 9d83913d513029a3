/** 32 bits that tell numbers apart, by their bits (FNV-1a over words of four bytes). */
export function hashOf(values: Float32Array | Int32Array | Uint8Array, start = 0x811c9dc5): number {
  const words = values instanceof Uint8Array ? values : new Int32Array(values.buffer, values.byteOffset, values.length);
  let hash = start;
  for (let at = 0; at < words.length; at++) {
    hash = Math.imul(hash ^ words[at]!, 0x01000193);
    // Numbers of whole values differ in high bits alone, which a product of words does not bring down.
    hash ^= hash >>> 15;
  }
  return hash | 0;
}
