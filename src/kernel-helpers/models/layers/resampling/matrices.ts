/** How a resized axis is computed: what each new place takes from the old ones, as rows of a matrix `[length, size]`. */
export type Matrix = number[][];

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
const lanczos = (radius: number) => (x: number) => (Math.abs(x) > radius ? 0 : sinc(x) * sinc(x / radius));

/** The cubic of Mitchell and Netravali 1988, equation 8; b = 0 and c = ½ is Keys' 1981. */
const cubic = (b: number, c: number) => (at: number) => {
  const x = Math.abs(at);
  if (x < 1) return ((12 - 9 * b - 6 * c) * x ** 3 + (-18 + 12 * b + 6 * c) * x ** 2 + 6 - 2 * b) / 6;
  if (x >= 2) return 0;
  return ((-b - 6 * c) * x ** 3 + (6 * b + 30 * c) * x ** 2 + (-12 * b - 48 * c) * x + 8 * b + 24 * c) / 6;
};

interface Kernel {
  radius: number;
  weight: (x: number) => number;
}

/** TensorFlow's kernels, `tf.image.ResizeMethod`. */
const KERNELS: { readonly [interpolation: string]: Kernel } = {
  bilinear: { radius: 1, weight: (x) => Math.max(1 - Math.abs(x), 0) },
  bicubic: { radius: 2, weight: cubic(0, 0.5) },
  mitchellcubic: { radius: 2, weight: cubic(1 / 3, 1 / 3) },
  lanczos3: { radius: 3, weight: lanczos(3) },
  lanczos5: { radius: 5, weight: lanczos(5) },
  // A deviation of half a pixel, cut off at three of them.
  gaussian: { radius: 1.5, weight: (x) => (Math.abs(x) < 1.5 ? Math.exp((-x * x) / 0.5) : 0) },
};

/** Interpolations that are known: those of Keras 2, which has more than Keras 3. */
export const interpolations: readonly string[] = ["nearest", "area", ...Object.keys(KERNELS)];

/** `weights` of the pixels around `center`, without those outside, so that they sum to 1. */
function row(size: number, center: number, kernel: Kernel, width: number): number[] {
  const weights = Array.from({ length: size }, (_, index) => {
    const distance = (index + 0.5 - center) / width;
    return Math.abs(distance) <= kernel.radius ? kernel.weight(distance) : 0;
  });
  const sum = weights.reduce((all, weight) => all + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** TensorFlow reads the weights of `bicubic` from a table with this many steps between two pixels. */
const TABLE = 1024;

function bicubicRow(size: number, place: number): number[] {
  const first = Math.floor(place);
  const offset = roundHalfEven((place - first) * TABLE) / TABLE;
  const { weight } = KERNELS["bicubic"]!;
  const weights = Array<number>(size).fill(0);
  for (let tap = -1; tap <= 2; tap++) {
    const index = first + tap;
    if (index >= 0 && index < size) weights[index]! += weight(tap - offset);
  }
  const sum = weights.reduce((all, one) => all + one, 0);
  return weights.map((one) => one / sum);
}

const roundHalfEven = (x: number): number => (x % 1 === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

/**
 * The matrix that resizes an axis from `size` to `length`: pixels are areas with a center, as in TensorFlow 2.
 *
 * @param antialias Whether the kernel widens where the axis shrinks.
 */
export function resizing(interpolation: string, size: number, length: number, antialias: boolean): Matrix {
  const scale = size / length;
  const rows = <T>(make: (index: number) => T): T[] => Array.from({ length }, (_, index) => make(index));
  if (interpolation === "nearest") {
    const nearest = (index: number) => Math.min(Math.floor((index + 0.5) * scale), size - 1);
    return rows((index) => Array.from({ length: size }, (_, place) => Number(place === nearest(index))));
  }
  if (interpolation === "area") {
    const share = (place: number, index: number) =>
      Math.max(Math.min(place + 1, (index + 1) * scale) - Math.max(place, index * scale), 0) / scale;
    return rows((index) => Array.from({ length: size }, (_, place) => share(place, index)));
  }
  if (interpolation === "bicubic" && !antialias) return rows((index) => bicubicRow(size, (index + 0.5) * scale - 0.5));
  if (interpolation === "bilinear" && !antialias) {
    return rows((index) => {
      const place = Math.min(Math.max((index + 0.5) * scale - 0.5, 0), size - 1);
      return Array.from({ length: size }, (_, at) => Math.max(1 - Math.abs(at - place), 0));
    });
  }
  const width = antialias ? Math.max(scale, 1) : 1;
  return rows((index) => row(size, (index + 0.5) * scale, KERNELS[interpolation]!, width));
}
