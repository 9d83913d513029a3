import type * as TensorFlow from "@tensorflow/tfjs";
import { LimpidError } from "../../explainers/errors.js";

/** No TensorFlow backend could be started. */
export class BackendError extends LimpidError {}

/** What computes the tensors. */
export interface BackendInfo {
  /** TensorFlow.js' own name of the backend. */
  name: "tensorflow" | "wasm";
  /** True for TensorFlow's C library (multi-threaded), false for WebAssembly (one thread). */
  native: boolean;
  /** Version of TensorFlow.js. */
  version: string;
  /** Version of TensorFlow's C library; undefined on WebAssembly. */
  libraryVersion?: string;
  /** Why the native backend is not used; undefined when it is. */
  reason?: string;
}

/** TensorFlow.js with a backend that runs. */
export interface StartedBackend {
  tf: typeof TensorFlow;
  info: BackendInfo;
}
