import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "../define-layer.js";
import { type Layer, type LayerClass, layerClass } from "../layer-class.js";

type Settings = { [setting: string]: unknown };

/** What TensorFlow.js' cell keeps; its types do not say so. */
interface Cell {
  units: number;
  useBias: boolean;
  kernel: Variable;
  recurrentKernel: Variable;
  bias: Variable | null;
  activation: { apply(x: tf.Tensor): tf.Tensor };
  recurrentActivation: { apply(x: tf.Tensor): tf.Tensor };
  addWeight(name: string, shape: Shape, dtype: string | null, initializer: unknown): Variable;
}
interface Variable {
  read(): tf.Tensor;
}

const zeros = { apply: (shape: number[]) => tf.zeros(shape) };

/**
 * A cell of a GRU with `reset_after`, Keras' default, which TensorFlow.js lacks: the reset gate acts on the recurrent product, which has
 * a bias of its own: h' = z ∘ h + (1 − z) ∘ tanh(Wx + b + r ∘ (Uh + b')). Without dropout, as at inference.
 */
export function resetAfterCell(): LayerClass<Settings> {
  const Base = layerClass<Settings>("GRUCell");
  return class KerasGRUCell extends Base {
    static className = "KerasGRUCell";

    constructor(settings: Settings) {
      super({ ...settings, resetAfter: false, dropout: 0, recurrentDropout: 0 });
    }

    override build(given: Shape | Shape[]): void {
      const shape = (Array.isArray(given[0]) ? given[0] : given) as Shape;
      const cell = this as unknown as Cell;
      const { units } = cell;
      cell.kernel = cell.addWeight("kernel", [shape.at(-1)!, 3 * units], null, zeros);
      cell.recurrentKernel = cell.addWeight("recurrent_kernel", [units, 3 * units], null, zeros);
      cell.bias = cell.useBias ? cell.addWeight("bias", [2, 3 * units], null, zeros) : null;
      this.built = true;
    }

    override call(given: tf.Tensor | tf.Tensor[]): tf.Tensor[] {
      return tf.tidy(() => {
        const cell = this as unknown as Cell;
        const [x, h] = given as [tf.Tensor2D, tf.Tensor2D];
        const product = (input: tf.Tensor2D, weights: Variable, row: number): tf.Tensor[] => {
          const y = tf.matMul(input, weights.read() as tf.Tensor2D);
          const bias = cell.bias && tf.reshape(tf.slice(cell.bias.read(), [row, 0], [1, -1]), [-1]);
          return tf.split(bias ? tf.add(y, bias) : y, 3, 1);
        };
        const [updateX, resetX, newX] = product(x, cell.kernel, 0) as [tf.Tensor, tf.Tensor, tf.Tensor];
        const [updateH, resetH, newH] = product(h, cell.recurrentKernel, 1) as [tf.Tensor, tf.Tensor, tf.Tensor];
        const update = cell.recurrentActivation.apply(tf.add(updateX, updateH));
        const reset = cell.recurrentActivation.apply(tf.add(resetX, resetH));
        const candidate = cell.activation.apply(tf.add(newX, tf.mul(reset, newH)));
        const next = tf.add(tf.mul(update, h), tf.mul(tf.add(1, tf.neg(update)), candidate));
        return [next, next];
      });
    }
  };
}

/** The layer of such cells. */
export function resetAfterGru(): LayerClass<Settings> {
  const Base = layerClass<Settings>("RNN");
  const CellClass = resetAfterCell();
  return class KerasGRU extends Base {
    static className = "KerasGRU";
    readonly #settings: Settings;

    constructor(settings: Settings) {
      super({ ...settings, cell: new CellClass(settings) });
      this.#settings = settings;
    }

    override getConfig(): ReturnType<Layer["getConfig"]> {
      // What wraps it (Bidirectional) builds it anew from these.
      const { cell: _, ...config } = super.getConfig();
      return { ...this.#settings, ...config } as ReturnType<Layer["getConfig"]>;
    }

    static fromConfig(cls: new (settings: Settings) => Layer, config: Settings): Layer {
      return new cls(config);
    }
  };
}
