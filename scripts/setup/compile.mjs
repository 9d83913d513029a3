import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./paths.mjs";
import { newest, runProgram } from "./process.mjs";

const info = join(ROOT, "build", ".tsbuildinfo");
const sources = ["src", "test", "tools", "tsconfig.json", "package-lock.json"].map((name) => join(ROOT, name));

/** The compiled sources in build/. */
export const compile = {
  name: "compiled sources",
  missing() {
    if (!existsSync(info)) return "build/ is not there";
    if (newest(sources) > statSync(info).mtimeMs) return "sources changed since they were compiled";
    return undefined;
  },
  async run(progress) {
    progress("tsc");
    await runProgram(process.execPath, [join(ROOT, "node_modules", "typescript", "bin", "tsc"), "-p", ROOT], {
      onLine: progress,
    });
    const { utimesSync } = await import("node:fs");
    utimesSync(info, new Date(), new Date());
  },
};
