import { engine, type NamedTensorMap, type Tensor } from "@tensorflow/tfjs-core";
import { errorAt, shapesOf } from "../../failures.js";
import type { Attributes } from "../operations/parts/attributes.js";
import { Pool } from "../tensors.js";

/** One kernel as it ran: the raw material of `canonicalize`. */
export interface KernelRecord {
  readonly kernel: string;
  readonly attributes: Attributes;
  /** The layer or graph node in which it ran. */
  name: string;
  /** By the kernel's own argument names (`"0"`, `"1"` … for lists). */
  readonly arguments: Readonly<Record<string, Argument>>;
  /** Indices into `Trace.values`. */
  readonly outputs: readonly number[];
}

/** An argument is either computed from the model's input (an index into `Trace.values`) or constant. */
type Argument = { readonly value: number } | { readonly constant: Tensor };

/** The outermost kernels of one forward pass whose inputs depend on the model's input. */
export interface Trace {
  readonly records: readonly KernelRecord[];
  /** Handles on every value computed from the input; the first ones are the inputs themselves. */
  readonly values: readonly Tensor[];
  readonly inputs: readonly number[];
  /** An output that does not depend on the input is a constant tensor. */
  readonly outputs: readonly Argument[];
  /** Owns `values` and constants. */
  readonly pool: Pool;
}

type Inputs = Record<string, Tensor | undefined>;
type RunKernel = (kernel: string, inputs: NamedTensorMap, attributes?: Attributes) => Tensor | Tensor[];

/** Told to the model's adapter so that kernels carry the names of the layers in which they run. */
export interface Namer {
  enter(name: string): void;
  leave(): void;
  /** Names everything recorded since the previous call. */
  label(name: string): void;
}

/** Runs `compute` with `engine().runKernel` wrapped and returns what it did to `inputs`. */
export function record(inputs: readonly Tensor[], compute: (namer: Namer) => Tensor[]): Trace {
  const pool = new Pool();
  const values: Tensor[] = [];
  const indices = new Map<number, number>(); // tensor id → index into values
  const constants = new Map<number, Tensor>();
  const records: KernelRecord[] = [];
  const scopes: string[] = [];
  let labelled = 0;
  let depth = 0;

  const remember = (tensor: Tensor): number => {
    const index = values.length;
    values.push(pool.hold(tensor));
    indices.set(tensor.id, index);
    return index;
  };
  const argument = (tensor: Tensor): Argument => {
    const value = indices.get(tensor.id);
    if (value !== undefined) return { value };
    let constant = constants.get(tensor.id);
    if (constant === undefined) {
      constant = pool.hold(tensor);
      constants.set(tensor.id, constant);
    }
    return { constant };
  };

  const runtime = engine() as unknown as { runKernel: RunKernel };
  const original = runtime.runKernel;
  const run: RunKernel = (kernel, kernelInputs, attributes) =>
    original.call(runtime, kernel, kernelInputs, attributes) as Tensor;

  const observe = (kernel: string, given: Inputs, attributes: Attributes): Tensor | Tensor[] => {
    const parts = fusedParts[kernel];
    if (parts !== undefined) return parts(given, attributes, (...step) => observe(...step) as Tensor);
    const result = run(kernel, given as NamedTensorMap, attributes);
    const outputs = Array.isArray(result) ? result : [result];
    records.push({
      kernel,
      attributes,
      name: scopes.join("/"),
      arguments: Object.fromEntries(
        Object.entries(given).flatMap(([key, tensor]) => (tensor == null ? [] : [[key, argument(tensor)]])),
      ),
      outputs: outputs.map(remember),
    });
    return result;
  };

  const wrapped: RunKernel = (kernel, given, attributes) => {
    if (depth > 0 || !Object.values(given).some((tensor) => tensor != null && indices.has(tensor.id))) {
      return run(kernel, given, attributes);
    }
    depth++;
    try {
      return observe(kernel, given, attributes ?? {});
    } catch (error) {
      throw errorAt(error, { layer: scopes.join("/"), operation: kernel, shapes: shapesOf(Object.values(given)) });
    } finally {
      depth--;
    }
  };

  const namer: Namer = {
    enter: (name) => scopes.push(name),
    leave: () => scopes.pop(),
    label(name) {
      for (; labelled < records.length; labelled++) records[labelled]!.name = name;
    },
  };

  const inputIndices = inputs.map(remember);
  runtime.runKernel = wrapped;
  try {
    const outputs = compute(namer).map(argument);
    return { records, values, inputs: inputIndices, outputs, pool };
  } catch (error) {
    pool.dispose();
    throw errorAt(error, {});
  } finally {
    // The wrapper shadows the method of the engine's class.
    if (Object.hasOwn(runtime, "runKernel")) delete (runtime as { runKernel?: RunKernel }).runKernel;
    if (runtime.runKernel !== original) runtime.runKernel = original;
  }
}

type Step = (kernel: string, inputs: Inputs, attributes: Attributes) => Tensor;

/** A fused kernel runs as its parts, so that pre-activations are recorded and rules need not compute them again. */
const fusedParts: Readonly<Record<string, (given: Inputs, attributes: Attributes, step: Step) => Tensor>> = {
  FusedConv2D: (given, attributes, step) =>
    epilogue(step("Conv2D", { x: given["x"], filter: given["filter"] }, attributes), given, attributes, step),
  FusedDepthwiseConv2D: (given, attributes, step) =>
    epilogue(
      step("DepthwiseConv2dNative", { x: given["x"], filter: given["filter"] }, attributes),
      given,
      attributes,
      step,
    ),
  _FusedMatMul: (given, attributes, step) =>
    epilogue(step("BatchMatMul", { a: given["a"], b: given["b"] }, attributes), given, attributes, step),
};

const fusedActivations: Readonly<Record<string, string>> = {
  relu: "Relu",
  relu6: "Relu6",
  elu: "Elu",
  prelu: "Prelu",
  leakyrelu: "LeakyRelu",
  sigmoid: "Sigmoid",
};

function epilogue(linear: Tensor, given: Inputs, attributes: Attributes, step: Step): Tensor {
  let result = linear;
  const replace = (next: Tensor) => {
    result.dispose();
    result = next;
  };
  const { bias, preluActivationWeights } = given;
  if (bias != null) replace(step("Add", { a: result, b: bias }, {}));
  const activation = attributes["activation"] as string | undefined;
  if (activation == null || activation === "linear") return result;
  const kernel = fusedActivations[activation];
  if (kernel === undefined) throw new Error(`unknown fused activation ${activation}`);
  if (kernel === "Prelu") replace(step(kernel, { x: result, alpha: preluActivationWeights }, {}));
  else if (kernel === "LeakyRelu") replace(step(kernel, { x: result }, { alpha: attributes["leakyreluAlpha"] ?? 0.2 }));
  else
    replace(
      step(
        kernel,
        kernel === "Relu" || kernel === "Relu6" || kernel === "Elu" || kernel === "Sigmoid" ? { x: result } : {},
        {},
      ),
    );
  return result;
}
