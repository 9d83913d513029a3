import { formatSigned } from "../../../comms/format.js";
import { ownWidget } from "../../../comms/states/module.js";
import { type SliceMapInfo, type SliceMapState, sliceMapState } from "../../../comms/states/slice-map.js";
import { agreementOf, agreementWords, directionsOf, indexOf, mapAt, placeWords } from "../../../comms/states/slices.js";
import { ParameterError } from "../../../explainers/errors.js";
import type { Volume } from "../../data/records/records.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import { hasSign } from "../../pictures/relevance-map.js";
import { domWidgetClass } from "../base/layout.js";
import { slicePicture } from "./slice-picture.js";
import { groundOf, isVoxelValues, type VoxelValues, voxelValues } from "./volume-values.js";

/** A map of a volume, with what its values mean. */
export interface VolumeMap extends Partial<Omit<SliceMapInfo, "label">> {
  /** One value a voxel, or such values for each frame. */
  readonly values: VoxelValues | readonly VoxelValues[];
}

/** A volume, what is mapped in it, and how it looks at first. */
export interface SliceMapOptions
  extends Partial<
    Pick<
      SliceMapState,
      "title" | "subtitle" | "frames" | "frameLabel" | "frame" | "threshold" | "opacity" | "percentile" | "limits"
    >
  > {
  /** Where the maps lie: shape `[time, z, y, x]`, size of a voxel, place and mask. Its mean over time is drawn beneath them. */
  readonly volume: Pick<Volume, "shape"> & Partial<Pick<Volume, "values" | "voxel" | "affine" | "mask">>;
  /** Maps by label, each with one value a voxel, or one a voxel of the mask. */
  readonly maps: Readonly<Record<string, VoxelValues | VolumeMap>>;
  /** Where the cuts meet, as voxel indexes x, y, z; by default the largest magnitude of the first map. */
  readonly cursor?: readonly number[];
}

/**
 * Maps of one volume beside each other, as relevance beside a contrast: cut at one place by three orthogonal planes, or one where the volume is a
 * single slice. Left is left, where the volume's affine says so.
 *
 * `threshold` hides that percentage of each map's voxels, those of the least magnitude, so that maps in different units show equally many; below the
 * maps stand their correlation and how many voxels they share. `frames` names several volumes of values, which a slider goes through.
 *
 * @throws ParameterError, TraitError
 * @example new SliceMap({ volume: brain, maps: { Relevance: result.relevance, Contrast: { values: t, unit: "t" } }, threshold: 80 })
 */
export class SliceMap extends domWidgetClass<SliceMapState>({
  ...ownWidget("SliceMap"),
  traits: sliceMapState,
  constrain(next) {
    const [frames = 1] = next.values?.shape ?? [];
    next.frame = Math.min(next.frame, frames - 1);
    if (next.shape.length !== 3) return;
    const within = (value: number | undefined, axis: number) =>
      Math.min(Math.max(value ?? 0, 0), next.shape[2 - axis]! - 1);
    next.cursor = Object.freeze([0, 1, 2].map((axis) => within(next.cursor[axis], axis))) as number[];
  },
}) {
  constructor({ volume, maps, cursor, ...look }: SliceMapOptions) {
    const shape = [...volume.shape].slice(-3);
    const size = shape.reduce((product, extent) => product * extent, 1);
    const frames = look.frames ?? [];
    const count = Math.max(1, frames.length);
    const entries = Object.entries(maps);
    if (entries.length === 0) throw new ParameterError("maps", "{}", "at least one map by its label");
    const values = new Float32Array(count * entries.length * size);
    const infos = entries.map(([label, given], map): SliceMapInfo => {
      const { values: all, ...info } = isVoxelValues(given) ? { values: given } : given;
      const volumes = isVoxelValues(all) ? [all] : all;
      if (volumes.length !== count) {
        throw new ParameterError(
          "frames",
          `${frames.length} names`,
          `one for each of the ${volumes.length} volumes of "${label}"`,
        );
      }
      volumes.forEach((one, frame) => {
        values.set(voxelValues(label, one, shape, volume.mask), (frame * entries.length + map) * size);
      });
      const signed = volumes.some((_, frame) =>
        hasSign(mapAt({ values, shape: [count, entries.length, ...shape] }, frame, map)),
      );
      // An attribution's signs speak for and against an output; of other numbers nobody knows.
      const isAttribution = volumes.every((one) => typeof one === "object" && "relevance" in one);
      const ends = isAttribution ? [] : signed ? ["negative", "positive"] : ["small", "large"];
      return { label, hint: "", unit: "", ends, signed, ...info };
    });
    const wire = { shape: [count, entries.length, ...shape], dtype: "float32" as const, data: values };
    super({
      ...look,
      shape,
      voxel: [...(volume.voxel ?? [1, 1, 1])],
      directions: volume.affine === undefined ? [] : directionsOf(volume.affine),
      affine: (volume.affine ?? []).map((row) => [...row]),
      ground: volume.values === undefined ? null : { shape, dtype: "uint8", data: groundOf(volume.values, size) },
      maps: infos,
      values: wire,
      cursor: [...(cursor ?? strongest(mapAt({ values, shape: wire.shape }, look.frame ?? 0, 0), shape))],
    });
  }

  override staticPicture(): StaticPicture | null {
    return slicePicture(this);
  }

  override toString(): string {
    const { title, subtitle, maps, values, cursor, shape, affine, frame, threshold, frames, frameLabel } = this;
    if (values === null) return "SliceMap";
    const numbers = { values: values.data as Float32Array, shape: values.shape };
    const of = (map: number) => mapAt(numbers, frame, map);
    const at = maps.map(({ label, unit }, map) => {
      const value = of(map)[indexOf(shape, cursor)]!;
      return `${label} ${Number.isNaN(value) ? "outside" : formatSigned(value)}${unit === "" ? "" : ` ${unit}`}`;
    });
    const others = maps.slice(1).map(({ label }, other) => {
      return `${maps[0]!.label} and ${label}: ${agreementWords(agreementOf(of(0), of(other + 1), threshold), threshold)}`;
    });
    const head = [title.replaceAll("*", ""), subtitle].filter((part) => part !== "").join(" ");
    const chosen = frames.length === 0 ? "" : `${frameLabel}: ${frames[frame]}`;
    return [
      `SliceMap${head === "" ? "" : `: ${head}`}`,
      chosen,
      `${placeWords(cursor, affine)}: ${at.join(", ")}`,
      ...others,
    ]
      .filter((line) => line !== "")
      .join("\n");
  }
}

/** The voxel of the largest magnitude, x, y, z. */
function strongest(values: Float32Array, [, rows = 1, columns = 1]: readonly number[]): number[] {
  let best = 0;
  for (let at = 0; at < values.length; at++) {
    if (Math.abs(values[at]!) > Math.abs(values[best]!) || Number.isNaN(values[best]!)) best = at;
  }
  return [best % columns, Math.floor(best / columns) % rows, Math.floor(best / (columns * rows))];
}
