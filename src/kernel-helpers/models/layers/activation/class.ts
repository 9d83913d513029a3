import { serialization, type Tensor, tidy } from "@tensorflow/tfjs-core";
import { type ActivationSettings, functions } from "./functions.js";

/** An activation function as TensorFlow.js keeps it: of one class, by which a layer's settings name it. */
interface Activation extends serialization.Serializable {
  apply(x: Tensor): Tensor;
}
type ActivationClass = new (settings: ActivationSettings) => Activation;

const classes = (): { [name: string]: readonly unknown[] } =>
  serialization.SerializationMap.getMap().classNameMap as unknown as { [name: string]: readonly unknown[] };

/** A class of activations for each row of the table, to be registered when TensorFlow.js has been loaded. */
export function activationClasses(): ActivationClass[] {
  const Base = Object.getPrototypeOf(classes()["relu"]![0]) as ActivationClass;
  return Object.entries(functions).map(
    ([name, compute]) =>
      class extends Base {
        static className = name;
        readonly settings: ActivationSettings;

        constructor(settings: ActivationSettings = {}) {
          super(settings);
          this.settings = settings;
        }

        override apply(x: Tensor): Tensor {
          return tidy(() => compute(x, this.settings));
        }

        override getConfig(): serialization.ConfigDict {
          return { ...this.settings } as serialization.ConfigDict;
        }
      },
  );
}

/** Applies what a layer's `activation` says (a name, or a class with its settings) to `x`. */
export function activate(activation: unknown, x: Tensor): Tensor {
  if (activation === null || activation === undefined || activation === "linear") return x;
  const { className, config = {} } =
    typeof activation === "string"
      ? { className: activation }
      : (activation as { className: string; config?: ActivationSettings });
  const Class = classes()[className]![0] as ActivationClass;
  return new Class(config).apply(x);
}
