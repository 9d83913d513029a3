import type { WireArray } from "./heatmap.js";

/** Numbers that act on a run while it goes on; zero turns one off. */
export interface PrototypeSettings {
  l2: number;
  totalVariation: number;
  /** Pixels. */
  jitter: number;
  /** Degrees. */
  rotation: number;
  /** Share of the size. */
  scale: number;
  /** Pixels. */
  blur: number;
  /** Strength of the chosen density. */
  strength: number;
  /** Strength of the squared length of a generator's code. */
  code: number;
  learningRate: number;
}

/** A picture that was kept, with what made it. */
export interface Snapshot extends PrototypeSettings {
  /** What it is a prototype of. */
  name: string;
  /** In a few words, how it was made. */
  caption: string;
  step: number;
  probability: number | null;
  maximize: "logit" | "logProbability";
  drawnIn: string;
  density: string;
  /** Bytes, `[height, width, channel]`. */
  picture: WireArray;
}

/** A layer whose channels can be looked at. */
export interface LayerChannels {
  name: string;
  channels: number;
}

/** What the widget shows and lets its reader choose: each field is a trait of that name. */
export interface ClassPrototypeState extends PrototypeSettings {
  title: string;
  subtitle: string;
  /** Names of the classes by index. */
  classNames: string[];
  layers: LayerChannels[];
  /** Whether a class or a channel of a layer is maximized. */
  kind: "class" | "channel";
  /** Index of the class. */
  target: number;
  layer: string;
  channel: number;
  maximize: "logit" | "logProbability";
  /** What is optimized: `pixels`, `fourier` or, where there is a generator, `generator`. */
  drawnIn: string;
  /** The values that `drawnIn` can take. */
  canvases: string[];
  /** The chosen density, empty for none. */
  density: string;
  densities: string[];
  seed: number;
  playing: boolean;
  /** Steps made since the start. */
  step: number;
  /** Of the class in the view that the net saw last; null for channels. */
  probability: number | null;
  /** Steps a second, while it runs. */
  rate: number | null;
  /** Bytes, `[height, width, channel]`, one channel or three. */
  image: WireArray | null;
  /** What the first curve shows. */
  activationName: string;
  /** Float32, `[points, 3]`: step, activation, cost of the prior. */
  curves: WireArray | null;
  gallery: Snapshot[];
  /** Real pictures of the class: bytes, `[count, height, width, channel]`. */
  examples: WireArray | null;
  error: string;
}

export const prototypeSettings = [
  "l2",
  "totalVariation",
  "jitter",
  "rotation",
  "scale",
  "blur",
  "strength",
  "code",
  "learningRate",
] as const satisfies readonly (keyof PrototypeSettings)[];

export const classPrototypeDefaults: Readonly<ClassPrototypeState> = {
  title: "",
  subtitle: "",
  classNames: [],
  layers: [],
  kind: "class",
  target: 0,
  layer: "",
  channel: 0,
  maximize: "logProbability",
  drawnIn: "pixels",
  canvases: ["pixels", "fourier"],
  density: "",
  densities: [],
  l2: 0,
  totalVariation: 0,
  jitter: 0,
  rotation: 0,
  scale: 0,
  blur: 0,
  strength: 0,
  code: 0.3,
  learningRate: 0.05,
  seed: 0,
  playing: false,
  step: 0,
  probability: null,
  rate: null,
  image: null,
  activationName: "",
  curves: null,
  gallery: [],
  examples: null,
  error: "",
};
