import { formatNumber } from "../format.js";
import { clipLimit } from "./colors.js";

/** x, y or z of a volume, as the place in `[x, y, z]`. */
type Axis = 0 | 1 | 2;

/** A cut through a volume, as it is drawn. */
export interface Plane {
  /** `axial`, `coronal`, `sagittal`; `xy` and the like where nothing says how the volume lies. */
  name: string;
  /** The axis that it stands upon, the one that runs across and the one that runs up or down. */
  normal: Axis;
  across: Axis;
  down: Axis;
  /** Whether an axis runs against its indexes: from right to left, from bottom to top. */
  mirrored: boolean;
  flipped: boolean;
  /** Letters at the edges; empty where nothing says them. */
  edges: { left: string; right: string; top: string; bottom: string };
}

const OPPOSITE: { readonly [letter: string]: string } = { R: "L", L: "R", A: "P", P: "A", S: "I", I: "S" };

/**
 * Where the voxel axes of an affine lead, as letters of right, left, anterior, posterior, superior, inferior: the assignment of axes
 * that their directions fit best, as nibabel's `aff2axcodes`.
 */
export function directionsOf(affine: readonly (readonly number[])[]): string[] {
  const length = (axis: number) => Math.hypot(...affine.map((row) => row[axis]!)) || 1;
  const fit = (axis: number, world: number) => affine[world]![axis]! / length(axis);
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ];
  const sum = (order: number[]) => order.reduce((total, world, axis) => total + Math.abs(fit(axis, world)), 0);
  const best = orders.reduce((first, order) => (sum(order) > sum(first) + 1e-9 ? order : first));
  return best.map((world, axis) => (fit(axis, world) < 0 ? "LPI" : "RAS")[world]!);
}

/** Millimeters right, anterior and superior of a voxel. */
export const millimeters = (affine: readonly (readonly number[])[], voxel: readonly number[]): number[] =>
  affine.map((row) => row[0]! * voxel[0]! + row[1]! * voxel[1]! + row[2]! * voxel[2]! + row[3]!);

/**
 * The cuts that show something: three through a volume, one of a single slice. Left is left, anterior and superior are up; of a volume that
 * does not say how it lies, x runs to the right, y down and z up.
 *
 * @param shape voxels along z, y and x
 */
export function planesOf(shape: readonly number[], directions: readonly string[]): Plane[] {
  const known = directions.length === 3;
  const axisOf = (letters: string, otherwise: Axis) =>
    known ? (directions.findIndex((letter) => letters.includes(letter)) as Axis) : otherwise;
  const [x, y, z] = [axisOf("RL", 0), axisOf("AP", 1), axisOf("SI", 2)];
  const extent = (axis: Axis) => shape[2 - axis] ?? 1;
  const plane = (name: string, normal: Axis, across: Axis, down: Axis): Plane => {
    const [right, low] = [directions[across] ?? "", directions[down] ?? ""];
    const mirrored = known && "LP".includes(right);
    const flipped = known ? "AS".includes(low) : down === 2;
    const [ahead, back] = mirrored ? [OPPOSITE[right], right] : [right, OPPOSITE[right]];
    const [below, above] = flipped ? [OPPOSITE[low], low] : [low, OPPOSITE[low]];
    const edges = { left: back ?? "", right: ahead ?? "", top: above ?? "", bottom: below ?? "" };
    const letters = `${"xyz"[across]}${"xyz"[down]}`;
    return { name: known ? name : letters, normal, across, down, mirrored, flipped, edges };
  };
  const all = [plane("coronal", y, x, z), plane("sagittal", x, y, z), plane("axial", z, x, y)];
  const seen = all.filter(({ across, down }) => extent(across) > 1 && extent(down) > 1);
  return seen.length === 0 ? all.slice(2) : seen;
}

/** Rows and columns of a plane. */
export const sizeOf = (shape: readonly number[], { across, down }: Plane): [rows: number, columns: number] => [
  shape[2 - down] ?? 1,
  shape[2 - across] ?? 1,
];

/** Height and width of a plane in millimeters. */
export const extentOf = (shape: readonly number[], voxel: readonly number[], plane: Plane): [number, number] => {
  const [rows, columns] = sizeOf(shape, plane);
  return [rows * (voxel[plane.down] ?? 1), columns * (voxel[plane.across] ?? 1)];
};

/** From a row and column of the drawing to the voxel, and back; the cursor gives the third index. */
export function voxelAt(
  shape: readonly number[],
  plane: Plane,
  cursor: readonly number[],
  [row, column]: readonly [row: number, column: number],
): number[] {
  const [rows, columns] = sizeOf(shape, plane);
  const voxel = [...cursor];
  voxel[plane.down] = plane.flipped ? rows - 1 - row : row;
  voxel[plane.across] = plane.mirrored ? columns - 1 - column : column;
  return voxel;
}

/** Where a plane draws a voxel. */
export function placeOf(
  shape: readonly number[],
  plane: Plane,
  voxel: readonly number[],
): [row: number, column: number] {
  const [rows, columns] = sizeOf(shape, plane);
  const [down, across] = [voxel[plane.down]!, voxel[plane.across]!];
  return [plane.flipped ? rows - 1 - down : down, plane.mirrored ? columns - 1 - across : across];
}

/** Where a voxel stands in a volume in C order. */
export const indexOf = (shape: readonly number[], voxel: readonly number[]): number =>
  (voxel[2]! * shape[1]! + voxel[1]!) * shape[2]! + voxel[0]!;

/** Where each position of a cut, row by row, stands in the volume: one table for all that is cut there. */
export function cutIndexes(shape: readonly number[], plane: Plane, cursor: readonly number[]): Uint32Array {
  const [rows, columns] = sizeOf(shape, plane);
  const first = indexOf(shape, voxelAt(shape, plane, cursor, [0, 0]));
  const strides = [1, shape[2]!, shape[2]! * shape[1]!];
  const right = strides[plane.across]! * (plane.mirrored ? -1 : 1);
  const below = strides[plane.down]! * (plane.flipped ? -1 : 1);
  const indexes = new Uint32Array(rows * columns);
  for (let row = 0, to = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) indexes[to++] = first + row * below + column * right;
  }
  return indexes;
}

/** One map at one frame: a part of `[frames, maps, z, y, x]`. */
export function mapAt(
  { values, shape }: { values: Float32Array; shape: readonly number[] },
  frame: number,
  map: number,
): Float32Array {
  const [frames = 1, maps = 1, ...volume] = shape;
  const size = volume.reduce((product, extent) => product * extent, 1);
  const start = (Math.min(frame, frames - 1) * maps + map) * size;
  return values.subarray(start, start + size);
}

/** The magnitude from which on voxels are shown when `threshold` percent of them are hidden; 0 when all are. */
export const cutoffOf = (values: Float32Array, threshold: number): number =>
  threshold === 0 ? 0 : clipLimit(values, threshold);

/** How two maps of the same voxels go together. */
export interface Agreement {
  /** Voxels that both have. */
  voxels: number;
  /** Pearson's correlation over these; NaN where a map is constant. */
  correlation: number;
  /** Voxels that each shows, both show, and both would show by chance. */
  shown: [number, number];
  both: number;
  chance: number;
}

/** Compares two maps: values over all voxels, and places above the threshold. */
export function agreementOf(first: Float32Array, second: Float32Array, threshold: number): Agreement {
  const cutoffs = [cutoffOf(first, threshold), cutoffOf(second, threshold)] as const;
  let [voxels, both, shownFirst, shownSecond] = [0, 0, 0, 0];
  let [meanFirst, meanSecond, squareFirst, squareSecond, product] = [0, 0, 0, 0, 0];
  for (let at = 0; at < first.length; at++) {
    const [a, b] = [first[at]!, second[at]!];
    if (!Number.isFinite(a) || !Number.isFinite(b)) continue;
    voxels += 1;
    const [inFirst, inSecond] = [Math.abs(a) >= cutoffs[0], Math.abs(b) >= cutoffs[1]];
    if (inFirst) shownFirst += 1;
    if (inSecond) shownSecond += 1;
    if (inFirst && inSecond) both += 1;
    // Welford's update: sums of squares of large values lose their differences.
    const [da, db] = [a - meanFirst, b - meanSecond];
    meanFirst += da / voxels;
    meanSecond += db / voxels;
    squareFirst += da * (a - meanFirst);
    squareSecond += db * (b - meanSecond);
    product += da * (b - meanSecond);
  }
  const correlation = product / Math.sqrt(squareFirst * squareSecond);
  return {
    ...{ voxels, correlation, both, shown: [shownFirst, shownSecond] },
    chance: voxels === 0 ? 0 : (shownFirst * shownSecond) / voxels,
  };
}

/** The same in words: `r = 0.31 over 530 voxels; both show 45 of 106, by chance 21`. */
export function agreementWords({ voxels, correlation, shown, both, chance }: Agreement, threshold: number): string {
  const words = `r = ${Number.isNaN(correlation) ? "–" : formatNumber(correlation, 2)} over ${voxels} voxels`;
  if (threshold === 0) return words;
  const each = shown[0] === shown[1] ? `${shown[0]}` : `${shown[0]} and ${shown[1]}`;
  return `${words}; of the strongest ${each} of each, ${both} are the same (by chance ${formatNumber(chance, 2)})`;
}

/** `voxel 12, 8, 0 · 23.3 mm right, 5.6 mm posterior, 0.0 mm superior`. */
export function placeWords(voxel: readonly number[], affine: readonly (readonly number[])[]): string {
  const index = `voxel ${voxel.join(", ")}`;
  if (affine.length !== 3) return index;
  const ways = [
    ["right", "left"],
    ["anterior", "posterior"],
    ["superior", "inferior"],
  ];
  const words = millimeters(affine, voxel).map(
    (value, axis) => `${Math.abs(value).toFixed(1)} mm ${ways[axis]![value < 0 ? 1 : 0]}`,
  );
  return `${index} · ${words.join(", ")}`;
}
