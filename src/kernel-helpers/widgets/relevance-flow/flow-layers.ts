import type { FlowLayer, Kept } from "../../../comms/states/relevance-flow.js";
import { ParameterError } from "../../../explainers/errors.js";
import type { Balance, LayerRelevance } from "../../../explainers/explanation.js";
import { isPassing } from "../../../explainers/network/index.js";

/** A layer of the flow, and where its relevance is read. */
export interface FoundLayer {
  books: FlowLayer;
  layer: LayerRelevance;
}

/**
 * The books of LRP from the output to the input: what each layer gets, passes on and keeps, and what the layers before it have
 * kept. Layers that only move or bend what they get are left out: relevance goes whole through them.
 *
 * @param layers As `lrp` returns them, from the input to the output.
 * @param sample of the batch
 * @param input what the input is called
 * @throws ParameterError for a sample that there is not, or that is not apart from the others
 */
export function flowLayers(layers: readonly LayerRelevance[], sample = 0, input = "pixels"): FoundLayer[] {
  const found: FoundLayer[] = [];
  let before: Kept = { byBias: 0, byEmpty: 0, masked: 0 };
  for (const layer of layers.toReversed()) {
    const { sum, passedOn, absorbedByBias, absorbedByEmpty, masked } = balanceOf(layer, sample);
    const kept = { byBias: absorbedByBias, byEmpty: absorbedByEmpty, masked };
    if (!isPassing(layer.kind)) {
      const { kind, rule = "", shape } = layer;
      const name = kind === "input" ? input : layer.name || kind;
      found.push({ books: { name, kind, rule, shape: shape.slice(1), sum, passedOn, ...kept, before }, layer });
    }
    before = {
      byBias: before.byBias + kept.byBias,
      byEmpty: before.byEmpty + kept.byEmpty,
      masked: before.masked + kept.masked,
    };
  }
  return found;
}

function balanceOf(layer: LayerRelevance, sample: number): Balance {
  const { samples, shape, name } = layer;
  const found = samples[sample];
  if (found !== undefined) return found;
  if (samples.length === 0 && sample === 0 && shape[0] === 1) return layer;
  const expected =
    samples.length > 0
      ? `from 0 to ${samples.length - 1}`
      : `0, and of a batch of one: at layer "${name}" samples are not apart`;
  throw new ParameterError("sample", sample, expected);
}
