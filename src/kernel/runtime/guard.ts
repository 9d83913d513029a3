/** A cell tried to end the kernel's process. */
class ProcessExitError extends Error {
  override name = "ProcessExitError";
  constructor(code: unknown) {
    super(
      `process.exit(${code ?? ""}) would end the kernel and lose the notebook's variables; ` +
        "throw an error to stop a cell, or shut the kernel down from the Kernel menu",
    );
  }
}

const FATAL_EVENTS = new Set<string | symbol>(["uncaughtException", "unhandledRejection"]);

/**
 * Keeps the kernel's process alive: `process.exit` throws, errors that nobody caught are reported, and a library's own
 * listener for such errors may run but not throw (TensorFlow.js' WebAssembly backend installs two that do).
 */
export function guardProcess(report: (error: unknown) => void): void {
  process.exit = (code) => {
    throw new ProcessExitError(code);
  };
  process.on("uncaughtException", report);
  process.on("unhandledRejection", report);

  for (const method of ["on", "addListener", "once", "prependListener", "prependOnceListener"] as const) {
    const add = process[method] as (event: string | symbol, listener: (...args: unknown[]) => void) => NodeJS.Process;
    const guarded = function (this: NodeJS.Process, event: string | symbol, listener: (...args: unknown[]) => void) {
      if (!FATAL_EVENTS.has(event)) return add.call(this, event, listener);
      const quiet = (...args: unknown[]): void => {
        try {
          listener.apply(this, args);
        } catch {
          // It would only throw again what the kernel reports.
        }
      };
      // `removeListener` finds the original by this name.
      return add.call(this, event, Object.assign(quiet, { listener }));
    };
    Object.defineProperty(process, method, { value: guarded, configurable: true, writable: true });
  }
}
