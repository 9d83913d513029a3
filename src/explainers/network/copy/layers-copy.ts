import type { Tensor } from "@tensorflow/tfjs-core";
import { ModelError } from "../../errors.js";
import type { LayersModelLike } from "../capture/model.js";
import { scoped } from "../tensors.js";
import type { CopiedLayer, CopiedWeight, ModelCopy } from "./copied.js";

// The shapes of tfjs-layers that are used here; importing it would load it.
interface Variable {
  readonly name: string;
  readonly originalName?: string;
  readonly shape: readonly number[];
  read(): Tensor;
  write(value: Tensor): unknown;
}
interface WeightedLayer {
  readonly name: string;
  readonly weights: readonly Variable[];
  readonly layers?: readonly WeightedLayer[];
  readonly layer?: WeightedLayer;
  readonly forwardLayer?: WeightedLayer;
  readonly backwardLayer?: WeightedLayer;
  readonly cell?: WeightedLayer;
  readonly cells?: readonly WeightedLayer[];
}
interface CopyableModel extends WeightedLayer {
  readonly layers: readonly WeightedLayer[];
  getConfig(): object;
  dispose(): unknown;
  readonly constructor: {
    fromConfig(Class: unknown, config: object, customObjects: object, fastWeightInit: boolean): CopyableModel;
  };
}

/** Made again from its own configuration, as saving and loading would; its variables take over the original's data without copying it. */
export function copyLayersModel(original: LayersModelLike): ModelCopy {
  const source = original as unknown as CopyableModel;
  let copy!: CopyableModel;
  try {
    // Recurrent layers make tensors on the way that nobody frees.
    scoped(() => {
      copy = source.constructor.fromConfig(source.constructor, source.getConfig(), {}, true);
    });
  } catch (error) {
    throw new ModelError(
      `The model cannot be copied: ${(error as Error).message} A layer of your own must be registered (tf.serialization.registerClass) ` +
        "and return its settings from getConfig().",
      { cause: error },
    );
  }
  const held = copy.weights.map((variable) => variable.read());
  const dispose = (): void => {
    copy.dispose();
    // Wrappers forget the layer that they wrap.
    for (const tensor of held) if (!tensor.isDisposed) tensor.dispose();
  };
  const fits =
    copy.weights.length === source.weights.length &&
    copy.weights.every(({ shape }, index) => String(shape) === String(source.weights[index]!.shape));
  if (!fits) {
    dispose();
    throw new ModelError("The model cannot be copied: made again from its configuration, it has other weights.");
  }
  copy.weights.forEach((variable, index) => {
    variable.write(source.weights[index]!.read());
  });
  const origins = new Map(copy.weights.map((variable, index) => [variable, source.weights[index]!]));
  return {
    model: copy,
    layers: layersOf(copy.layers, "", origins),
    dispose,
  };
}

function layersOf(
  layers: readonly WeightedLayer[],
  within: string,
  origins: ReadonlyMap<Variable, Variable>,
): CopiedLayer[] {
  return layers.flatMap((layer) => {
    const name = `${within}${layer.name}`;
    if (layer.layers !== undefined) return layersOf(layer.layers, `${name}/`, origins);
    if (layer.weights.length === 0) return [];
    const weights = layer.weights.map((variable): CopiedWeight => {
      const kind = kindOf(variable);
      return {
        name: kind,
        shape: variable.shape,
        initializer: initializerOf(ownerOf(layer, variable), kind),
        original: () => origins.get(variable)!.read(),
        write: (value) => {
          variable.write(value);
        },
      };
    });
    return [{ name, weights }];
  });
}

/** `kernel` of `conv2d_1/kernel_2`. */
const kindOf = ({ originalName, name }: Variable): string =>
  (originalName ?? name).split("/").at(-1)!.replace(/_\d+$/, "");

/** The innermost part of a layer that holds a variable: a wrapper's layer, a recurrent layer's cell. */
function ownerOf(layer: WeightedLayer, variable: Variable): WeightedLayer {
  const parts = [layer.layer, layer.forwardLayer, layer.backwardLayer, layer.cell, ...(layer.cells ?? [])];
  const part = parts.find((one) => one?.weights.includes(variable));
  return part === undefined ? layer : ownerOf(part, variable);
}

/** tfjs-layers keeps `recurrent_kernel`'s as `recurrentInitializer`, `kernel`'s as `kernelInitializer`. */
function initializerOf(layer: WeightedLayer, kind: string): object | undefined {
  const camel = kind.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  const known = layer as unknown as Readonly<Record<string, unknown>>;
  const found = known[`${camel}Initializer`] ?? known[`${camel.replace(/Kernel$/, "")}Initializer`];
  return typeof found === "object" && found !== null ? found : undefined;
}
