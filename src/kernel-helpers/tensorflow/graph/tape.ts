import type { Tensor } from "@tensorflow/tfjs-core";
import type { Attribute, Binding, Held, NativeBackend } from "./binding.js";
import { hold, letGo } from "./held.js";

/** A node of a TensorFlow graph. */
export interface GraphNode {
  readonly name: string;
  readonly operation: string;
  /** `name:output` */
  readonly inputs: readonly string[];
  readonly attributes: readonly Attribute[];
  /** The value of a `Const`. */
  readonly value?: Constant;
}

interface Constant {
  readonly dtype: number;
  readonly shape: readonly number[];
  readonly values: ArrayBufferView;
}

/** What a computation did on the native backend, ready to be done again. */
export interface Tape {
  readonly nodes: readonly GraphNode[];
  /** Tensors from outside that are neither inputs nor small: weights. By the name of their placeholder. */
  readonly captures: ReadonlyMap<string, Held>;
  /** What depends on numbers alone and meets what depends on the inputs: `name:output`, prepared once for the same numbers. */
  readonly prepared: readonly string[];
  /** Where the results come from. */
  readonly results: readonly Result[];
  /** What `compute` returned. */
  readonly tensors: readonly Tensor[];
  /** Why it cannot be repeated; `undefined` where it can. */
  readonly refusal: string | undefined;
}

type Result =
  | { readonly kind: "computed" | "prepared"; readonly from: string }
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "constant"; readonly capture: string };

/** What a value depends on. */
type Dependence = "inputs" | "numbers";

interface Value {
  readonly from: string;
  readonly on: Dependence;
}

/** Up to this many entries a constant is part of the graph, where TensorFlow can compute with it beforehand. */
const SMALL = 1024;

export const inputName = (index: number): string => `input${index}`;
export const numberName = (index: number): string => `number${index}`;

/**
 * Runs `compute` with the addon's `executeOp` overheard and writes down every operation that depends on `inputs` or
 * `numbers`. Whatever else it meets is a constant of the computation.
 */
export function tape(
  backend: NativeBackend,
  inputs: readonly Tensor[],
  numbers: readonly Tensor[],
  compute: () => readonly Tensor[],
): Tape {
  const { binding } = backend;
  const nodes: GraphNode[] = [];
  const values = new Map<number, Value>();
  const constants = new Map<string, string>();
  const captures = new Map<string, Held>();
  const prepared = new Set<string>();
  /** Tensors that were handed to the addon, by its numbers. */
  const handed = new Map<number, Held>();
  let refusal: string | undefined;

  const placeholder = (name: string, tensor: { dataId: object; shape: number[] }): void => {
    const { dtype } = backend.tensorMap.get(tensor.dataId);
    nodes.push({
      name,
      operation: "Placeholder",
      inputs: [],
      attributes: [
        { name: "dtype", type: binding.TF_ATTR_TYPE, value: dtype },
        { name: "shape", type: binding.TF_ATTR_SHAPE, value: tensor.shape },
      ],
    });
  };

  /** Numbers themselves are there already. */
  const isNumber = (from: string): boolean => numbers.some((_, index) => from === `${numberName(index)}:0`);
  const prepare = ({ from, on }: Value): void => {
    if (on === "numbers" && !isNumber(from)) prepared.add(from);
  };

  const declare = (tensors: readonly Tensor[], nameOf: (index: number) => string, on: Dependence): void => {
    backend.getInputTensorIds(tensors).forEach((id, index) => {
      placeholder(nameOf(index), tensors[index]!);
      if (!values.has(id)) values.set(id, { from: `${nameOf(index)}:0`, on });
    });
  };

  const constant = (id: number): string => {
    const tensor = handed.get(id);
    const size = tensor?.shape.reduce((a, b) => a * b, 1) ?? 1;
    const dtype = tensor === undefined ? undefined : backend.tensorMap.get(tensor.dataId).dtype;
    if (tensor === undefined || dtype === binding.TF_STRING) {
      refusal ??= "it uses a constant of a kind that graphs do not take";
      return "";
    }
    if (size > SMALL) {
      const name = `capture${captures.size}`;
      placeholder(name, tensor);
      captures.set(name, hold(backend, tensor));
      return `${name}:0`;
    }
    const data = binding.tensorDataSync(id);
    const key = `${dtype} ${tensor.shape} ${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64")}`;
    const known = constants.get(key);
    if (known !== undefined) return known;
    const name = `constant${constants.size}`;
    nodes.push({
      name,
      operation: "Const",
      inputs: [],
      attributes: [{ name: "dtype", type: binding.TF_ATTR_TYPE, value: dtype! }],
      value: { dtype: dtype!, shape: tensor.shape, values: data },
    });
    constants.set(key, `${name}:0`);
    return `${name}:0`;
  };
  const constantsById = new Map<number, string>();
  const constantOf = (id: number): string => {
    const known = constantsById.get(id) ?? constant(id);
    constantsById.set(id, known);
    return known;
  };

  const overheard: Partial<Binding> = {
    executeOp(operation, attributes, ids, count) {
      const outputs = binding.executeOp(operation, attributes, ids, count);
      const given = ids.map((id) => values.get(id));
      if (given.every((value) => value === undefined)) return outputs;
      const on = given.some((value) => value?.on === "inputs") ? "inputs" : "numbers";
      const from = given.map((value, index) => {
        if (value === undefined) return constantOf(ids[index]!);
        if (on === "inputs") prepare(value);
        return value.from;
      });
      const name = `node${nodes.length}`;
      nodes.push({ name, operation, inputs: from, attributes: [...attributes] });
      outputs.forEach(({ id }, index) => void values.set(id, { from: `${name}:${index}`, on }));
      return outputs;
    },
    tensorDataSync(id) {
      if (values.has(id)) refusal ??= "it reads a value that depends on its inputs";
      return binding.tensorDataSync(id);
    },
  };

  declare(inputs, inputName, "inputs");
  declare(numbers, numberName, "numbers");
  const original = backend.getInputTensorIds;
  backend.getInputTensorIds = (tensors) => {
    const ids = original.call(backend, tensors);
    tensors.forEach((tensor, index) => {
      // Tensors of 64-bit integers have no data of their own.
      if (tensor.dataId !== undefined) handed.set(ids[index]!, tensor as Tensor);
    });
    return ids;
  };
  backend.binding = Object.create(
    binding,
    Object.fromEntries(Object.entries(overheard).map(([name, value]) => [name, { value }])),
  ) as Binding;
  try {
    const tensors = compute();
    const ids = backend.getInputTensorIds(tensors);
    const results = ids.map((id, index): Result => {
      const value = values.get(id);
      if (value === undefined) {
        const name = `capture${captures.size}`;
        captures.set(name, hold(backend, tensors[index]!));
        return { kind: "constant", capture: name };
      }
      const { from, on } = value;
      const input = inputs.findIndex((_, at) => from === `${inputName(at)}:0`);
      if (input >= 0) return { kind: "input", index: input };
      prepare(value);
      return { kind: on === "numbers" ? "prepared" : "computed", from };
    });
    return { nodes, captures, prepared: [...prepared], results, tensors, refusal };
  } catch (error) {
    letGo(backend, captures.values());
    throw error;
  } finally {
    backend.binding = binding;
    // The wrapper shadows the method of the backend's class.
    delete (backend as Partial<NativeBackend>).getInputTensorIds;
  }
}
