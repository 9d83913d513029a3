import { provideHost } from "../../comms/host.js";
import type { Kernel } from "../interpreter.js";
import { reportError } from "../report.js";
import { allowColors } from "./colors.js";
import { defaultBundle } from "./display.js";
import { guardProcess } from "./guard.js";
import { showInheritedOutput } from "./inherited-output.js";
import { inspectPromisesPlainly } from "./inspect-promises.js";
import type { Held } from "./lasting.js";
import { installStackTraces } from "./stack.js";

/** Makes this thread the one that cells see: the host that `limpid` finds, `input`, and what Node.js does otherwise. */
export function installEnvironment(kernel: Kernel, { hold }: Held): void {
  const { comms, display, clearOutput, poll, input, hasReader, captureConsole } = kernel;
  const { check } = kernel.interruption;
  const format = defaultBundle;
  provideHost({
    comms,
    display,
    clearOutput,
    poll,
    hold,
    check,
    hasReader,
    format,
    ...(captureConsole && { captureConsole }),
  });
  Object.defineProperty(globalThis, "input", { value: input, writable: true, configurable: true });
  installStackTraces();
  inspectPromisesPlainly();
  allowColors();
  showInheritedOutput();
  guardProcess(reportError);
}
