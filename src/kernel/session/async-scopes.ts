import { InterruptError } from "../interpreter.js";

/** Captured: a cell may give the process other functions. */
const { hasUncaughtExceptionCaptureCallback, setUncaughtExceptionCaptureCallback } = process;

/**
 * Code that was ended in a scope of `node:async_hooks` has not left it, and Node aborts the process when its callback ends there.
 * Node itself leaves all scopes where an exception was not caught, which is what happened.
 */
export function leaveAsyncScopes(): void {
  const leave = (process as { _fatalException?: (error: unknown) => boolean })._fatalException;
  if (!leave) return;
  const isOurs = !hasUncaughtExceptionCaptureCallback();
  if (isOurs) setUncaughtExceptionCaptureCallback(() => {});
  try {
    leave(new InterruptError());
  } finally {
    if (isOurs) setUncaughtExceptionCaptureCallback(null);
  }
}
