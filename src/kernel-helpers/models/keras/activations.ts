/** A class of TensorFlow.js activations, with its settings. */
interface ActivationClass {
  class_name: string;
  config: { [setting: string]: unknown };
}

/** Names that Keras and TensorFlow.js write differently. */
const RENAMED: { readonly [name: string]: string } = { silu: "swish", hard_swish: "hard_silu" };

/** Functions that libraries beside Keras register. */
const REGISTERED: { readonly [name: string]: ActivationClass } = {
  gelu_approximate: { class_name: "keras_gelu", config: { approximate: true } },
};

/** Layers that also stand as the `activation` of another layer, as functions with settings. */
const LAYERS: { readonly [className: string]: (config: { [setting: string]: unknown }) => unknown } = {
  ReLU: ({ max_value, negative_slope, threshold }) => ({
    class_name: "bounded_relu",
    config: { max_value: max_value ?? null, negative_slope: negative_slope ?? 0, threshold: threshold ?? 0 },
  }),
  LeakyReLU: ({ alpha, negative_slope }) => ({
    class_name: "leaky_relu",
    config: { negative_slope: alpha ?? negative_slope ?? 0.3 },
  }),
  ELU: ({ alpha }) => ({ class_name: "scaled_elu", config: { alpha: alpha ?? 1 } }),
  Softmax: ({ axis }) => ((axis ?? -1) === -1 ? "softmax" : undefined),
  Activation: ({ activation }) => activation,
};

/**
 * What a layer's `activation` is called in TensorFlow.js: a name, or a class with its settings; `value` itself where nothing is known.
 *
 * @param version What wrote the file: `hard_sigmoid` is another function in Keras 3.
 */
export function activationOf(value: unknown, version: string): unknown {
  if (typeof value === "object" && value !== null) {
    const { class_name: className, config } = value as Partial<ActivationClass>;
    const known = className === undefined ? undefined : LAYERS[className]?.(config ?? {});
    return known === undefined ? value : activationOf(known, version);
  }
  if (typeof value !== "string") return value;
  // A registered function is stored as "package>name".
  const name = value.split(">").at(-1)!;
  if (name === "hard_sigmoid" && version.startsWith("3")) return "keras3_hard_sigmoid";
  return REGISTERED[name] ?? RENAMED[name] ?? name;
}
