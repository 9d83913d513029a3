import { type Bytes, bytes, floats } from "./array.js";
import { atLeast, choice, data, flag, integer, list, nullable, number, type StateOf, text } from "./traits.js";

/** Numbers that act on a run while it goes on; zero turns one off. */
const prototypeSettings = {
  l2: atLeast(0),
  totalVariation: atLeast(0),
  /** Pixels. */
  jitter: atLeast(0),
  /** Degrees. */
  rotation: atLeast(0),
  /** Share of the size. */
  scale: atLeast(0),
  /** Pixels. */
  blur: atLeast(0),
  /** Strength of the chosen density. */
  strength: atLeast(0),
  /** Strength of the squared length of a generator's code. */
  code: atLeast(0),
  learningRate: atLeast(0),
};

export interface PrototypeSettings extends StateOf<typeof prototypeSettings> {}

export const prototypeSettingNames = Object.keys(prototypeSettings) as readonly (keyof PrototypeSettings)[];

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
  /** `[height, width, channel]`. */
  picture: Bytes;
}

/** A layer whose channels can be looked at. */
export interface LayerChannels {
  name: string;
  channels: number;
}

/** What the widget shows and lets its reader choose. */
export const classPrototypeState = {
  ...prototypeSettings,
  title: text(),
  subtitle: text(),
  /** What the picture is a prototype of: while settings change, not yet of what is sought next. */
  subject: text(),
  /** Names of the classes by index. */
  classNames: list(text()),
  /** How many outputs there are; 0 where that is not known. */
  outputs: integer(),
  layers: data<LayerChannels[]>([]),
  /** Whether a class or a channel of a layer is maximized. */
  kind: choice("class", "channel"),
  /** Index of the class. */
  target: integer(),
  layer: text(),
  channel: integer(),
  maximize: choice("logProbability", "logit"),
  /** What is optimized: `pixels`, `fourier` or, where there is a generator, `generator`. */
  drawnIn: text("pixels"),
  /** The values that `drawnIn` can take. */
  canvases: list(text(), ["pixels", "fourier"]),
  /** The chosen density, empty for none. */
  density: text(),
  densities: list(text()),
  seed: integer(),
  playing: flag(),
  /** Steps made since the start. */
  step: integer(),
  /** Of the class in the view that the net saw last; null for channels. */
  probability: nullable(number()),
  /** Steps a second, while it runs. */
  rate: nullable(number()),
  /** `[height, width, channel]`, one channel or three. */
  image: bytes(),
  /** What the first curve shows. */
  activationName: text(),
  /** `[points, 3]`: step, activation, cost of the prior. */
  curves: floats(),
  gallery: data<Snapshot[]>([]),
  /** Real pictures of the class: `[count, height, width, channel]`. */
  examples: bytes(),
  error: text(),
};

export interface ClassPrototypeState extends StateOf<typeof classPrototypeState> {}
