import type { LayerFlow } from "../../../comms/states/explorer.js";
import type { LayerRelevance } from "../../../explainers/explanation.js";
import { flowLayers } from "../relevance-flow/flow-layers.js";

/**
 * The books of LRP as a flow from the output to the input: at each layer what it carries, what it keeps, and what it
 * and the layers after it have kept so far. The rest of the output is then on its way beside it, on skip connections.
 *
 * @param layers As `lrp` returns them, from the input to the output.
 */
export const layerFlow = (layers: readonly LayerRelevance[]): LayerFlow[] =>
  flowLayers(layers).map(({ books: { name, kind, shape, sum, byBias, byEmpty, before } }) => ({
    ...{ name, kind, shape, sum },
    absorbed: before.byBias + before.byEmpty,
    kept: byBias + byEmpty,
  }));
