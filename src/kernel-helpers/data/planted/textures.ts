/** One texture as it is laid over one picture. */
export interface TextureLay {
  /** Radians. */
  readonly angle: number;
  /** From one repetition to the next, in shares of the picture's side. */
  readonly period: number;
  readonly phase: readonly [number, number];
  /** Of what is drawn at random within the texture. */
  readonly seed: number;
}

/** Whether the second color is at `(x, y)`, counted in periods along and across the texture. */
type Pattern = (x: number, y: number, seed: number) => boolean;

const fraction = (value: number): number => value - Math.floor(value);

const textures = {
  stripes: (x) => fraction(x) < 0.5,
  checks: (x, y) => fraction(x) < 0.5 !== fraction(y) < 0.5,
  dots: (x, y) => Math.hypot(fraction(x) - 0.5, fraction(y) - 0.5) < 0.33,
  waves: (x, y) => fraction(x + 0.3 * Math.sin(2 * Math.PI * y)) < 0.5,
  bricks: (x, y) => fraction(y * 1.5) < 0.22 || fraction(x / 1.3 + (Math.floor(y * 1.5) % 2) / 2) < 0.13,
  blobs: (x, y, seed) => smoothNoise(x * 1.6, y * 1.6, seed) > 0.5,
} as const satisfies Readonly<Record<string, Pattern>>;

/** What pictures are laid out with: the classes of `planted-scenes`, in the order of its outputs. */
export const plantedScenes: readonly string[] = Object.keys(textures);

const patterns: readonly Pattern[] = Object.values(textures);

/** Whether texture `index` has its second color at a point given in shares of the picture's side. */
export function isSecondColor(
  index: number,
  { angle, period, phase, seed }: TextureLay,
  x: number,
  y: number,
): boolean {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const along = (x * cos + y * sin) / period + phase[0];
  const across = (y * cos - x * sin) / period + phase[1];
  return patterns[index]!(along, across, seed);
}

/** Value noise in 0…1: random values on a lattice, blended smoothly between its points. */
function smoothNoise(x: number, y: number, seed: number): number {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const [a, b] = [ease(x - column), ease(y - row)];
  const upper = latticeValue(column, row, seed) * (1 - a) + latticeValue(column + 1, row, seed) * a;
  const lower = latticeValue(column, row + 1, seed) * (1 - a) + latticeValue(column + 1, row + 1, seed) * a;
  return upper * (1 - b) + lower * b;
}

const ease = (t: number): number => t * t * (3 - 2 * t);

function latticeValue(column: number, row: number, seed: number): number {
  let mixed = Math.imul(column, 0x27d4eb2d) ^ Math.imul(row, 0x165667b1) ^ seed;
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
}
