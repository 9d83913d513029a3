import { bytes, floats } from "./array.js";
import { between, data, integer, list, nullable, number, type StateOf, text, viewed, wholeBetween } from "./traits.js";

/** What is known of a map besides its values. */
export interface SliceMapInfo {
  label: string;
  /** Tooltip: how it was computed. */
  hint: string;
  /** Whether the sign of a value has a meaning. */
  signed: boolean;
  /** Of the values; empty where they have none. */
  unit: string;
  /** What the two ends of the colors mean; empty for the usual words. */
  ends: string[];
}

/** What a slice map shows: maps of one volume beside each other, cut at one place. */
export const sliceMapState = {
  title: text(),
  subtitle: text(),
  /** Voxels along z, y and x. */
  shape: list(integer()),
  /** Size of a voxel along x, y and z, in millimeters. */
  voxel: list(number(), [1, 1, 1]),
  /** Where x, y and z lead, as letters of `RLAPSI`; empty where nothing says it. */
  directions: list(text()),
  /** From voxel indexes (x, y, z) to millimeters right, anterior, superior: three rows of four; empty where nothing says it. */
  affine: data<number[][]>([]),
  /** What lies beneath the maps, `[z, y, x]`, 0 black to 255 white. */
  ground: bytes(),
  maps: data<SliceMapInfo[]>([]),
  /** `[frames, maps, z, y, x]`; NaN outside the mask. */
  values: floats(),
  /** What the frames are called: points in time, or from one volume to the mean of many; empty where there is one. */
  frames: list(text()),
  /** What is chosen by `frame`, as its slider says. */
  frameLabel: text("Frame"),
  frame: viewed(wholeBetween(0, 1e6, 0)),
  /** The voxel in which the cuts meet: x, y, z. An echo would throw one that has moved on back to where it was. */
  cursor: viewed({ ...list(integer(), [0, 0, 0]), echoed: false }),
  /** Percent of the voxels that are hidden, of each map those of the least magnitude. */
  threshold: viewed(between(0, 99.9, 0)),
  /** Strength of the maps over what lies beneath, 0 to 1. */
  opacity: viewed(between(0, 1, 0.9)),
  /** Share of the values, in percent, that the colors tell apart; larger ones all get the end color. */
  percentile: viewed(between(0, 100, 99.5)),
  /** The value of the end color, by map; null takes it from `percentile`. */
  limits: viewed(list(nullable(number()))),
};

export interface SliceMapState extends StateOf<typeof sliceMapState> {}
