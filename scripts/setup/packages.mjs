import { existsSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { npm, ROOT } from "./paths.mjs";
import { fingerprint, hasStamp, runProgram, writeStamp } from "./process.mjs";

const folder = join(ROOT, "node_modules");
const stamp = join(folder, ".limpid-packages");
const wanted = () => fingerprint([process.platform, process.arch], [join(ROOT, "package-lock.json")]);

/** The npm packages, exactly as the lock file names them, with no install script run. */
export const packages = {
  name: "npm packages",
  missing() {
    if (!existsSync(folder)) return "node_modules is not there";
    // A linked node_modules (several checkouts sharing one) belongs to the checkout it lies in: never emptied from here.
    if (lstatSync(folder).isSymbolicLink()) return undefined;
    if (!hasStamp(stamp, wanted())) return "node_modules does not match package-lock.json";
    return undefined;
  },
  async run(progress) {
    progress("npm ci, as package-lock.json says (about 800 MB on disk)");
    await runProgram(npm, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { onLine: progress });
    writeStamp(stamp, wanted());
  },
};
