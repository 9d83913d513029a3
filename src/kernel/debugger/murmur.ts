/** Jupyter's front ends and kernels name the text of a cell by this hash, each for itself. */
const MULTIPLIER = 0x5bd1e995;

const mixed = (value: number): number => Math.imul(value, MULTIPLIER);

/**
 * MurmurHash2 (Austin Appleby, 2008) of a text as UTF-8, 32 bits.
 *
 * @example
 * murmur2("1 + 1", 0xc70f6907);
 */
export function murmur2(text: string, seed: number): number {
  const bytes = new TextEncoder().encode(text);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length - (bytes.length % 4);
  let hash = seed ^ bytes.length;
  for (let at = 0; at < whole; at += 4) {
    const word = mixed(view.getInt32(at, true));
    hash = mixed(hash) ^ mixed(word ^ (word >>> 24));
  }
  if (whole < bytes.length) {
    for (let at = whole; at < bytes.length; at += 1) hash ^= bytes[at]! << (8 * (at - whole));
    hash = mixed(hash);
  }
  hash = mixed(hash ^ (hash >>> 13));
  return (hash ^ (hash >>> 15)) >>> 0;
}
