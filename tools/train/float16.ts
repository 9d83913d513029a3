/** Numbers as IEEE 754 binary16, rounded to the nearest, ties to even. */
export function asFloat16(values: Float32Array): ArrayBuffer {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(bits, half).buffer;
}

function half(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 127;
  const fraction = bits & 0x7fffff;
  if (exponent === 128) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  if (exponent > 15) return sign | 0x7c00;
  if (exponent < -25) return sign;
  // Below 2⁻¹⁴ numbers have no leading one of their own.
  const isNormal = exponent >= -14;
  const whole = isNormal ? ((exponent + 15) << 23) | fraction : 0x800000 | fraction;
  const shift = isNormal ? 13 : -exponent - 1;
  const kept = whole >>> shift;
  const rest = whole & (2 ** shift - 1);
  const middle = 2 ** (shift - 1);
  const up = rest > middle || (rest === middle && (kept & 1) === 1);
  return sign | (kept + Number(up));
}
