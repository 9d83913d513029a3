import type { LayersModel } from "@tensorflow/tfjs-layers";
import type { InputKind } from "../../explainers/index.js";
import type { LoadedModel } from "./load-model.js";

/** One input of a model. */
export interface Place {
  /** Of one sample; null where any size goes, empty where the model leaves it open. */
  readonly shape: readonly (number | null)[];
  readonly dtype: "float32" | "int32";
  /** Whether its numbers stand for words. */
  readonly isTokens: boolean;
  /** How many words there are, where known. */
  readonly words: number | undefined;
}

/** What a model takes, input by input. */
export function placesOf({ net, input }: LoadedModel): Place[] {
  if (typeof net === "function") return [{ shape: input.shape, dtype: "float32", isTokens: false, words: undefined }];
  return net.inputs.map((one, index) => {
    const shape =
      index === 0 ? input.shape : (one.shape ?? []).slice(1).map((size) => (size && size > 0 ? size : null));
    const dtype = one.dtype === "int32" ? "int32" : "float32";
    const embedding = "layers" in net ? embeddingOf(net, index) : undefined;
    const isTokens = embedding !== undefined || (!("layers" in net) && dtype === "int32");
    return { shape, dtype, isTokens, words: embedding?.getConfig()["inputDim"] as number | undefined };
  });
}

/** The embedding that an input goes to. */
function embeddingOf(net: LayersModel, index: number) {
  return net.layers.find(
    (layer) =>
      layer.getClassName() === "Embedding" &&
      layer.inboundNodes.some(({ inputTensors }) => inputTensors.includes(net.inputs[index]!)),
  );
}

/**
 * The shape of a sample that numbers of shape `given` are, or undefined where they do not fit. Axes of size 1 may be left
 * out or added: a file of one row is a vector, a gray picture needs no channels.
 */
export function sampleShape(given: readonly number[], wanted: readonly (number | null)[]): number[] | undefined {
  if (wanted.length === 0) return [...given];
  const fits = (sizes: readonly number[], sample: readonly (number | null)[]) =>
    sizes.length === sample.length && sample.every((size, axis) => size === null || size === sizes[axis]);
  if (fits(given, wanted)) return [...given];
  if (given[0] === 1 && fits(given.slice(1), wanted)) return given.slice(1);
  const long = given.filter((size) => size !== 1);
  const longWanted = wanted.filter((size) => size !== 1);
  if (!fits(long, longWanted)) return undefined;
  const sizes = long.values();
  return wanted.map((size) => (size === 1 ? 1 : sizes.next().value!));
}

/** `[any, 3]` */
export const shapeInWords = (shape: readonly (number | null)[]): string =>
  `[${shape.map((size) => size ?? "any").join(", ")}]`;

/** What kind of input a sample is. */
export function kindOf(sample: readonly number[], { isTokens }: Place): InputKind {
  if (isTokens || sample.length === 2) return "sequence";
  return sample.length < 2 ? "table" : "image";
}
