import { createRequire } from "node:module";
import type * as TensorFlow from "@tensorflow/tfjs";
import { repairBackend } from "../../explainers/network/backends/repair.js";
import { setCompiler } from "../../explainers/network/index.js";
import { BackendError, type StartedBackend } from "../tensorflow/backend-info.js";
import type { NativeBackend } from "../tensorflow/graph/binding.js";
import { graphCompiler } from "../tensorflow/graph/compiler.js";
import { requireTfjsNode } from "../tensorflow/tfjs-node.js";

const require = createRequire(import.meta.url);

/** Starts TensorFlow's C library where its addon loads, else WebAssembly; `LIMPID_BACKEND` may ask for one. @throws BackendError */
export async function startTensorFlow(): Promise<StartedBackend> {
  const wanted = process.env["LIMPID_BACKEND"];
  if (wanted && wanted !== "native" && wanted !== "wasm") {
    throw new BackendError(`LIMPID_BACKEND is "${wanted}"; it can be "native" or "wasm"`);
  }
  if (wanted === "wasm") return startWasm("LIMPID_BACKEND=wasm");
  try {
    return await startNative();
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0]! : String(error);
    if (wanted === "native") {
      throw new BackendError(`The native TensorFlow backend does not load: ${reason}`, { cause: error });
    }
    return startWasm(reason);
  }
}

async function startNative(): Promise<StartedBackend> {
  // Read by the library when it loads: 2 leaves warnings and information out, keeps errors.
  process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "2";
  // tfjs-node calls two functions that Node 23 removed.
  const util = require("node:util") as Record<string, unknown>;
  util["isNullOrUndefined"] ??= (value: unknown) => value === null || value === undefined;
  util["isArray"] ??= Array.isArray;

  const tf = requireTfjsNode("backend") as typeof TensorFlow;
  await tf.ready();
  const { binding } = tf.backend() as unknown as NativeBackend;
  repairBackend();
  setCompiler(graphCompiler);
  return {
    tf,
    info: { name: "tensorflow", native: true, version: tf.version_core, libraryVersion: binding.TF_Version },
  };
}

async function startWasm(reason: string): Promise<StartedBackend> {
  try {
    // The union package, because it registers the gradients and the chained operations (`x.add(y)`).
    const tf = await import("@tensorflow/tfjs");
    await import("@tensorflow/tfjs-backend-wasm");
    await withoutNewProcessListeners(async () => {
      await tf.setBackend("wasm");
      await tf.ready();
    });
    if (tf.getBackend() !== "wasm") throw new Error(`TensorFlow.js chose the backend "${tf.getBackend()}"`);
    repairBackend();
    return { tf, info: { name: "wasm", native: false, version: tf.version_core, reason } };
  } catch (error) {
    throw new BackendError(
      `Neither TensorFlow's C library (${reason}) nor WebAssembly (${(error as Error).message}) starts; try \`limpid doctor\``,
      { cause: error },
    );
  }
}

/**
 * The WebAssembly loader installs listeners that end the process at the first unhandled rejection or exception.
 * Whoever embeds it (a kernel above all) decides that for itself.
 */
async function withoutNewProcessListeners(run: () => Promise<void>): Promise<void> {
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = events.map((event) => new Set<unknown>(process.listeners(event as "uncaughtException")));
  await run();
  events.forEach((event, index) => {
    for (const listener of process.listeners(event as "uncaughtException")) {
      if (!before[index]!.has(listener)) process.removeListener(event, listener);
    }
  });
}
