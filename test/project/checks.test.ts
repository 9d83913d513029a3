import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));

function passes(script: string, ...args: string[]): void {
  const result = spawnSync(process.execPath, [`node_modules/${script}`, ...args], { cwd: root, encoding: "utf8" });
  assert.equal(result.status, 0, `${result.stdout}\n${result.stderr}`);
}

test("the code is formatted and linted", () => {
  passes("@biomejs/biome/bin/biome", "ci", "--diagnostic-level=error", ".");
});

test("imports follow the arrows between the rooms", () => {
  passes("dependency-cruiser/bin/dependency-cruise.mjs", "--config", ".dependency-cruiser.cjs", "src");
});

test("the explainers type-check without Node and without a page", () => {
  passes("typescript/bin/tsc", "-p", "src/explainers/tsconfig.json");
});

test("no file, export or dependency is unused", () => {
  passes("knip/bin/knip.js", "--no-progress");
});
