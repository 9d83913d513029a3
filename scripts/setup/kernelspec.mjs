import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, VENV } from "./paths.mjs";

const folder = join(VENV, "share", "jupyter", "kernels", "limpid");
const file = join(folder, "kernel.json");
const template = join(ROOT, "src", "kernel", "spec");

/** kernel.json with this machine's Node and this folder's kernel. */
function wanted() {
  const spec = JSON.parse(readFileSync(join(template, "kernel.json"), "utf8"));
  spec.argv = [process.execPath, join(ROOT, "build", "src", "kernel", "main.js"), "{connection_file}"];
  return `${JSON.stringify(spec, null, 2)}\n`;
}

/** The kernelspec `limpid`, inside .venv only. */
export const kernelspec = {
  name: "kernelspec limpid",
  missing() {
    if (!existsSync(file)) return "it is not installed in .venv";
    if (readFileSync(file, "utf8") !== wanted()) return "it names another Node or another folder";
    return undefined;
  },
  async run() {
    mkdirSync(folder, { recursive: true });
    cpSync(template, folder, { recursive: true });
    writeFileSync(file, wanted());
  },
};
