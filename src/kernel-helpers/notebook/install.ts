import { currentHost } from "../../comms/host.js";
import { ParameterError } from "../../explainers/errors.js";
import { installByNpm } from "../platform/packages.js";
import { progress } from "./progress.js";

export interface InstallOptions {
  /** Ends it; what npm has written by then stays. */
  signal?: AbortSignal;
}

/** `name`, `@scope/name`, each with a version or a tag behind another `@`; nothing that a shell or npm would read as something else. */
const PACKAGE = /^(@[a-z0-9][a-z0-9._~-]*\/)?[a-z0-9][a-z0-9._~-]*(@[\^~]?[A-Za-z0-9][A-Za-z0-9._+-]*)?$/;
/** How often it is looked whether the cell was interrupted, in milliseconds. */
const LOOK = 100;

/**
 * Installs npm packages into the notebook's folder, where the next import finds them; a bar with a stop button says that it goes on.
 *
 * @param packages Names, each with a version behind `@` where it is not to be the newest: `"nanoid"`, `"@scope/name@2.1.0"`.
 * @returns The packages with the versions that are there now.
 * @throws ParameterError for what is no package's name; InstallError with npm's reason where it fails; `StoppedError` when it is stopped
 * @example await install("nanoid");
 */
export async function install(
  packages: string | readonly string[],
  { signal: outer }: InstallOptions = {},
): Promise<string[]> {
  const names = typeof packages === "string" ? [packages] : [...packages];
  for (const name of names) {
    if (typeof name !== "string" || !PACKAGE.test(name)) {
      throw new ParameterError("packages", name, 'names of npm packages, such as "nanoid" or "@scope/name@2.1.0"');
    }
  }
  if (names.length === 0) return [];
  const title = `Installing ${names.join(", ")}`;
  return progress(
    title,
    async ({ signal }) => {
      const interruption = new AbortController();
      const looking = setInterval(() => {
        try {
          currentHost()?.check();
        } catch (error) {
          interruption.abort(error);
        }
      }, LOOK);
      try {
        return await installByNpm(names, process.cwd(), AbortSignal.any([signal, interruption.signal]));
      } finally {
        clearInterval(looking);
      }
    },
    outer ? { signal: outer } : {},
  );
}
