import { LimpidError } from "../../explainers/errors.js";
import { didYouMean, nearest } from "../../explainers/suggestions.js";

/** A name that no electrode of the 10-10 system has. */
export class ElectrodeError extends LimpidError {
  constructor(
    readonly electrode: string,
    readonly known: readonly string[],
  ) {
    super(
      `There is no electrode "${electrode}" in the 10-20 system and its 10-10 extension: give its place in positions, as { "${electrode}": [x, y, z] }.` +
        didYouMean(nearest(electrode, known)),
    );
  }
}

/** A unit vector: x to the right ear, y to the nose, z up. */
export type HeadPosition = readonly [x: number, y: number, z: number];

const rad = (degrees: number) => (degrees * Math.PI) / 180;

/** From the top of the head down by `polar` degrees, on the side at `azimuth` degrees from the nose to the right. */
const at = (polar: number, azimuth: number): HeadPosition => [
  Math.sin(rad(polar)) * Math.sin(rad(azimuth)),
  Math.sin(rad(polar)) * Math.cos(rad(azimuth)),
  Math.cos(rad(polar)),
];

/**
 * Rows of the 10-10 system from left to right over the middle, each with where its ends lie on the circle through Fpz, T7, Oz and T8 (degrees from the
 * front) and where its middle is (degrees from the nasion over the top to the inion).
 */
const ROWS: readonly (readonly [names: string, end: number, middle: number])[] = [
  ["AF7 AF5 AF3 AF1 AFz AF2 AF4 AF6 AF8", 36, 36],
  ["F7 F5 F3 F1 Fz F2 F4 F6 F8", 54, 54],
  ["FT7 FC5 FC3 FC1 FCz FC2 FC4 FC6 FT8", 72, 72],
  ["T7 C5 C3 C1 Cz C2 C4 C6 T8", 90, 90],
  ["TP7 CP5 CP3 CP1 CPz CP2 CP4 CP6 TP8", 108, 108],
  ["P7 P5 P3 P1 Pz P2 P4 P6 P8", 126, 126],
  ["PO7 PO5 PO3 PO1 POz PO2 PO4 PO6 PO8", 144, 144],
];
/** How far down from the top that circle lies: a tenth of the arc from nasion to inion above either. */
const CIRCLE = 72;

/** Names of 1958 that the 10-10 system changed. */
const OLDER: Readonly<Record<string, string>> = { T3: "T7", T4: "T8", T5: "P7", T6: "P8" };

/**
 * The electrodes of the 10-20 system and its 10-10 extension on a spherical head, by name: tenths of the arcs from nasion to inion, over the top and around, and
 * of the circles through both ends and the middle of each row.
 *
 * @see Jasper 1958; Oostenveld & Praamstra 2001, doi:10.1016/S1388-2457(00)00527-7
 */
export function electrodes(): ReadonlyMap<string, HeadPosition> {
  const places = new Map<string, HeadPosition>();
  const midline = "Nz Fpz AFz Fz FCz Cz CPz Pz POz Oz Iz".split(" ");
  for (const [tenth, name] of midline.entries()) places.set(name, at(90 - 18 * tenth, 0));
  for (const [name, azimuth] of [
    ["Fp1", -18],
    ["Fp2", 18],
    ["O1", -162],
    ["O2", 162],
  ] as const) {
    places.set(name, at(CIRCLE, azimuth));
  }
  for (const [names, end, middle] of ROWS) {
    const row = names.split(" ");
    const left = at(CIRCLE, -end);
    const top = at(90 - middle, 0);
    row.forEach((name, place) => {
      // The right side mirrors the left one.
      const [x, y, z] = onArc(left, top, place <= 4 ? place / 4 : (8 - place) / 4);
      places.set(name, [place <= 4 ? x : -x, y, z]);
    });
  }
  for (const [name, azimuth] of [
    ["T9", -90],
    ["T10", 90],
    ["A1", -90],
    ["A2", 90],
  ] as const) {
    places.set(name, at(name.startsWith("A") ? 100 : 90, azimuth));
  }
  for (const [older, name] of Object.entries(OLDER)) places.set(older, places.get(name)!);
  return places;
}

/** The point at a share of the arc from `left` to `top`, on the circle through these and the mirror image of `left`. */
function onArc(left: HeadPosition, top: HeadPosition, share: number): HeadPosition {
  // The circle lies in the plane through the x axis' direction and the chord between the middle of the ends and the top.
  const foot: HeadPosition = [0, left[1], left[2]];
  const up = [top[1] - foot[1], top[2] - foot[2]];
  const height = Math.hypot(up[0]!, up[1]!);
  const half = Math.abs(left[0]);
  // Sagitta `height` and half chord `half` give the radius; angles are measured at the center, from the top.
  const radius = (half ** 2 + height ** 2) / (2 * height);
  const whole = Math.atan2(half, radius - height);
  const angle = whole * (1 - share);
  const rise = height - radius * (1 - Math.cos(angle));
  return [0 - radius * Math.sin(angle), foot[1] + (up[0]! / height) * rise, foot[2] + (up[1]! / height) * rise];
}

/**
 * Places of electrodes by their names, upper or lower case, as unit vectors.
 *
 * @param own Places of others, or instead of the usual ones; of any length
 * @throws ElectrodeError
 */
export function positionsOf(
  names: readonly string[],
  own: Readonly<Record<string, readonly number[]>> = {},
): readonly HeadPosition[] {
  const usual = electrodes();
  const byName = new Map([...usual].map(([name, place]) => [name.toLowerCase(), place]));
  return names.map((name) => {
    const stated = own[name];
    const found = stated ?? byName.get(name.trim().toLowerCase());
    if (found === undefined) throw new ElectrodeError(name, [...usual.keys()]);
    const [x = 0, y = 0, z = 0] = found;
    const length = Math.hypot(x, y, z);
    if (found.length !== 3 || !(length > 0) || !Number.isFinite(length))
      throw new ElectrodeError(name, [...usual.keys()]);
    return [x / length, y / length, z / length];
  });
}
