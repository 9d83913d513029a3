import { heatmapState } from "./heatmap.js";
import { data, flag, integer, nullable, number, type StateOf, text } from "./traits.js";

/** What became of relevance: kept by biases, kept by what had nothing to pass on to, taken away by a mask. */
export interface Kept {
  byBias: number;
  byEmpty: number;
  masked: number;
}

/** The books of one layer, of one sample: what comes in is what is passed on and what is kept. */
export interface FlowLayer extends Kept {
  name: string;
  /** What the layer does: `conv2d`, `dense`, `sum` … */
  kind: string;
  /** The rule that passed relevance on; empty for the input. */
  rule: string;
  /** Shape of its output without the batch. */
  shape: number[];
  /** The relevance that its output carries. */
  sum: number;
  passedOn: number;
  /** What the layers nearer to the output have kept before. */
  before: Kept;
}

/** What the flow of relevance shows and lets its reader choose. */
export const relevanceFlowState = {
  ...heatmapState,
  /** From the output to the input. */
  layers: data<FlowLayer[]>([]),
  /** Index of the layer whose map is shown; −1 before there are any. */
  layer: integer(-1),
  /** What the picture is of: the layer, its shape, and how the values lie in it. */
  caption: text(),
  /** Whether the kernel is explaining. */
  running: flag(),
  /** Share of the work done, 0 to 1, where the method can say. */
  progress: nullable(number()),
  /** The settings that were given up for those of the picture, in words; empty when none were. */
  stopped: text(),
};

export interface RelevanceFlowState extends StateOf<typeof relevanceFlowState> {}

/** From and to, in shares of the width. */
export type Span = [from: number, to: number];

/** How the books of a layer are drawn. */
export interface FlowBar {
  own: Span;
  /** On skip connections beside it. */
  beside: Span;
  byBias: Span;
  byEmpty: Span;
  masked: Span;
}

/**
 * The books of every layer over the length of the output: in the layer + beside it + kept before = output. Where biases added
 * relevance, a bar reaches beyond that length.
 */
export function flowBars(
  layers: readonly FlowLayer[],
  output: number,
): { bars: FlowBar[]; zero: number; output: number } {
  const sign = output < 0 ? -1 : 1;
  const ends = layers.map(({ sum, before: { byBias, byEmpty, masked } }) => {
    const own = sign * sum;
    const flow = sign * (output - byBias - byEmpty - masked);
    // What was added stands in the flow; what was taken away stands behind it.
    const lengths = [byBias, byEmpty, masked].map((kept) => Math.max(0, sign * kept));
    const stops = lengths.reduce((at, length) => [...at, at.at(-1)! + length], [Math.max(flow, 0)]);
    return { own, flow, stops };
  });
  const all = ends.flatMap(({ own, flow, stops }) => [own, flow, ...stops]);
  const low = Math.min(0, ...all);
  const high = Math.max(sign * output, ...all) || 1;
  const place = (value: number) => (value - low) / (high - low);
  const span = (a: number, b: number): Span => [place(Math.min(a, b)), place(Math.max(a, b))];
  return {
    bars: ends.map(({ own, flow, stops }) => ({
      own: span(0, own),
      beside: span(Math.max(own, 0), Math.max(own, flow, 0)),
      byBias: span(stops[0]!, stops[1]!),
      byEmpty: span(stops[1]!, stops[2]!),
      masked: span(stops[2]!, stops[3]!),
    })),
    zero: place(0),
    output: place(sign * output),
  };
}
