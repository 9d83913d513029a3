/** Bits of a float32's mantissa. */
export const MANTISSA = 23;

/**
 * Rounds numbers to `bits` bits of their mantissa, in place, half to even: the relative error is at most 2^−(bits + 1), and what is left
 * compresses better. Infinities and NaN stay.
 */
export function roundMantissas(values: Float32Array, bits: number): Float32Array {
  const dropped = MANTISSA - bits;
  if (dropped <= 0) return values;
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const half = (1 << (dropped - 1)) - 1;
  const kept = ~((1 << dropped) - 1);
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if ((word & 0x7f800000) === 0x7f800000) continue;
    words[at] = (word + half + ((word >>> dropped) & 1)) & kept;
  }
  return values;
}
