import { bytes, floats } from "./array.js";
import type { Choice } from "./field.js";
import { between, choice, data, flag, integer, list, nullable, number, type StateOf, text } from "./traits.js";

/** What of a map is compared. */
export type StrategyFeature = "pooled" | "fourier";

/** Pictures that belong together: what the reader drew a line around, or a cluster that he took. */
export interface StrategyGroup {
  name: string;
  /** Numbers of the pictures. */
  members: number[];
}

/** Rows and columns of a map. */
export interface StrategyBox {
  top: number;
  left: number;
  height: number;
  width: number;
}

/** A number with its interval; null ends where there are too few pictures. */
export interface StrategyEstimate {
  value: number;
  low: number | null;
  high: number | null;
}

interface StrategyChange {
  before: StrategyEstimate;
  after: StrategyEstimate;
  difference: StrategyEstimate;
}

/** What became of one class, or of all pictures, when the region was filled in. */
export interface StrategyClass {
  name: string;
  count: number;
  /** Whether it is the class whose maps are grouped. */
  explained: boolean;
  accuracy: StrategyChange;
  probability: StrategyChange;
}

/** A measurement without a region, and what it was made with. */
export interface StrategyMeasured {
  group: string;
  share: number;
  replacement: string;
  level: number;
  /** All pictures first, then each class. */
  classes: StrategyClass[];
}

/** Relevance maps of one class in a plane, in groups, and what the model loses without what a group looks at. */
export const strategyMapState = {
  title: text(),
  subtitle: text(),
  /** Of each map its place in the plane, `[maps, 2]`. */
  points: floats(),
  /** Of each map its cluster, from 0, the largest first. */
  clusters: bytes(),
  sizes: data<number[]>([]),
  /** The mean map of each cluster, `[clusters, height, width]`. */
  means: floats(),
  /** The smallest eigenvalues of the graph's Laplacian, rising. */
  eigenvalues: data<number[]>([]),
  /** How many clusters the largest gap says; 0 before it is known. */
  suggested: integer(0),
  /** What is to be said of that number; empty where nothing is. */
  remark: text(),
  /** How many clusters there are to be; 0 takes what is suggested. */
  chosen: between(0, 12, 0),
  feature: choice<StrategyFeature>("pooled", "fourier"),
  /** Whether maps are still moving in the plane, and how far that is, 0 to 1. */
  moving: flag(),
  moved: number(0),
  /** The picture that is looked at; −1 for none. */
  watched: { ...integer(-1), echoed: false },
  /** That picture, `[height, width, channels]`, its map, and whose they are. */
  image: bytes(),
  relevance: floats(),
  shown: integer(-1),
  /** What is to be said of it. */
  caption: text(),
  groups: data<StrategyGroup[]>([]),
  /** The group that is looked at; −1 for none. */
  group: integer(-1),
  /** The mean map of that group less that of the others, and the region that it gives, `[height, width]`. */
  contrast: floats(),
  region: bytes(),
  /** A box of that map in place of the region that the group gives. */
  brush: nullable(data<StrategyBox>({} as StrategyBox)),
  /** How much of the picture the region is. */
  share: between(0.005, 0.4, 0.05),
  replacement: text("neighbors"),
  replacements: data<Choice[]>([]),
  measured: nullable(data<StrategyMeasured>({} as StrategyMeasured)),
  running: flag(),
  /** What is being done, in a few words. */
  stage: text(),
  progress: nullable(number()),
  stopped: nullable(number()),
  error: text(),
  /** Names of the pictures, where they have names. */
  names: list(text()),
};

export interface StrategyMapState extends StateOf<typeof strategyMapState> {}

/** What a view sends. */
export interface StrategyMapEvents {
  stop: object;
  /** Compute what was stopped or has failed. */
  again: object;
  /** Lay the maps out anew, or stop that. */
  layout: { moving: boolean };
  /** Make a group of these pictures. */
  take: { members: number[] };
  /** Fill the region of the group in, and measure. */
  measure: object;
}

/** How many pictures a cluster or a group has, in words. */
export const picturesOf = (count: number): string => `${count} picture${count === 1 ? "" : "s"}`;
