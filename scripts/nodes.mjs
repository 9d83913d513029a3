/**
 * `npm run test:nodes`: on every version of Node.js that Limpid supports the tests of the kernel pass, and a report that one version makes on
 * WebAssembly is reproduced bit by bit by all. `-- --kernel` runs the first alone. The versions come from npm, as packages that hold nothing
 * but the binary.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { ROOT } from "./setup/paths.mjs";

const VERSIONS = ["20", "22", "24"];
const PACKAGE = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
/** What runs whole notebooks is no test of the kernel. */
const NOT_KERNEL = ["notebooks.test.js", "reports.test.js"];
const kernelAlone = process.argv.includes("--kernel");
const [notebook = join(ROOT, "notebooks", "00-first-light.ipynb")] = process.argv
  .slice(2)
  .filter((word) => !word.startsWith("--"));

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

/** Runs the tests of the kernel, one file after the other, and returns how many failed. */
function testKernel(node, name) {
  const tests = join(ROOT, "build", "test", "kernel");
  const files = readdirSync(tests).filter((file) => file.endsWith(".test.js") && !NOT_KERNEL.includes(file));
  const options = ["--test", "--test-concurrency=1", "--test-reporter=tap"];
  const { stdout } = spawnSync(node, [...options, ...files.map((file) => join(tests, file))], {
    ...{ cwd: ROOT, encoding: "utf8", maxBuffer: 1e9, stdio: ["ignore", "pipe", "inherit"] },
    // A kernel that Jupyter starts is run by the first Node.js of the path.
    env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}`, LIMPID_HISTORY: "off" },
  });
  const count = (word) => Number(new RegExp(`^# ${word} (\\d+)$`, "m").exec(stdout)?.[1] ?? Number.NaN);
  console.log(`${name}: ${count("pass")} tests of the kernel passed, ${count("fail")} failed`);
  for (const [, failed] of stdout.matchAll(/^ *not ok \d+ - (.*)$/gm)) console.log(`  ${failed}`);
  return count("pass") > 0 ? count("fail") + count("cancelled") : 1;
}

const versions = VERSIONS.map((version) => {
  const node = nodeOf(version);
  return { node, name: `Node.js ${execFileSync(node, ["--version"], { encoding: "utf8" }).trim().slice(1)}` };
});
let failures = 0;
for (const { node, name } of versions) failures += testKernel(node, name);
if (kernelAlone) process.exit(failures > 0 ? 1 : 0);

const folder = mkdtempSync(join(tmpdir(), "limpid-nodes-"));
try {
  const study = join(folder, "study.ipynb");
  const report = join(folder, "study.html");
  cpSync(notebook, study);
  const limpid = (node, ...words) =>
    spawnSync(node, [join(ROOT, "scripts", "limpid.mjs"), "report", ...words], { encoding: "utf8", maxBuffer: 1e9 });
  for (const [at, { node, name }] of versions.entries()) {
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
