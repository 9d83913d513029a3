/** Prints an error that nobody caught, whatever was thrown, where the request's output goes. */
export function reportError(error: unknown): void {
  try {
    console.error(error);
  } catch {
    console.error("An error was thrown that cannot be shown: a part of it throws when it is read");
  }
}
