/**
 * A seeded stream of random numbers: the same seed gives the same numbers on every machine and backend.
 * TensorFlow.js' own seeds differ between backends, so no explainer uses them.
 */
export interface Random {
  /** Uniform in [0, 1), with 32 random bits. */
  uniform(): number;
  /** Standard normal: mean 0, variance 1. */
  gaussian(): number;
  /** A whole number in [0, below). */
  integer(below: number): number;
  /** 0 … length − 1 in random order. */
  permutation(length: number): Int32Array;
  /** `length` uniform numbers in [0, 1). */
  uniforms(length: number): Float32Array;
  /** `length` standard normal numbers. */
  gaussians(length: number): Float32Array;
}

/**
 * Makes a seeded generator: xoshiro128** (Blackman & Vigna 2021), its state filled by SplitMix32, normal numbers by
 * Marsaglia's polar method.
 *
 * @example
 * const random = seededRandom(7);
 * const noise = random.gaussians(224 * 224 * 3);
 */
export function seededRandom(seed: number): Random {
  let mixed = seed | 0;
  const splitMix = () => {
    mixed = (mixed + 0x9e3779b9) | 0;
    let z = mixed;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let a = splitMix();
  let b = splitMix();
  let c = splitMix();
  let d = splitMix();
  let spare: number | null = null;

  const rotate = (value: number, bits: number) => (value << bits) | (value >>> (32 - bits));
  const bits = () => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result >>> 0;
  };
  const uniform = () => bits() / 2 ** 32;
  const gaussian = () => {
    if (spare !== null) {
      const result = spare;
      spare = null;
      return result;
    }
    for (;;) {
      const u = 2 * uniform() - 1;
      const v = 2 * uniform() - 1;
      const square = u * u + v * v;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      spare = v * scale;
      return u * scale;
    }
  };
  const integer = (below: number) => Math.floor(uniform() * below);

  return {
    uniform,
    gaussian,
    integer,
    permutation(length) {
      const order = Int32Array.from({ length }, (_, index) => index);
      for (let i = length - 1; i > 0; i--) {
        const j = integer(i + 1);
        [order[i], order[j]] = [order[j]!, order[i]!];
      }
      return order;
    },
    // Rounding to float32 may reach 1, so only 24 of the bits are used.
    uniforms: (length) => filled(length, () => (bits() >>> 8) / 2 ** 24),
    gaussians: (length) => filled(length, gaussian),
  };
}

/** Several times as fast as `Float32Array.from`. */
function filled(length: number, draw: () => number): Float32Array {
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = draw();
  return values;
}
