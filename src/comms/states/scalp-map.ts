import { bytes, type Floats, floats } from "./array.js";
import { choice, data, flag, integer, list, nullable, number, type StateOf, text, viewed } from "./traits.js";

/** One map of a head: a value for each electrode, at one time or many. */
export interface ScalpPart {
  title: string;
  unit: string;
  /** Over a time, the mean of its values, or their sum as of relevance. */
  over: "mean" | "sum";
  signed: boolean;
  /** What the low and the high end of the colors mean. */
  ends: string[];
  /** `[electrodes, samples]`, or `[electrodes, 1]` of what does not change in time. */
  values: Floats;
}

/** Values at electrodes, interpolated over the head that is seen from above, nose up. */
export const scalpMapState = {
  title: text(),
  subtitle: text(),
  electrodes: list(text()),
  /** `[electrodes, 2]`: to the right and to the nose; 1 is the level of the nasion and the ears. */
  places: floats(),
  /** `[side, side]`, from the front left: 1 where the map is drawn: among the electrodes, and near enough to one. */
  drawn: bytes(),
  /** `[points, electrodes]`: how values sum to those at the points that are drawn. */
  weights: floats(),
  /** Degrees from the nearest electrode up to which the map is drawn. */
  reach: number(30),
  maps: data<ScalpPart[]>([]),
  /** Samples in a unit of time; null where times are told as numbers of samples. */
  rate: nullable(number()),
  start: number(),
  timeUnit: text("s"),
  event: text(),
  /** The samples that are seen, `[from, to]`, the last not included; empty for all. One trait, so that it can be linked. */
  brush: viewed(list(integer())),
  /** Whether maps have one scale, or each its own. */
  scale: viewed(choice("each", "shared")),
  contours: viewed(flag(true)),
  names: viewed(flag(true)),
  /** Electrode that is pointed at; −1 for none. */
  electrode: viewed({ ...integer(-1), echoed: false }),
  error: text(),
};

export interface ScalpMapState extends StateOf<typeof scalpMapState> {}

/** How many points a map has in width and height. */
export const SCALP_SIDE = 67;

/** Where a cell of the map is, to the right and to the nose, from −1 to 1. */
export const cellPlace = (cell: number, side: number): [x: number, y: number] => [
  (2 * ((cell % side) + 0.5)) / side - 1,
  1 - (2 * (Math.floor(cell / side) + 0.5)) / side,
];

/** The value of each electrode over samples: their mean, or their sum. What does not change in time is as it is. */
export function electrodeValues(
  values: Float32Array,
  electrodes: number,
  over: "mean" | "sum",
  [from, to]: readonly number[],
): Float32Array {
  const samples = values.length / electrodes;
  const [first, last] = samples === 1 ? [0, 1] : [from ?? 0, Math.min(to ?? samples, samples)];
  return Float32Array.from({ length: electrodes }, (_, electrode) => {
    let sum = 0;
    for (let at = first; at < last; at++) sum += values[electrode * samples + at]!;
    return over === "sum" ? sum : sum / (last - first);
  });
}

/** Values over the map, `[side, side]`, NaN where it is not drawn. */
export function interpolated(drawn: Uint8Array, weights: Float32Array, values: Float32Array): Float32Array {
  const map = new Float32Array(drawn.length).fill(Number.NaN);
  for (let cell = 0, point = 0; cell < drawn.length; cell++) {
    if (drawn[cell] === 0) continue;
    let sum = 0;
    const row = point * values.length;
    for (let electrode = 0; electrode < values.length; electrode++)
      sum += weights[row + electrode]! * values[electrode]!;
    map[cell] = sum;
    point++;
  }
  return map;
}

/** The largest magnitude at an electrode, which gets the end color: what a spline makes more of between them gets it, too. */
export const magnitudeOf = (values: Float32Array): number =>
  values.reduce((most, value) => (Math.abs(value) > most ? Math.abs(value) : most), 0);

/** Levels that contours are drawn at: three on either side of zero, and zero. */
export const levelsOf = (limit: number, signed: boolean): number[] =>
  (signed ? [-3, -2, -1, 0, 1, 2, 3] : [1, 2, 3]).map((step) => (step * limit) / 4);

/**
 * Lines of equal value by marching squares, as segments `[x0, y0, x1, y1]` in cells from the front left, through the centers of cells.
 */
export function contourSegments(map: Float32Array, side: number, level: number): number[][] {
  const found: number[][] = [];
  for (let row = 0; row + 1 < side; row++) {
    for (let column = 0; column + 1 < side; column++) {
      const corners = [
        [column, row],
        [column + 1, row],
        [column + 1, row + 1],
        [column, row + 1],
      ] as const;
      const values = corners.map(([x, y]) => map[y * side + x]! - level);
      if (values.some(Number.isNaN)) continue;
      const crossings: [number, number][] = [];
      for (let edge = 0; edge < 4; edge++) {
        const [a, b] = [values[edge]!, values[(edge + 1) % 4]!];
        if (a >= 0 === b >= 0) continue;
        const share = a / (a - b);
        const [from, to] = [corners[edge]!, corners[(edge + 1) % 4]!];
        crossings.push([from[0] + share * (to[0] - from[0]) + 0.5, from[1] + share * (to[1] - from[1]) + 0.5]);
      }
      for (let at = 0; at + 1 < crossings.length; at += 2) found.push([...crossings[at]!, ...crossings[at + 1]!]);
    }
  }
  return found;
}
