/**
 * `npm run test:nodes`: a report that one version of Node.js makes on WebAssembly is reproduced bit by bit by all that Limpid supports.
 * The versions come from npm, as packages that hold nothing but the binary.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./setup/paths.mjs";

const VERSIONS = ["20", "22", "24"];
const PACKAGE = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
const [, , notebook = join(ROOT, "notebooks", "00-first-light.ipynb")] = process.argv;

/** The binary of a version, which npm fetches once. */
function nodeOf(version) {
  const folder = join(ROOT, "build", "nodes", version);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const options = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  execFileSync(npm, ["install", ...options, `${PACKAGE}@${version}`], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return join(folder, "node_modules", PACKAGE, "bin", process.platform === "win32" ? "node.exe" : "node");
}

const folder = mkdtempSync(join(tmpdir(), "limpid-nodes-"));
let failures = 0;
try {
  const study = join(folder, "study.ipynb");
  const report = join(folder, "study.html");
  cpSync(notebook, study);
  const limpid = (node, ...words) =>
    spawnSync(node, [join(ROOT, "scripts", "limpid.mjs"), "report", ...words], { encoding: "utf8", maxBuffer: 1e9 });
  for (const [at, version] of VERSIONS.entries()) {
    const node = nodeOf(version);
    const name = `Node.js ${execFileSync(node, ["--version"], { encoding: "utf8" }).trim().slice(1)}`;
    if (at === 0) {
      const made = limpid(node, study, "-o", report, "--backend", "wasm", "--frozen");
      if (made.status !== 0) throw new Error(`${name} makes no report:\n${made.stderr}`);
      console.log(`made by ${name} on WebAssembly`);
    }
    const { status, stdout, stderr } = limpid(node, "--verify", report, "--json");
    const { comparison, message } = status === 2 ? JSON.parse(stdout || "{}") : JSON.parse(stdout);
    const isExact = status === 0 && comparison.tolerance === 0 && comparison.compared > 0;
    if (!isExact) failures += 1;
    const found = comparison
      ? `${comparison.agreed} of ${comparison.compared} values agree bit by bit`
      : `cannot run it: ${message ?? stderr}`;
    console.log(`${isExact ? "reproduced" : "differs"} by ${name}: ${found}`);
    for (const { name: cell, quantity, was, is } of comparison?.differences ?? []) {
      console.log(`  ${cell}, ${quantity}: was ${was}, is ${is}`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failures > 0 ? 1 : 0;
