/** The other half of `kernel-helpers/platform/packages`: a page installs nothing. */
import { InstallError } from "../../kernel-helpers/notebook/install-error.js";

export async function installByNpm(names: readonly string[]): Promise<never> {
  throw new InstallError(names, "a report's page has no npm; run the notebook in JupyterLab");
}
