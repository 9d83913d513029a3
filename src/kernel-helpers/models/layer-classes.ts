import type { serialization } from "@tensorflow/tfjs-core";
import { UnknownLayerError } from "../errors.js";

interface LayerConfig {
  class_name?: string;
  name?: string;
  config?: { name?: string; layers?: LayerConfig[]; layer?: LayerConfig; cell?: unknown };
}

/**
 * Looks through a Keras configuration for classes that TensorFlow.js has not, before anything is built.
 *
 * @throws UnknownLayerError that names the first such layer and its class.
 */
export function checkLayerClasses(
  location: string,
  topology: unknown,
  { SerializationMap }: typeof serialization,
): void {
  const known = SerializationMap.getMap().classNameMap;
  const visit = (layer: LayerConfig, fallback: string) => {
    const { class_name: className, config } = layer;
    if (className !== undefined && !(className in known)) {
      throw new UnknownLayerError(className, layer.name ?? config?.name ?? fallback, location);
    }
    for (const [index, inner] of (config?.layers ?? []).entries()) visit(inner, `number ${index}`);
    if (config?.layer) visit(config.layer, `inside ${config.name}`);
  };
  visit(topology as LayerConfig, "the model");
}
