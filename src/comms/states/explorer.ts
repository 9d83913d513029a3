import type { Choice, Field, FieldValue } from "./field.js";
import { type HeatmapState, heatmapDefaults } from "./heatmap.js";

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

/** What an explorer shows and lets its reader choose: each field is a trait of that name. */
export interface ExplorerState extends HeatmapState {
  /** The most probable classes, best first. */
  classes: ClassScore[];
  /** Index of the explained class. */
  target: number;
  method: string;
  methods: MethodChoice[];
  /** The method's parameters as far as they are stated, by name; those that are not have their defaults. */
  parameters: { [name: string]: FieldValue };
  /** The parameters that the method reads now, each with its default and how it is filled in. */
  form: Field[];
  /** LRP's composite: the same as its parameter of that name, as are the three that follow. */
  composite: string;
  composites: Choice[];
  /** Stabilizer of the ε-rule. */
  epsilon: number;
  /** Weight of the positive parts in the γ-rule. */
  gamma: number;
  bias: BiasChoice;
  /** Which of the four the method reads now. */
  uses: string[];
  /** Name of the parameter that `error` is about; empty where it is about none. */
  fault: string;
  /** From the output to the input. */
  layers: LayerFlow[];
  /** Counts what was asked for … */
  request: number;
  /** … and what is answered: when they differ the kernel is at work. */
  answered: number;
  /** Share of the work done, 0 to 1, where the method can say. */
  progress: number | null;
}

export const explorerDefaults: Readonly<ExplorerState> = {
  ...heatmapDefaults,
  classes: [],
  target: -1,
  method: "lrp",
  methods: [],
  parameters: {},
  form: [],
  composite: "",
  composites: [],
  epsilon: 1e-6,
  gamma: 0.25,
  bias: "absorb",
  uses: [],
  fault: "",
  layers: [],
  request: 0,
  answered: 0,
  progress: null,
};

/** The settings that start a new explanation when they change. */
export const explorerSettings = ["target", "method", "parameters", "composite", "epsilon", "gamma", "bias"] as const;
