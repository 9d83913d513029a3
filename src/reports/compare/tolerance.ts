/** How far two runs may be apart and still agree. */

export interface Tolerance {
  /** Largest relative difference of numbers, and relative L1 distance of arrays; 0: bit by bit. */
  readonly relative: number;
  /** What cells say of their own values (`expectClose`): of a value, the absolute difference that they allow. */
  readonly stated: readonly { readonly value: number; readonly absolute: number }[];
}

/** Where TensorFlow's C library computes, sums go in another order on another processor. */
const NATIVE_TOLERANCE = 1e-4;
/** Pixels may fall on the other side of a level where their values moved by a last bit: relative L1 of pictures, unless all is exact. */
export const PICTURE_TOLERANCE = 0.01;
/** The rounding of a float32 sum: one whose terms cancel may differ by so much of them. */
const FLOAT32_ROUNDING = 2 ** -23;

/** Two backends compute the same formulas by other kernels, whose roundings a deep network adds up. */
const OTHER_BACKEND_TOLERANCE = 1e-3;

/** What is allowed unless one asks for another: nothing on WebAssembly, which computes the same bits everywhere. */
export function defaultTolerance(was: string, is: string): number {
  if (was !== "tensorflow" && is !== "tensorflow") return 0;
  return was === is ? NATIVE_TOLERANCE : OTHER_BACKEND_TOLERANCE;
}

/**
 * The absolute difference that is allowed to a number that was `value` and `is`; none where both are whole, which have no last bit.
 *
 * @param terms Of a sum whose terms may cancel, the largest of them.
 */
export function allowed(value: number, is: number, { relative, stated }: Tolerance, terms = 0): number {
  if (Number.isInteger(value) && Number.isInteger(is)) return 0;
  const said = stated.filter((one) => Object.is(one.value, value)).map(({ absolute }) => absolute);
  if (relative === 0) return Math.max(0, ...said);
  return Math.max(relative * Math.abs(value), FLOAT32_ROUNDING * terms, ...said);
}

/** The same for a number that was printed with so many digits: one in its last place may have been rounded away. */
export function allowedInText(printed: string, is: string, value: number, tolerance: Tolerance): number {
  if (isWhole(printed) && isWhole(is)) return 0;
  const unit = lastPlace(printed);
  const said = tolerance.stated
    .filter((one) => Math.abs(one.value - value) <= unit / 2)
    .map(({ absolute }) => absolute + unit);
  if (tolerance.relative === 0) return Math.max(0, ...said);
  return Math.max(tolerance.relative * Math.abs(value), isWhole(printed) ? 0 : unit, ...said) * (1 + 1e-9);
}

const isWhole = (printed: string): boolean => /^[+\-\u2212]?[\d,]+$/.test(printed);

/** What a 1 in the last printed place is worth: 0.001 of `2.718`. */
function lastPlace(printed: string): number {
  const [, decimals = "", exponent = "0"] = /^[^.eE]*(?:\.(\d*))?(?:[eE](.+))?$/.exec(printed) ?? [];
  return 10 ** (Number(exponent.replace("\u2212", "-")) - decimals.length);
}
