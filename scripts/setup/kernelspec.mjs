import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { IS_CLONE, ROOT, SHARE, VENV } from "./paths.mjs";

/** Kernel.json and logos: the sources in a clone, what was packed elsewhere. */
export const SPEC = IS_CLONE ? join(ROOT, "src", "kernel", "spec") : join(SHARE, "kernels", "limpid");
const folder = join(VENV, "share", "jupyter", "kernels", "limpid");
const kernel = join(ROOT, "build", "src", "kernel", "main.js");

/** kernel.json that starts the kernel by the words of `start`. */
export function kernelJson(start) {
  const spec = JSON.parse(readFileSync(join(SPEC, "kernel.json"), "utf8"));
  spec.argv = [...start, "{connection_file}"];
  return `${JSON.stringify(spec, null, 2)}\n`;
}

/** kernel.json with this machine's Node and this folder's kernel. */
export const ownKernelJson = () => kernelJson([process.execPath, kernel]);

/** Writes the kernelspec `limpid` into a folder. */
function write(target, json) {
  mkdirSync(target, { recursive: true });
  cpSync(SPEC, target, { recursive: true });
  writeFileSync(join(target, "kernel.json"), json);
}

/** The kernelspec that is packed: it finds the kernel from where it lies itself, and Node on the PATH. */
export function buildKernelspec() {
  const path = ["{resource_dir}", "..", "..", "..", "..", "build", "src", "kernel", "main.js"].join("/");
  write(join(SHARE, "kernels", "limpid"), kernelJson(["node", path]));
}

/** The kernelspec `limpid`, inside .venv only. */
export const kernelspec = {
  name: "kernelspec limpid",
  missing() {
    const file = join(folder, "kernel.json");
    if (!existsSync(file)) return "it is not installed in .venv";
    if (readFileSync(file, "utf8") !== ownKernelJson()) return "it names another Node or another folder";
    return undefined;
  },
  async run() {
    write(folder, ownKernelJson());
  },
};
