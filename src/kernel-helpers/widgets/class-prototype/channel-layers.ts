import { zeros } from "@tensorflow/tfjs-core";
import type { LayerChannels } from "../../../comms/states/class-prototype.js";
import { isAffine, record } from "../../../explainers/network/index.js";
import type { LoadedModel } from "../../models/index.js";

/** The model's layers of weights that have channels, from input to output. */
export function channelLayers(model: LoadedModel): LayerChannels[] {
  const shape = model.input.shape.map((size) => size ?? 1);
  const input = zeros([1, ...shape]);
  const pass = record(model, input);
  try {
    const layers = new Map<string, number>();
    for (const { name, operation, shape } of pass.graph.nodes) {
      if (name !== "" && isAffine(operation) && operation.kind !== "scale") layers.set(name, shape.at(-1)!);
    }
    return [...layers].map(([name, channels]) => ({ name, channels }));
  } finally {
    pass.dispose();
    input.dispose();
  }
}
