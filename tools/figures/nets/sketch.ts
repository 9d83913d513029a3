import type { LayersModel, layers, SymbolicTensor } from "@tensorflow/tfjs-layers";
import type { tensorflow } from "../../../src/kernel-helpers/index.js";

export type Tf = Awaited<ReturnType<typeof tensorflow>>;
type Layer = layers.Layer;

/** A layer's class and settings: `conv2d` as `tf.layers` has it, or the class of a layer that Limpid adds, `GroupNormalization`. */
interface LayerText {
  readonly layer: string;
  readonly config: Config;
}
export interface Config {
  readonly [setting: string]: unknown;
}

/** What a layer gave, and how it came about. */
export interface Value {
  readonly tensor: SymbolicTensor;
  /** Sizes of one sample. */
  readonly shape: readonly number[];
  readonly made: { readonly layer: Called; readonly inputs: readonly Value[] } | { readonly input: string };
}

/** A layer that may be called several times. */
interface Called {
  readonly layer: Layer;
  readonly text: string;
  calls: number;
}

/** Samples of more entries are not made, so that a net stays one of milliseconds. */
const MOST_ENTRIES = 500;

/** A Keras-like net while it is put together; it can be built, and printed as what builds it. */
export class Sketch {
  readonly #tf: Tf;
  readonly #called: Called[] = [];
  readonly inputs: Value[] = [];

  constructor(tf: Tf) {
    this.#tf = tf;
  }

  input(shape: readonly number[], dtype: "float32" | "int32" = "float32"): Value {
    const tensor = this.#tf.input({ shape: [...shape], dtype });
    const settings = { shape, ...(dtype === "int32" && { dtype }) };
    const value = { tensor, shape, made: { input: `tf.input(${print(settings)})` } };
    this.inputs.push(value);
    return value;
  }

  /** A layer, to be called by `call`. */
  layer(layer: string, config: Config = {}): Called {
    const called = { layer: made(this.#tf, { layer, config }), text: textOf({ layer, config }), calls: 0 };
    this.#called.push(called);
    return called;
  }

  /** What a layer gives for `inputs`; `undefined` where it takes no such inputs, or gives too much or nothing. */
  call(called: Called, ...inputs: readonly Value[]): Value | undefined {
    const tensors = inputs.map(({ tensor }) => tensor);
    const shapes = tensors.map(({ shape }) => [...shape]);
    try {
      const given = called.layer.computeOutputShape(shapes.length === 1 ? shapes[0]! : shapes) as (number | null)[];
      const shape = given.slice(1) as number[];
      const entries = shape.reduce((product, size) => product * size, 1);
      if (!(entries > 0 && entries <= MOST_ENTRIES) || shape.some((size) => size < 1)) return undefined;
      const tensor = called.layer.apply(tensors.length === 1 ? tensors[0]! : tensors) as SymbolicTensor;
      called.calls++;
      return { tensor, shape: tensor.shape.slice(1) as number[], made: { layer: called, inputs } };
    } catch {
      return undefined;
    }
  }

  /** A new layer, called at once. */
  add(layer: string, config: Config, ...inputs: readonly Value[]): Value | undefined {
    return this.call(this.layer(layer, config), ...inputs);
  }

  /** A net as a layer, made by `inside` from an input of this shape; `undefined` where it does nothing. */
  inner(shape: readonly number[], inside: (net: Sketch, x: Value) => Value): Called | undefined {
    const net = new Sketch(this.#tf);
    const y = inside(net, net.input(shape));
    if ("input" in y.made) return undefined;
    const layer = net.model([y]) as unknown as Layer;
    const called = { layer, text: `(() => {\n${indented(net.text([y]))}\n  return model;\n})()`, calls: 0 };
    this.#called.push(called);
    return called;
  }

  model(outputs: readonly Value[]): LayersModel {
    const [inputs, results] = [this.inputs, outputs].map((values) => values.map(({ tensor }) => tensor));
    return this.#tf.model({ inputs: inputs!, outputs: results! });
  }

  /** TypeScript that builds the same. */
  text(outputs: readonly Value[]): string {
    const lines: string[] = [];
    const names = new Map<Value, string>();
    const shared = new Map<Called, string>();
    const visit = (value: Value): string => {
      const known = names.get(value);
      if (known !== undefined) return known;
      let right: string;
      if ("input" in value.made) right = value.made.input;
      else {
        const { layer, inputs } = value.made;
        const given = inputs.map(visit);
        let maker = shared.get(layer) ?? layer.text;
        if (layer.calls > 1 && !shared.has(layer)) {
          maker = `layer${shared.size}`;
          shared.set(layer, maker);
          lines.push(`const ${maker} = ${layer.text};`);
        }
        right = `${maker}.apply(${given.length === 1 ? given[0] : `[${given.join(", ")}]`})`;
      }
      const name = `x${names.size}`;
      names.set(value, name);
      lines.push(`const ${name} = ${right};`);
      return name;
    };
    const list = (values: readonly Value[]) => values.map(visit).join(", ");
    const [inputs, results] = [list(this.inputs), list(outputs)];
    return [...lines, `const model = tf.model({ inputs: [${inputs}], outputs: [${results}] });`].join("\n");
  }

  /** Frees the weights of all layers, also of those that came into no model. */
  dispose(): void {
    for (const { layer } of this.#called) this.#tf.dispose(layer.weights.map((weight) => weight.read()));
  }
}

const indented = (text: string): string => text.replace(/^/gm, "  ");

const isLayerText = (value: unknown): value is LayerText =>
  typeof value === "object" && value !== null && "layer" in value && "config" in value;

type Maker = (config: Config) => Layer;

function made(tf: Tf, { layer, config }: LayerText): Layer {
  const settings = Object.fromEntries(
    Object.entries(config).map(([name, value]) => [name, isLayerText(value) ? made(tf, value) : value]),
  );
  const known = (tf.layers as unknown as Record<string, Maker | undefined>)[layer];
  if (known !== undefined) return known(settings);
  const classes = tf.serialization.SerializationMap.getMap().classNameMap as unknown as Record<
    string,
    [new (config: Config) => Layer]
  >;
  return new classes[layer]![0](settings);
}

/** Classes of Limpid's own are found where TensorFlow.js looks for those that a file names. */
const textOf = ({ layer, config }: LayerText): string =>
  /^[A-Z]/.test(layer)
    ? `new (tf.serialization.SerializationMap.getMap().classNameMap.${layer}[0])(${print(config)})`
    : `tf.layers.${layer}(${print(config)})`;

function print(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(print).join(", ")}]`;
  if (isLayerText(value)) return textOf(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([name, entry]) => `${name}: ${print(entry)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}
