import { seededRandom } from "./random.js";

/** Points parted into groups around their means. */
export interface Grouping {
  /** The group of each point, from 0. */
  readonly groups: Int32Array;
  /** Σ of squared distances of points from their group's mean. */
  readonly spread: number;
}

const MOST_ROUNDS = 300;

/**
 * Parts points into `count` groups by Lloyd's algorithm from starts that k-means++ chose (Arthur & Vassilvitskii 2007), the best of some
 * starts. Groups are numbered by size, the largest first.
 *
 * @param points `[n, dimensions]`, row by row, n ≥ count
 */
export function kMeans(
  points: Float64Array,
  dimensions: number,
  count: number,
  { seed = 0, starts = 10 }: { readonly seed?: number; readonly starts?: number } = {},
): Grouping {
  const random = seededRandom(seed);
  let best: Grouping | undefined;
  for (let start = 0; start < starts; start++) {
    const found = lloyd(points, dimensions, firstCenters(points, dimensions, count, random));
    if (best === undefined || found.spread < best.spread) best = found;
  }
  return { groups: bySize(best!.groups, count), spread: best!.spread };
}

function firstCenters(
  points: Float64Array,
  dimensions: number,
  count: number,
  random: ReturnType<typeof seededRandom>,
): Float64Array {
  const n = points.length / dimensions;
  const centers = new Float64Array(count * dimensions);
  const nearest = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  let chosen = random.integer(n);
  for (let center = 0; center < count; center++) {
    centers.set(points.subarray(chosen * dimensions, (chosen + 1) * dimensions), center * dimensions);
    let total = 0;
    for (let i = 0; i < n; i++) {
      nearest[i] = Math.min(nearest[i]!, squaredDistance(points, i, centers, center, dimensions));
      total += nearest[i]!;
    }
    let left = random.uniform() * total;
    chosen = 0;
    for (; chosen < n - 1; chosen++) {
      left -= nearest[chosen]!;
      if (left < 0) break;
    }
  }
  return centers;
}

function lloyd(points: Float64Array, dimensions: number, centers: Float64Array): Grouping {
  const n = points.length / dimensions;
  const count = centers.length / dimensions;
  const groups = new Int32Array(n).fill(-1);
  for (let round = 0; ; round++) {
    let moved = false;
    let spread = 0;
    for (let i = 0; i < n; i++) {
      let group = 0;
      let least = Number.POSITIVE_INFINITY;
      for (let center = 0; center < count; center++) {
        const distance = squaredDistance(points, i, centers, center, dimensions);
        if (distance < least) [group, least] = [center, distance];
      }
      if (groups[i] !== group) moved = true;
      groups[i] = group;
      spread += least;
    }
    if (!moved || round === MOST_ROUNDS) return { groups, spread };
    const sizes = new Int32Array(count);
    const sums = new Float64Array(count * dimensions);
    groups.forEach((group, i) => {
      sizes[group]!++;
      for (let d = 0; d < dimensions; d++) sums[group * dimensions + d]! += points[i * dimensions + d]!;
    });
    // A group without points keeps its center.
    sums.forEach((sum, at) => {
      const size = sizes[Math.floor(at / dimensions)]!;
      if (size > 0) centers[at] = sum / size;
    });
  }
}

function squaredDistance(a: Float64Array, i: number, b: Float64Array, j: number, dimensions: number): number {
  let sum = 0;
  for (let d = 0; d < dimensions; d++) sum += (a[i * dimensions + d]! - b[j * dimensions + d]!) ** 2;
  return sum;
}

function bySize(groups: Int32Array, count: number): Int32Array {
  const sizes = new Int32Array(count);
  for (const group of groups) sizes[group]!++;
  const order = Array.from(sizes.keys()).sort((a, b) => sizes[b]! - sizes[a]! || a - b);
  return groups.map((group) => order.indexOf(group));
}

/**
 * How far two groupings of the same points agree beyond chance: 1 where they are the same, 0 as of random ones (the adjusted Rand index,
 * Hubert & Arabie 1985).
 */
export function adjustedRandIndex(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = a.length;
  const pairs = (count: number) => (count * (count - 1)) / 2;
  const counted = (keyOf: (i: number) => string) => {
    const counts = new Map<string, number>();
    for (let i = 0; i < n; i++) counts.set(keyOf(i), (counts.get(keyOf(i)) ?? 0) + 1);
    return [...counts.values()].reduce((sum, count) => sum + pairs(count), 0);
  };
  const both = counted((i) => `${a[i]} ${b[i]}`);
  const [ofA, ofB] = [counted((i) => `${a[i]}`), counted((i) => `${b[i]}`)];
  const expected = (ofA * ofB) / pairs(n);
  const most = (ofA + ofB) / 2;
  return most === expected ? 1 : (both - expected) / (most - expected);
}
