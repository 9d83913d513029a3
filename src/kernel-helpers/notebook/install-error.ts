/** npm could not install what a cell asked for. */
export class InstallError extends Error {
  override name = "InstallError";
  constructor(
    /** What was to be installed. */
    readonly packages: readonly string[],
    reason: string,
  ) {
    super(`${packages.join(", ")} cannot be installed: ${reason}`);
  }
}
