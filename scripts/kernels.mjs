/**
 * `npm run test:kernels`: what the stock tslab kernel, Deno's, ipykernel and this one do, as the table of docs/kernel.md. tslab and ipykernel are
 * those that Limpid is tested with; Deno comes from npm.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./setup/paths.mjs";

const DENO = "2.9.6";

function deno() {
  const folder = join(ROOT, "build", "kernels");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
  const options = ["--no-save", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  execFileSync("npm", ["install", ...options, `deno@${DENO}`], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  return join(folder, "node_modules", ".bin", "deno");
}

const python = join(ROOT, ".venv", "bin", "python");
const file = "{connection_file}";
const kernels = {
  tslab: [[join(ROOT, "node_modules", ".bin", "tslab"), "kernel", `--config-path=${file}`], "typescript", "signal"],
  Deno: [[deno(), "jupyter", "--kernel", "--conn", file], "typescript", "message"],
  ipykernel: [[python, "-m", "ipykernel_launcher", "-f", file], "python", "signal"],
  Limpid: [[process.execPath, join(ROOT, "build", "src", "kernel", "main.js"), file], "typescript", "message"],
};
const { status } = spawnSync(python, [join(ROOT, "test", "kernel", "kernels.py"), JSON.stringify(kernels)], {
  stdio: ["ignore", "inherit", "inherit"],
  env: { ...process.env, LIMPID_HISTORY: "off", DENO_NO_UPDATE_CHECK: "1" },
});
process.exitCode = status ?? 1;
