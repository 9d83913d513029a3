import type * as TensorFlow from "@tensorflow/tfjs";
import { startTensorFlow } from "../platform/tensorflow.js";
import type { BackendInfo, StartedBackend } from "./backend-info.js";

export { BackendError, type BackendInfo } from "./backend-info.js";

let started: Promise<StartedBackend> | undefined;
let current: BackendInfo | undefined;

/**
 * TensorFlow.js with its fastest backend running: TensorFlow's C library where the addon loads, else WebAssembly.
 * The first call starts it (about a second); later calls are immediate. `LIMPID_BACKEND=wasm` or `native` asks for one.
 *
 * @throws BackendError when none starts, or the one asked for does not.
 * @example const tf = await tensorflow(); tf.ones([2, 2]).print();
 */
export async function tensorflow(): Promise<typeof TensorFlow> {
  started ??= startTensorFlow().then((result) => {
    current = result.info;
    return result;
  });
  try {
    return (await started).tf;
  } catch (error) {
    started = undefined;
    throw error;
  }
}

/** Starts the backend if need be, and says which one runs. */
export async function startBackend(): Promise<BackendInfo> {
  await tensorflow();
  return current!;
}

/** The backend that runs, or undefined when none was started yet. */
export function backendInfo(): BackendInfo | undefined {
  return current;
}
