import { createRequire } from "node:module";
import type * as TensorFlow from "@tensorflow/tfjs";
import { LimpidError } from "../../explainers/errors.js";
import { repairBackend } from "../../explainers/network/backends/repair.js";
import { setCompiler } from "../../explainers/network/index.js";
import type { NativeBackend } from "./graph/binding.js";
import { graphCompiler } from "./graph/compiler.js";
import { requireTfjsNode } from "./tfjs-node.js";

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

interface Started {
  tf: typeof TensorFlow;
  info: BackendInfo;
}

const require = createRequire(import.meta.url);
let started: Promise<Started> | undefined;
let current: BackendInfo | undefined;

/**
 * TensorFlow.js with its fastest backend running: TensorFlow's C library where the addon loads, else WebAssembly.
 * The first call starts it (about a second); later calls are immediate. `LIMPID_BACKEND=wasm` or `native` asks for one.
 *
 * @throws BackendError when none starts, or the one asked for does not.
 * @example const tf = await tensorflow(); tf.ones([2, 2]).print();
 */
export async function tensorflow(): Promise<typeof TensorFlow> {
  started ??= start();
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

async function start(): Promise<Started> {
  const wanted = process.env["LIMPID_BACKEND"];
  if (wanted && wanted !== "native" && wanted !== "wasm") {
    throw new BackendError(`LIMPID_BACKEND is "${wanted}"; it can be "native" or "wasm"`);
  }
  let result: Started;
  if (wanted === "wasm") {
    result = await startWasm("LIMPID_BACKEND=wasm");
  } else {
    try {
      result = await startNative();
    } catch (error) {
      const reason = error instanceof Error ? error.message.split("\n")[0]! : String(error);
      if (wanted === "native") {
        throw new BackendError(`The native TensorFlow backend does not load: ${reason}`, { cause: error });
      }
      result = await startWasm(reason);
    }
  }
  current = result.info;
  return result;
}

async function startNative(): Promise<Started> {
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

async function startWasm(reason: string): Promise<Started> {
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
