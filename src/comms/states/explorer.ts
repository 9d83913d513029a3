import { bytes } from "./array.js";
import type { Choice, Field, FieldValue } from "./field.js";
import { heatmapState } from "./heatmap.js";
import {
  choice,
  data,
  integer,
  invalid,
  isRecord,
  list,
  nullable,
  number,
  type StateOf,
  type Trait,
  text,
} from "./traits.js";

/** What is explained: an output by its index, or what speaks against it. */
export type ClassTarget = number | { not: number };

/** A class the network considers. */
export interface ClassScore {
  index: number;
  /** Of two classes that one output tells apart, the one that it speaks against. */
  not?: true;
  /** The name, with its synonyms after commas. */
  name: string;
  /** Softmax of the logits, or the sigmoid of its own, 0 to 1; null where the output is no probability. */
  probability: number | null;
  logit: number;
  /** How many classes are before it, plus one. */
  rank: number;
}

/** How that class is asked for. */
export const targetOf = ({ index, not }: Pick<ClassScore, "index" | "not">): ClassTarget =>
  not ? { not: index } : index;

const isTarget = (value: unknown): value is ClassTarget =>
  Number.isSafeInteger(isRecord(value) && Object.keys(value).length === 1 ? value["not"] : value);

const target = (initial: ClassTarget): Trait<ClassTarget> => ({
  expected: "the index of an output, or { not: index }",
  initial: () => initial,
  check: (value) => (isTarget(value) ? value : invalid),
});

/** A method as the list offers it. */
export interface MethodChoice extends Choice {
  /** Heading of its group in the list. */
  family: string;
  /** Authors, year, venue. */
  reference: string;
}

/** The relevance books at one layer. */
export interface LayerFlow {
  name: string;
  /** What the layer does: `conv2d`, `dense`, `add`, … */
  kind: string;
  /** Shape of its output without the batch: `[height, width, channel]`. */
  shape: number[];
  /** Sum of the relevance that its output carries. */
  sum: number;
  /** What biases and empty parts of the layers nearer to the output have absorbed before relevance came here. */
  absorbed: number;
  /** What this layer absorbs itself. */
  kept: number;
}

/** A part of a picture, in shares of its width and height. */
export interface PhotoRegion {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** What a view sends beside changes of traits. */
export interface ExplorerEvents {
  stop: object;
  /** Explains once more what was stopped or has failed. */
  again: object;
  /** Takes the settings back to those that the picture was made with, where another explanation was stopped. */
  back: object;
  /** A picture's file, in the first buffer; servers refuse large messages, so it comes in parts, counted from 0. */
  photo: { name: string; part: number; parts: number };
  /** Asks for the whole of the photo's file, small: answered by `ExplorerReply` "source". */
  source: object;
  /** Sees another part of the photo's file, or all of it between margins. */
  crop: PhotoRegion & { fit: "crop" | "letterbox" };
  /** Asks for what is shown as a file: answered by `ExplorerReply` "file". */
  file: { format: FileFormat };
}

/** What an explorer's picture can be kept as. */
export type FileFormat = "png" | "svg" | "npy" | "csv";

/** What the kernel answers, each with its bytes in the first buffer. */
export type ExplorerReply =
  | { event: "source"; type: string; width: number; height: number }
  /** For a PNG file the browser, which has fonts, draws the SVG that comes. */
  | { event: "file"; format: FileFormat; name: string; type: string; width: number; height: number };

/** Activations as they are shown: bytes from `low` (0) to `high` (255). */
export interface ActivationWords {
  layer: string;
  /** Shape of the layer's output without the batch. */
  shape: number[];
  /** Numbers of the channels shown. */
  channels: number[];
  /** The mean of each of them. */
  means: number[];
  low: number;
  high: number;
  /** What went wrong; empty when nothing did. */
  error: string;
}

const NO_ACTIVATIONS: ActivationWords = { layer: "", shape: [], channels: [], means: [], low: 0, high: 0, error: "" };

export type BiasChoice = "absorb" | "ignore" | "distribute";

/** Values of a method's parameters by name. */
export type ParameterValues = { [name: string]: FieldValue };

/** What an explorer shows and lets its reader choose. */
export const explorerState = {
  ...heatmapState,
  /** The most probable classes, best first, and the one that is asked for where it is none of them. */
  classes: data<ClassScore[]>([]),
  /** Names of all classes, each with its synonyms after commas; empty where the model has none. */
  classNames: list(text()),
  /** How many outputs there are. */
  outputs: integer(),
  /** What is asked for. */
  target: target(-1),
  /** What the two ends of the color bar mean in this picture; empty where its signs say that. */
  ends: list(text()),
  method: text("lrp"),
  methods: data<MethodChoice[]>([]),
  /** The method's parameters as far as they are stated, by name; those that are not have their defaults. */
  parameters: data<ParameterValues>({}),
  /** The parameters that the method reads now, each with its default and how it is filled in. */
  form: data<Field[]>([]),
  /** Name of the parameter that `error` is about; empty where it is about none. */
  fault: text(),
  /** What became of the biases in this picture, in words; empty where the method does not ask. */
  remark: text(),
  /** From the output to the input. */
  layers: data<LayerFlow[]>([]),
  /** Names of the layers whose activations can be shown, from the input to the output. */
  activationLayers: list(text()),
  /** The layer whose activations are asked for; empty for none. */
  activationLayer: text(),
  /** The channels of that layer that are shown, strongest first: `[channel, height, width, 1]`. */
  activations: bytes(),
  /** What `activations` shows. */
  activationWords: nullable(data<ActivationWords>(NO_ACTIVATIONS)),
  /** The part of the photo's file that is seen, in shares of its width and height; null where there is no file to see more of. */
  region: nullable(data<PhotoRegion>({ left: 0, top: 0, width: 1, height: 1 })),
  /** Whether the photo was cropped to the proportion that the network takes, or stands between margins. */
  fit: choice("crop", "letterbox"),
  /** What was wrong with the last picture that was given; empty when nothing was. */
  refusal: text(),
  /** Counts what was asked for … */
  request: integer(),
  /** … and what is answered: when they differ the kernel is at work. */
  answered: integer(),
  /** Share of the work done, 0 to 1, where the method can say. */
  progress: nullable(number()),
  /** Where the last explanation was stopped, 0 to 1; null when it was not. The picture is then of other settings than stand beside it. */
  stopped: nullable(number()),
};

export interface ExplorerState extends StateOf<typeof explorerState> {}

/** The settings that start a new explanation when they change. */
export const explorerSettings = ["target", "method", "parameters"] as const;
