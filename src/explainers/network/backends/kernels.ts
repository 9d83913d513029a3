import type { Tensor, TensorInfo } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ModelError } from "../../errors.js";

/** What a kernel is given, by the names that it has for it. */
export type Inputs = { readonly [name: string]: Tensor };
type Attributes = { readonly [name: string]: unknown };
type Result = Tensor | TensorInfo | TensorInfo[];

/** Computes a kernel; `own` is the backend's, `undefined` leaves all to it. */
export type Kernel = (
  inputs: Inputs,
  attributes: Attributes,
  own: (inputs: Inputs, attributes: Attributes) => Tensor,
) => Tensor | undefined;

/** A setting of each axis of space. */
export const perAxis = (value: unknown, axes: number): number[] => {
  const given = [value ?? 1].flat() as number[];
  if (given.length === axes + 2) return given.slice(1, -1);
  return given.length === axes ? given : Array<number>(axes).fill(given[0]!);
};

/** The part of `shape`, batch first and channels last, that windows with padding "same" reach. */
function reachedShape(shape: readonly number[], size: readonly number[], attributes: Attributes): number[] {
  if (attributes["pad"] !== "same" || /^NC/.test(String(attributes["dataFormat"] ?? ""))) return [...shape];
  const [strides, dilations] = ["strides", "dilations"].map((name) => perAxis(attributes[name], size.length));
  return shape.map((entries, axis) => {
    const kernel = size[axis - 1];
    if (kernel === undefined) return entries;
    const stride = strides![axis - 1]!;
    const reach = (kernel - 1) * dilations![axis - 1]! + 1;
    return Math.min(entries, (Math.ceil(entries / stride) - 1) * stride + reach);
  });
}

const sameSizes = (a: readonly number[], b: readonly number[]): boolean => String(a) === String(b);

const firstOf = (x: Tensor, shape: number[]): Tensor =>
  sameSizes(x.shape, shape) ? x : tf.slice(x, Array<number>(shape.length).fill(0), shape);

const paddedTo = (x: Tensor, shape: readonly number[]): Tensor =>
  tf.pad(
    x,
    shape.map((entries, axis): [number, number] => [0, entries - x.shape[axis]!]),
  );

/**
 * Where strides are longer than a window, padding "same" may have to be negative. The backend then reads and writes beyond its
 * tensors: what no window reaches is cut off before.
 */
export const reached =
  (input: string, sizeOf: (inputs: Inputs, attributes: Attributes) => number[]): Kernel =>
  (inputs, attributes, own) => {
    const { [input]: x } = inputs;
    const shape = reachedShape(x!.shape, sizeOf(inputs, attributes), attributes);
    return sameSizes(shape, x!.shape) ? undefined : own({ ...inputs, [input]: firstOf(x!, shape) }, attributes);
  };

/** The same for the transposes of such kernels: what no window reached is sent nothing. */
export const sentBack =
  (sizeOf: (inputs: Inputs, attributes: Attributes) => number[]): Kernel =>
  (inputs, attributes, own) => {
    const { input } = inputs;
    const whole = input?.shape ?? (attributes["inputShape"] as number[]);
    const shape = reachedShape(whole, sizeOf(inputs, attributes), attributes);
    if (sameSizes(shape, whole)) return undefined;
    const part = input ? { ...inputs, input: firstOf(input, shape) } : inputs;
    return paddedTo(own(part, { ...attributes, inputShape: shape }), whole);
  };

export const filterSize = (axes: number) => (inputs: Inputs) => inputs["filter"]!.shape.slice(0, axes);
export const windowSize = (axes: number) => (_: Inputs, attributes: Attributes) =>
  perAxis(attributes["filterSize"], axes);

/**
 * Refuses windows that are larger than their input: of what would be nothing backends make numbers, tensors of negative size, or a crash.
 */
export const fitting =
  (sizeOf: (inputs: Inputs, attributes: Attributes) => number[]): Kernel =>
  (inputs, attributes) => {
    const { x } = inputs;
    const { pad } = attributes;
    if (pad === "same") return undefined;
    const size = sizeOf(inputs, attributes);
    const first = /^NC/.test(String(attributes["dataFormat"] ?? "")) ? 2 : 1;
    const dilations = perAxis(attributes["dilations"], size.length);
    const reach = size.map((entries, axis) => (entries - 1) * dilations[axis]! + 1);
    const padded = reach.map((_, axis) => {
      const own = typeof pad === "number" ? [pad, pad] : Array.isArray(pad) ? (pad[axis + first] as number[]) : [0, 0];
      return x!.shape[axis + first]! + own[0]! + own[1]!;
    });
    if (reach.every((entries, axis) => entries <= padded[axis]!)) return undefined;
    const [window, picture] = [reach, padded].map((sizes) => sizes.join(" × "));
    throw new ModelError(
      `A window of ${window} does not fit into ${picture} entries, so that nothing comes out: the model needs a larger input.`,
    );
  };

/** One kernel after the other, each on what the next computes. */
export const both =
  (first: Kernel, second: Kernel): Kernel =>
  (inputs, attributes, own) =>
    first(inputs, attributes, (given, settings) => second(given, settings, own) ?? own(given, settings)) ??
    second(inputs, attributes, own);

/** Puts kernels in the place of a backend's own, or among them where it has none. */
export function replaceKernels(backendName: string, kernels: { readonly [name: string]: Kernel }): void {
  for (const [kernelName, compute] of Object.entries(kernels)) {
    const config = tf.getKernel(kernelName, backendName) ?? lacking(kernelName, backendName);
    const kernelFunc: tf.KernelFunc = ({ inputs, attrs, backend }): Result => {
      const given = inputs as unknown as Inputs;
      const attributes = (attrs ?? {}) as Attributes;
      const asTensor = (result: TensorInfo | TensorInfo[]): Tensor => {
        const [info] = [result].flat();
        return info instanceof tf.Tensor ? info : tf.engine().makeTensorFromTensorInfo(info!);
      };
      const own = (with_: Inputs, settings: Attributes): Tensor =>
        asTensor(
          config.kernelFunc({
            inputs: with_ as unknown as tf.NamedTensorInfoMap,
            attrs: settings as unknown as tf.NamedAttrMap,
            backend,
          }),
        );
      const result = tf.engine().tidy(() => compute(given, attributes, own));
      return result ?? config.kernelFunc({ inputs, attrs, backend });
    };
    if (tf.getKernel(kernelName, backendName) != null) tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel({ ...config, kernelFunc });
  }
}

const lacking = (kernelName: string, backendName: string): tf.KernelConfig => ({
  kernelName,
  backendName,
  kernelFunc() {
    throw new ModelError(`The backend ${backendName} has no kernel ${kernelName} for these settings.`);
  },
});
