/** The other half of `kernel-helpers/platform/tensorflow`: WebAssembly that the report's file holds. */
import type * as TensorFlow from "@tensorflow/tfjs";
import { setWasmPaths, version_wasm } from "@tensorflow/tfjs-backend-wasm";
import * as converter from "@tensorflow/tfjs-converter";
import * as core from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { repairBackend } from "../../explainers/network/backends/repair.js";
import { BackendError, type StartedBackend } from "../../kernel-helpers/tensorflow/backend-info.js";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js";

let program = "";

/** Gives the WebAssembly. Called before the first tensor. */
export function useWasm(bytes: Uint8Array<ArrayBuffer>): void {
  // An address of this worker's own: those of a page from a disk are of another origin.
  program = URL.createObjectURL(new Blob([bytes], { type: "application/wasm" }));
}

/** What cells import as `@tensorflow/tfjs`: the union of the packages that a page has. */
export const tensorFlow = { ...core, ...layers, ...converter } as unknown as typeof TensorFlow;

export async function startTensorFlow(): Promise<StartedBackend> {
  // One file, whatever the browser can do: all of those that run this page have SIMD, and pages from a disk have no threads.
  setWasmPaths({
    "tfjs-backend-wasm.wasm": program,
    "tfjs-backend-wasm-simd.wasm": program,
    "tfjs-backend-wasm-threaded-simd.wasm": program,
  });
  try {
    await core.setBackend("wasm");
    await core.ready();
    if (core.getBackend() !== "wasm") throw new Error(`TensorFlow.js chose the backend "${core.getBackend()}"`);
  } catch (cause) {
    throw new BackendError(`WebAssembly does not start in this browser: ${(cause as Error).message}`, { cause });
  }
  repairBackend();
  return {
    tf: tensorFlow,
    info: { name: "wasm", native: false, version: version_wasm, reason: "a report's page" },
  };
}
