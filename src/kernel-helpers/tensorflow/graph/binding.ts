import type { DataType, Tensor } from "@tensorflow/tfjs-core";

/** An attribute of an operation as tfjs-node hands it to TensorFlow. */
export interface Attribute {
  readonly name: string;
  /** One of the binding's `TF_ATTR_…`. */
  readonly type: number;
  readonly value: string | number | boolean | readonly number[] | readonly boolean[];
}

/** A tensor that an operation or a graph made. */
export interface Output {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** What is used here of tfjs-node's addon. Tensors are known to it by numbers that are never used twice. */
export interface Binding {
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  readonly TF_FLOAT: number;
  readonly TF_STRING: number;
  readonly TF_Version: string;
  executeOp(operation: string, attributes: Attribute[], inputs: number[], outputs: number): Output[];
  createTensor(shape: readonly number[], dtype: number, values: ArrayBufferView): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): ArrayBufferView;
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(id: number, inputs: number[], inputNames: string, outputNames: string): Output[];
}

/** tfjs-node's backend. */
export interface NativeBackend {
  binding: Binding;
  /** The addon's numbers of tensors; uploads what is still on the JavaScript side. */
  getInputTensorIds(tensors: readonly Pick<Tensor, "dataId">[]): number[];
  createOutputTensor(output: Output): Tensor;
  readonly tensorMap: { get(dataId: object): { readonly dtype: number } };
  incRef(dataId: object): void;
  /** Whether that was the last reference. */
  disposeData(dataId: object): boolean;
}

/** A tensor's data, held without a handle: it takes no memory of its own. */
export interface Held {
  readonly dataId: object;
  readonly shape: number[];
  readonly dtype: DataType;
}
