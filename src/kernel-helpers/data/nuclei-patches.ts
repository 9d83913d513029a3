import { ParameterError } from "../../explainers/errors.js";
import { seededRandom } from "../../explainers/numerics/random.js";
import type { PictureSet } from "./records/records.js";

/** Pixels along each side of a patch. */
const SIZE = 32;
const HALF = SIZE / 2;
/** Columns from here on are for testing; patches of both parts share no pixel. */
const TEST_FROM = 352;
/** Pixels that a patch's middle keeps from the edge of a nucleus, where nobody could say which side it is on. */
const CLEAR = 2;

/** Patches of a micrograph, labeled by what their middle lies in. */
export interface NucleiPatches {
  /** `[patches, 32, 32, 1]`: brightness, 1 at the 99.8th percentile of the micrograph. */
  readonly values: Float32Array;
  readonly shape: readonly [patches: number, height: number, width: number, channels: number];
  /** 0 background, 1 nucleus. */
  readonly labels: readonly number[];
  readonly classNames: readonly string[];
  /** `[patches, 32, 32]`: 1 inside any nucleus, 2 inside the one that the middle lies in. */
  readonly masks: Uint8Array;
  /** Row and column of each patch's middle. */
  readonly centers: readonly (readonly [row: number, column: number])[];
  /** Of each patch the share of its pixels that lie inside nuclei. */
  readonly covered: readonly number[];
}

/** Which patches are taken. */
export interface NucleiPatchOptions {
  /** The left two thirds of the micrograph, or the rest. */
  readonly part: "train" | "test";
  /** Background from anywhere, or only from where a patch holds no nucleus at all: what somebody takes who goes for clear examples. */
  readonly background?: "anywhere" | "empty";
  /** Patches of each class; default as many as there are nuclei in that part, one each. */
  readonly count?: number;
  readonly seed?: number;
}

/**
 * Patches of a micrograph with the masks of its nuclei, half of them with their middle in a nucleus and half with it outside.
 *
 * @throws ParameterError for pictures without masks or too small, and where too few places are left
 * @example nucleiPatches(await loadPictureSet("pictures-nuclei"), { part: "test" }).shape // [78, 32, 32, 1]
 */
export function nucleiPatches(
  set: Pick<PictureSet, "name" | "values" | "shape" | "masks">,
  { part, background = "anywhere", count, seed = 1 }: NucleiPatchOptions,
): NucleiPatches {
  const { masks } = set;
  const [, height, width] = set.shape;
  if (masks === undefined || width < TEST_FROM + SIZE || height < SIZE) {
    throw new ParameterError("set", set.name, `pictures with masks, at least ${TEST_FROM + SIZE} pixels wide`);
  }
  const random = seededRandom(seed);
  const [from, to] = part === "train" ? [HALF, TEST_FROM - HALF] : [TEST_FROM + HALF, width - HALF];
  const sorted = Float64Array.from(set.values.subarray(0, height * width)).sort();
  const white = sorted[Math.floor(0.998 * (sorted.length - 1))]! || 1;

  const places = { inside: new Map<number, [number, number][]>(), outside: [] as [number, number][] };
  for (let row = HALF; row <= height - HALF; row++) {
    for (let column = from; column <= to; column++) {
      const own = masks[row * width + column]!;
      if (!isClear(masks, width, row, column, own)) continue;
      if (own > 0) {
        const found = places.inside.get(own) ?? [];
        found.push([row, column]);
        places.inside.set(own, found);
      } else if (background === "anywhere" || isEmpty(masks, width, row, column)) places.outside.push([row, column]);
    }
  }
  const pick = (all: readonly [number, number][]) => all[random.integer(all.length)]!;
  const nuclei = [...places.inside.values()];
  const each = count ?? nuclei.length;
  if (each < 1 || nuclei.length === 0 || places.outside.length < each) {
    throw new ParameterError("count", each, `between 1 and ${places.outside.length}`);
  }
  const inside = Array.from({ length: each }, (_, at) =>
    // One of each: the place nearest to the mean of its places.
    count === undefined ? middleOf(nuclei[at]!) : pick(nuclei[random.integer(nuclei.length)]!),
  );
  const outside = Array.from({ length: each }, () => pick(places.outside));
  const centers = [...inside, ...outside];
  const patch = SIZE * SIZE;
  const values = new Float32Array(centers.length * patch);
  const cut = new Uint8Array(centers.length * patch);
  const covered = centers.map(([row, column], at) => {
    const own = masks[row * width + column]!;
    let within = 0;
    for (let y = 0, write = at * patch; y < SIZE; y++) {
      for (let x = 0; x < SIZE; x++, write++) {
        const pixel = (row - HALF + y) * width + column - HALF + x;
        const nucleus = masks[pixel]!;
        values[write] = set.values[pixel]! / white;
        cut[write] = nucleus === 0 ? 0 : nucleus === own ? 2 : 1;
        if (nucleus > 0) within += 1;
      }
    }
    return within / patch;
  });
  return {
    ...{ values, shape: [centers.length, SIZE, SIZE, 1], masks: cut, centers, covered },
    labels: centers.map((_, at) => (at < each ? 1 : 0)),
    classNames: ["background", "nucleus"],
  };
}

/** Whether all pixels around belong to the same. */
function isClear(masks: Uint16Array, width: number, row: number, column: number, own: number): boolean {
  for (let y = row - CLEAR; y <= row + CLEAR; y++) {
    for (let x = column - CLEAR; x <= column + CLEAR; x++) if (masks[y * width + x] !== own) return false;
  }
  return true;
}

function isEmpty(masks: Uint16Array, width: number, row: number, column: number): boolean {
  for (let y = row - HALF; y < row + HALF; y++) {
    for (let x = column - HALF; x < column + HALF; x++) if (masks[y * width + x]! > 0) return false;
  }
  return true;
}

function middleOf(places: readonly [number, number][]): [number, number] {
  const mean = [0, 1].map((axis) => places.reduce((sum, place) => sum + place[axis]!, 0) / places.length);
  const far = ([row, column]: [number, number]) => (row - mean[0]!) ** 2 + (column - mean[1]!) ** 2;
  return places.reduce((best, place) => (far(place) < far(best) ? place : best));
}
