import type { LayerFlow } from "../../../comms/states/explorer.js";
import type { LayerRelevance } from "../../../explainers/explanation.js";
import { isPassing } from "../../../explainers/network/index.js";

/**
 * The books of LRP as a flow from the output to the input: at each layer what it carries, what it keeps, and what it
 * and the layers after it have kept so far. The rest of the output is then on its way beside it, on skip connections.
 *
 * @param layers As `lrp` returns them, from the input to the output.
 */
export function layerFlow(layers: readonly LayerRelevance[]): LayerFlow[] {
  const flow: LayerFlow[] = [];
  let absorbed = 0;
  for (const { name, kind, shape, sum, absorbedByBias, absorbedByEmpty } of layers.toReversed()) {
    const kept = absorbedByBias + absorbedByEmpty;
    // Relevance goes whole through what only moves or bends: a bar would say nothing.
    if (!isPassing(kind)) {
      flow.push({ name: kind === "input" ? "pixels" : name, kind, shape: shape.slice(1), sum, absorbed, kept });
    }
    absorbed += kept;
  }
  return flow;
}
