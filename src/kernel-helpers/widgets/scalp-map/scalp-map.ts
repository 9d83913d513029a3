import { formatShort } from "../../../comms/format.js";
import { ownWidget } from "../../../comms/states/module.js";
import {
  cellPlace,
  electrodeValues,
  SCALP_SIDE,
  type ScalpMapState,
  type ScalpPart,
  scalpMapState,
} from "../../../comms/states/scalp-map.js";
import { ParameterError } from "../../../explainers/errors.js";
import { type SplineOptions, sphericalSpline } from "../../../explainers/numerics/spherical-spline.js";
import { type HeadPosition, positionsOf } from "../../data/electrodes.js";
import type { Signals } from "../../data/records/signals.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import type { Relevance } from "../../pictures/relevance-map.js";
import { domWidgetClass } from "../base/layout.js";
import { signalRelevance } from "../signal-heatmap/signal-relevance.js";
import { beyondHull, hullOf } from "./hull.js";
import { scalpPicture } from "./scalp-picture.js";

/** One map of a head. */
export interface ScalpMapPart {
  title?: string;
  /** One value an electrode; or in time `[samples, electrodes]` as models and explainers have it, `[electrodes, samples]` as signals do. */
  values: readonly number[] | Relevance;
  /** Unit of the values; default none. */
  unit?: string;
  /** Over a time, the mean of the values (default), or their sum, as of relevance. */
  over?: "mean" | "sum";
  /** Whether the sign of a value has a meaning; default true. */
  signed?: boolean;
  /** What the low and the high end of the colors mean; default as the sign says. */
  ends?: readonly [low: string, high: string];
}

/** What a scalp map starts with. */
export interface ScalpMapOptions
  extends Partial<Omit<ScalpMapState, "maps" | "places" | "drawn" | "weights" | "electrodes">> {
  /** Names of electrodes. Default the channels of `signals`. */
  electrodes?: readonly string[];
  /** Where electrodes are that the 10-20 system does not have: `[x, y, z]`, to the right ear, to the nose, up; of any length. */
  positions?: Readonly<Record<string, readonly number[]>>;
  /** Says channels, rate and times. */
  signals?: Signals;
  /** The maps, or one of them. */
  maps?: readonly ScalpMapPart[] | ScalpMapPart;
  spline?: SplineOptions;
}

/**
 * Values at electrodes of the 10-20 system over the head, seen from above with the nose up, interpolated by spherical splines: several maps side by side,
 * each with its scale. Maps in time show the mean or the sum over `brush` (`[from, to]` in samples), to which a `SignalHeatmap` can be linked.
 *
 * Between electrodes the map is a guess. Outside of them, and beyond `reach` degrees (default 30) from the nearest one, it is left blank.
 *
 * @throws ElectrodeError for a name that has no place, ParameterError, SignalRelevanceError, TraitError
 * @see Perrin et al. 1989, doi:10.1016/0013-4694(89)90180-6; positions: Oostenveld & Praamstra 2001
 * @example
 * const scalp = new ScalpMap({ signals, maps: [{ title: "Relevance", values: result, over: "sum" }, { title: "Pattern", values: pattern, unit: "µV" }] });
 * jslink([heatmap, "brush"], [scalp, "brush"]);
 */
export class ScalpMap extends domWidgetClass<ScalpMapState>({
  ...ownWidget("ScalpMap"),
  traits: scalpMapState,
  constrain(next, names, fail) {
    if (names.has("reach") && !names.has("weights") && next.weights !== null) {
      fail("reach", "given when the widget is made, with its electrodes");
    }
    const samples = Math.max(1, ...next.maps.map(({ values }) => values.shape[1]!));
    const [from, to] = next.brush;
    if (next.brush.length === 0) return;
    if (from === undefined || to === undefined || next.brush.length > 2 || to <= from) {
      fail("brush", "[from, to], samples from the first up to and without the last, or empty");
    }
    const held = [Math.max(0, from), Math.min(to, samples)];
    next.brush = held[0]! < held[1]! ? held : [];
  },
}) {
  constructor({ electrodes, positions, signals, maps = [], spline = {}, ...looks }: ScalpMapOptions = {}) {
    const names = electrodes ?? signals?.channels.map(({ name }) => name) ?? [];
    const reach = looks.reach ?? 30;
    super({
      rate: signals?.rate ?? null,
      start: signals?.start ?? 0,
      event: signals?.event ?? "",
      ...looks,
      electrodes: [...names],
      maps: partsOf(maps, names.length),
      ...(names.length > 0 && headOf(positionsOf(names, positions), reach, spline)),
    });
  }

  /** Shows other maps of the same electrodes. @throws ParameterError, SignalRelevanceError */
  show(maps: readonly ScalpMapPart[] | ScalpMapPart): void {
    this.maps = partsOf(maps, this.electrodes.length);
  }

  override staticPicture(): StaticPicture | null {
    return scalpPicture(this);
  }

  /** In plain text: the electrodes with most of each map. */
  override toString(): string {
    const lines = this.maps.map(({ title, unit, values, over }) => {
      const now = electrodeValues(values.data as Float32Array, this.electrodes.length, over, this.brush);
      const order = [...now.keys()].sort((a, b) => Math.abs(now[b]!) - Math.abs(now[a]!)).slice(0, 5);
      const most = order.map((electrode) => `${this.electrodes[electrode]} ${formatShort(now[electrode]!)}`);
      return `  ${title || "map"}${unit && ` (${unit})`}: ${most.join(", ")}`;
    });
    const head = [[this.title.replaceAll("*", ""), this.subtitle].filter(Boolean).join(" "), this.error].filter(
      Boolean,
    );
    return [`ScalpMap: ${[...head, `${this.electrodes.length} electrodes`].join(" · ")}`, ...lines].join("\n");
  }
}

/** The maps as they are held. */
function partsOf(maps: readonly ScalpMapPart[] | ScalpMapPart, electrodes: number): ScalpPart[] {
  const listed = Array.isArray(maps) ? (maps as readonly ScalpMapPart[]) : [maps as ScalpMapPart];
  if (listed.length > 0 && electrodes === 0) {
    throw new ParameterError("electrodes", "none", "the names of those that the maps' values are of, or signals");
  }
  return listed.map(({ title = "", values, unit = "", over = "mean", signed = true, ends = [] }) => ({
    title,
    unit,
    over,
    signed,
    ends: [...ends],
    values: inTime(values, electrodes),
  }));
}

/** Values as `[electrodes, samples]`. */
function inTime(given: ScalpMapPart["values"], electrodes: number) {
  const relevance: Relevance = Array.isArray(given) ? Float32Array.from(given) : (given as Relevance);
  const size =
    relevance instanceof Float32Array
      ? relevance.length
      : relevance.shape.reduce((product: number, length: number) => product * length, 1);
  if (size === 0 || size % electrodes !== 0) {
    throw new ParameterError(
      "values",
      `${size} values`,
      `one for each of ${electrodes} electrodes, or so many times that`,
    );
  }
  return signalRelevance(relevance, electrodes, size / electrodes);
}

/** How far beyond the outermost electrodes a map is drawn: 8°, 90 to the unit. Farther out a spline rises or falls without bound. */
const MARGIN = 8 / 90;

/** Where electrodes are seen, and how their values sum to those of the map. */
function headOf(positions: readonly HeadPosition[], reach: number, spline: SplineOptions) {
  if (!(reach > 0 && reach <= 180)) throw new ParameterError("reach", reach, "above 0 and at most 180 degrees");
  const places = Float32Array.from(positions.flatMap(projected));
  const drawn = new Uint8Array(SCALP_SIDE * SCALP_SIDE);
  const points: number[] = [];
  const nearest = Math.cos((reach * Math.PI) / 180);
  const around = hullOf(places);
  for (let cell = 0; cell < drawn.length; cell++) {
    const [x, y] = cellPlace(cell, SCALP_SIDE);
    if (Math.hypot(x, y) > 1 || beyondHull(around, [x, y]) > MARGIN) continue;
    const point = unprojected(x, y);
    const isNear = positions.some(
      (place) => place[0] * point[0] + place[1] * point[1] + place[2] * point[2] >= nearest,
    );
    if (!isNear) continue;
    drawn[cell] = 1;
    points.push(...point);
  }
  const weights = sphericalSpline(Float64Array.from(positions.flat()), Float64Array.from(points), spline);
  const count = positions.length;
  return {
    places: { shape: [count, 2], dtype: "float32" as const, data: places },
    drawn: { shape: [SCALP_SIDE, SCALP_SIDE], dtype: "uint8" as const, data: drawn },
    weights: { shape: [points.length / 3, count], dtype: "float32" as const, data: Float32Array.from(weights) },
    reach,
  };
}

/** From above, distances from the top kept as they are on the sphere (azimuthal equidistant); 1 is the level of the ears. */
function projected([x, y, z]: HeadPosition): [right: number, front: number] {
  const around = Math.hypot(x, y);
  const share = Math.acos(Math.min(Math.max(z, -1), 1)) / (Math.PI / 2);
  return around === 0 ? [0, 0] : [(share * x) / around, (share * y) / around];
}

function unprojected(right: number, front: number): HeadPosition {
  const share = Math.hypot(right, front);
  const polar = (share * Math.PI) / 2;
  return share === 0
    ? [0, 0, 1]
    : [(Math.sin(polar) * right) / share, (Math.sin(polar) * front) / share, Math.cos(polar)];
}
