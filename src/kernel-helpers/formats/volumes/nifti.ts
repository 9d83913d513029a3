import { gunzip, isGzip } from "../archives/gzip.js";
import { FileBytes, sizeOf } from "../bytes.js";

/** A NIfTI image. */
export interface Nifti {
  /** Sizes along x, y, z, time and so on, as the file counts them: the first runs fastest in `values`. */
  readonly sizes: readonly number[];
  /** Scaled by the file's slope and intercept. */
  readonly values: Float32Array;
  /** Step along each axis of `sizes`: millimeters in space, seconds in time. */
  readonly steps: readonly number[];
  /** From indexes (i, j, k) to millimeters right, anterior, superior: three rows of four; undefined where the file says none. */
  readonly affine: readonly (readonly number[])[] | undefined;
  readonly description: string;
}

type Read = (view: DataView, at: number, little: boolean) => number;

/** Kinds of numbers by NIfTI's codes: bytes and how they are read. */
const kinds: { readonly [code: number]: readonly [number, Read] | undefined } = {
  2: [1, (view, at) => view.getUint8(at)],
  4: [2, (view, at, little) => view.getInt16(at, little)],
  8: [4, (view, at, little) => view.getInt32(at, little)],
  16: [4, (view, at, little) => view.getFloat32(at, little)],
  64: [8, (view, at, little) => view.getFloat64(at, little)],
  256: [1, (view, at) => view.getInt8(at)],
  512: [2, (view, at, little) => view.getUint16(at, little)],
  768: [4, (view, at, little) => view.getUint32(at, little)],
};

const named: { readonly [code: number]: string | undefined } = {
  1: "single bits",
  32: "complex numbers",
  128: "colors",
  1024: "64-bit integers",
  1280: "64-bit integers",
  1536: "128-bit floats",
  1792: "complex numbers",
  2304: "colors",
};

/** Millimeters of NIfTI's units of space, and seconds of its units of time. */
const lengths: { readonly [code: number]: number | undefined } = { 0: 1, 1: 1000, 2: 1, 3: 0.001 };
const times: { readonly [code: number]: number | undefined } = { 0: 1, 8: 1, 16: 0.001, 24: 1e-6 };

/** Where the two versions of the header have their fields. */
const layouts = {
  1: {
    size: 348,
    magic: 344,
    dim: 40,
    kind: 70,
    pixdim: 76,
    offset: 108,
    slope: 112,
    units: 123,
    text: 148,
    codes: 252,
    quaternion: 256,
    rows: 280,
  },
  2: {
    size: 540,
    magic: 4,
    dim: 16,
    kind: 12,
    pixdim: 104,
    offset: 168,
    slope: 176,
    units: 500,
    text: 240,
    codes: 344,
    quaternion: 352,
    rows: 400,
  },
} as const;

/**
 * Reads NIfTI-1 and NIfTI-2 in one file (`.nii`, `.nii.gz`), of either byte order (nifti1.h and nifti2.h of the NIfTI working group).
 *
 * The affine is the sform where the file has one, else the qform, as nibabel takes it.
 *
 * @throws DataFileError also for pairs of .hdr and .img, colors and complex numbers
 */
export async function parseNifti(file: string, packed: Uint8Array): Promise<Nifti> {
  const bytes = isGzip(packed) ? await gunzip(file, packed) : packed;
  const from: FileBytes = new FileBytes(file, bytes);
  const { view } = from;
  if (bytes.length < 4) from.fail("is no NIfTI file: it is shorter than a header");
  const version = [348, 540].map((size) => [true, false].map((little) => view.getInt32(0, little) === size));
  const is = version.findIndex((orders) => orders.includes(true));
  if (is < 0) from.fail("is no NIfTI file: it does not begin with the size of its header");
  const at = layouts[is === 0 ? 1 : 2];
  const little = version[is]![0]!;
  from.part(0, at.size, "its header");
  const magic = from.ascii(at.magic, 3, "its header");
  if (magic !== (is === 0 ? "n+1" : "n+2")) {
    from.fail(
      /^ni[12]/.test(magic)
        ? "is the header of a pair of files: save it as one .nii"
        : "is no NIfTI file (ANALYZE files are not read)",
    );
  }
  const whole = (index: number) =>
    is === 0 ? view.getInt16(at.dim + 2 * index, little) : Number(view.getBigInt64(at.dim + 8 * index, little));
  const real = (place: number, index = 0) =>
    is === 0 ? view.getFloat32(place + 4 * index, little) : view.getFloat64(place + 8 * index, little);
  const rank = whole(0);
  if (!(rank >= 1 && rank <= 7)) from.fail(`has a damaged header: ${rank} dimensions`);
  const sizes = Array.from({ length: rank }, (_, axis) => whole(axis + 1));
  if (sizes.some((size) => size < 1)) from.fail(`has a damaged header: sizes of ${sizes.join(" × ")}`);
  const count = sizeOf(file, sizes);
  const code = view.getInt16(at.kind, little);
  const kind = kinds[code];
  if (kind === undefined)
    from.fail(`holds ${named[code] ?? `numbers of kind ${code}`}, which are not read: save it as integers or floats`);
  const offset = is === 0 ? view.getFloat32(at.offset, little) : Number(view.getBigInt64(at.offset, little));
  if (!Number.isInteger(offset) || offset < at.size)
    from.fail(`has a damaged header: its data begin at byte ${offset}`);
  const [width, read] = kind;
  from.part(offset, count * width, `an image of ${sizes.join(" × ")}`);
  const [stated, shift] = [real(at.slope), real(at.slope, 1)];
  const isScaled = stated !== 0 && Number.isFinite(stated);
  if (isScaled && !Number.isFinite(shift)) from.fail(`has a damaged header: an intercept of ${shift}`);
  const [slope, intercept] = isScaled ? [stated, shift] : [1, 0];
  const values = new Float32Array(count);
  for (let index = 0; index < count; index++)
    values[index] = read(view, offset + index * width, little) * slope + intercept;

  const units = is === 0 ? view.getUint8(at.units) : view.getInt32(at.units, little);
  const scale = [lengths[units & 7], times[units & 56]];
  if (scale[0] === undefined || (rank > 3 && scale[1] === undefined))
    from.fail(`measures in units of code ${units}, which are not known`);
  const pixdim = Array.from({ length: 8 }, (_, index) => real(at.pixdim, index));
  const steps = sizes.map(
    (_, axis) => Math.abs(pixdim[axis + 1]!) * (axis < 3 ? scale[0]! : axis === 3 ? scale[1]! : 1),
  );
  return {
    sizes,
    values,
    steps,
    affine: affineOf(pixdim, (place, index) => real(at[place], index), {
      q: is === 0 ? view.getInt16(at.codes, little) : view.getInt32(at.codes, little),
      s: is === 0 ? view.getInt16(at.codes + 2, little) : view.getInt32(at.codes + 4, little),
      millimeters: scale[0],
    }),
    description: from
      .ascii(at.text, 80, "its header")
      .replace(/\0[\s\S]*$/, "")
      .trim(),
  };
}

/** Methods 3 and 2 of nifti1.h; without either code the file says nothing of where it lies. */
function affineOf(
  pixdim: readonly number[],
  real: (place: "quaternion" | "rows", index: number) => number,
  { q, s, millimeters }: { q: number; s: number; millimeters: number },
): number[][] | undefined {
  if (s > 0) return [0, 1, 2].map((row) => [0, 1, 2, 3].map((column) => real("rows", row * 4 + column) * millimeters));
  if (q <= 0) return undefined;
  const [b, c, d] = [real("quaternion", 0), real("quaternion", 1), real("quaternion", 2)];
  // Rounding may bring a rotation by 180° a little beyond one.
  const a = Math.sqrt(Math.max(0, 1 - (b * b + c * c + d * d)));
  const rotation = [
    [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
    [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
    [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
  ];
  const handed = pixdim[0]! < 0 ? -1 : 1;
  return rotation.map((row, axis) => [
    row[0]! * pixdim[1]! * millimeters,
    row[1]! * pixdim[2]! * millimeters,
    row[2]! * pixdim[3]! * handed * millimeters,
    real("quaternion", 3 + axis) * millimeters,
  ]);
}
