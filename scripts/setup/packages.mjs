import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./paths.mjs";
import { fingerprint, hasStamp, runProgram, writeStamp } from "./process.mjs";

const stamp = join(ROOT, "node_modules", ".limpid-packages");
const wanted = () => fingerprint([process.platform, process.arch], [join(ROOT, "package-lock.json")]);

/** The npm packages, exactly as the lock file names them, with no install script run. */
export const packages = {
  name: "npm packages",
  missing() {
    if (!existsSync(join(ROOT, "node_modules"))) return "node_modules is not there";
    if (!hasStamp(stamp, wanted())) return "node_modules does not match package-lock.json";
    return undefined;
  },
  async run(progress) {
    progress("npm ci (about 800 MB on disk)");
    const windows = process.platform === "win32";
    await runProgram(windows ? "npm.cmd" : "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
      onLine: progress,
    });
    writeStamp(stamp, wanted());
  },
};
