import type { Choice, Field, FieldValue } from "./field.js";
import { heatmapState } from "./heatmap.js";
import { data, integer, nullable, number, type StateOf, text } from "./traits.js";

/** A class the network considers. */
export interface ClassScore {
  index: number;
  /** The name, with its synonyms after commas. */
  name: string;
  /** Softmax of the logits, 0 to 1. */
  probability: number;
  logit: number;
}

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

export type BiasChoice = "absorb" | "ignore" | "distribute";

/** Values of a method's parameters by name. */
export type ParameterValues = { [name: string]: FieldValue };

/** What an explorer shows and lets its reader choose. */
export const explorerState = {
  ...heatmapState,
  /** The most probable classes, best first. */
  classes: data<ClassScore[]>([]),
  /** Index of the explained class. */
  target: integer(-1),
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
  /** Counts what was asked for … */
  request: integer(),
  /** … and what is answered: when they differ the kernel is at work. */
  answered: integer(),
  /** Share of the work done, 0 to 1, where the method can say. */
  progress: nullable(number()),
};

export interface ExplorerState extends StateOf<typeof explorerState> {}

/** The settings that start a new explanation when they change. */
export const explorerSettings = ["target", "method", "parameters"] as const;
