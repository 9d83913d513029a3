import { cpSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, SHARE, VENV } from "./paths.mjs";
import { fingerprint, hasStamp, newest, runProgram, writeStamp } from "./process.mjs";

/** Where the builder writes, as package.json says. */
export const built = join(SHARE, "labextensions", "limpid");
const installed = join(VENV, "share", "jupyter", "labextensions", "limpid");
const stamp = join(installed, ".limpid-extension");
const inputs = ["build/src/widgets", "build/src/comms/states", "src/widgets", "package-lock.json", "package.json"];
const wanted = () => fingerprint([String(newest(inputs.map((name) => join(ROOT, name))))]);

/** Bundles the widgets for JupyterLab and Notebook 7, without Python. */
export async function buildExtension(progress) {
  progress("bundling the widgets");
  rmSync(built, { recursive: true, force: true });
  const builder = join(ROOT, "node_modules", "@jupyter", "builder", "lib", "build-labextension.js");
  const core = join(ROOT, "node_modules", "@jupyterlab", "core-meta", "core.package.json");
  await runProgram(process.execPath, [builder, "--core-package-file", core, ROOT], { onLine: progress });
}

/** The JupyterLab extension with the widgets, built and copied into .venv. */
export const extension = {
  name: "JupyterLab extension",
  missing() {
    if (!existsSync(installed)) return "it is not installed in .venv";
    if (!hasStamp(stamp, wanted())) return "the widgets changed since it was built";
    return undefined;
  },
  async run(progress) {
    await buildExtension(progress);
    rmSync(installed, { recursive: true, force: true });
    cpSync(built, installed, { recursive: true });
    writeFileSync(
      join(installed, "install.json"),
      `${JSON.stringify({ packageManager: "npm", packageName: "limpid", uninstallInstructions: "Remove this folder." }, null, 2)}\n`,
    );
    writeStamp(stamp, wanted());
  },
};
