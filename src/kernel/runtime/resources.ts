/** What `using` declares at the top of a cell, and its end. */

/** As the language has it where it has it: an error that came while another was on its way. */
class OwnSuppressedError extends Error {
  override name = "SuppressedError";
  constructor(
    readonly error: unknown,
    readonly suppressed: unknown,
    message = "An error was suppressed during disposal",
  ) {
    super(message);
  }
}

type SuppressedErrorType = new (error: unknown, suppressed: unknown, message?: string) => Error;
const Suppressed: SuppressedErrorType =
  (globalThis as { SuppressedError?: SuppressedErrorType }).SuppressedError ?? OwnSuppressedError;

/** Disposes all of `resources`, the last first, also after one of them fails. Gives what the whole fails with: `failure`, or what came of it.
 * Each is called by `run`. */
export async function disposeAll(
  resources: readonly (Disposable | AsyncDisposable)[],
  failure: { error: unknown } | undefined,
  run: <T>(work: () => T) => T,
): Promise<{ error: unknown } | undefined> {
  let failed = failure;
  for (const resource of [...resources].reverse()) {
    try {
      if (Symbol.asyncDispose in resource) await run(() => resource[Symbol.asyncDispose]());
      else run(() => resource[Symbol.dispose]());
    } catch (error) {
      failed = { error: failed ? new Suppressed(error, failed.error) : error };
    }
  }
  return failed;
}
