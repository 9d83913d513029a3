import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Held, NativeBackend } from "./binding.js";

/** Keeps a tensor's data, whoever disposes of the tensor. */
export function hold(backend: NativeBackend, { dataId, shape, dtype }: Held): Held {
  backend.incRef(dataId);
  return { dataId, shape: [...shape], dtype };
}

/** Ends what `hold` began. */
export function letGo(backend: NativeBackend, all: Iterable<Held>): void {
  const engine = tf.engine() as unknown as { removeDataId(dataId: object, backend: NativeBackend): void };
  // The engine counts data as long as somebody refers to it, and is told when the last one does not any more.
  for (const { dataId } of all) if (backend.disposeData(dataId)) engine.removeDataId(dataId, backend);
}

/** A tensor of what is held. */
export function tensorOf(backend: NativeBackend, { dataId, shape, dtype }: Held): Tensor {
  backend.incRef(dataId);
  return tf.engine().makeTensorFromDataId(dataId, shape, dtype);
}
