import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { long } from "../every.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));

function passes(script: string, ...args: string[]): void {
  const result = spawnSync(process.execPath, [`node_modules/${script}`, ...args], { cwd: root, encoding: "utf8" });
  assert.equal(result.status, 0, `${result.stdout}\n${result.stderr}`);
}

test("the code is formatted and linted", () => {
  passes("@biomejs/biome/bin/biome", "ci", "--diagnostic-level=error", ".");
});

test("imports follow the arrows between the rooms", () => {
  passes("dependency-cruiser/bin/dependency-cruise.mjs", "--config", ".dependency-cruiser.cjs", "src", "tools");
});

test("an import says what it imports, so that the arrows are seen: none of a computed name", () => {
  // What cells import, and a module that a user wrote for the browser, is known when they run; scripts of the set-up are not compiled.
  const exempt = ["src/kernel/runtime/modules.ts", "src/widgets/module-widget/model.ts", "tools/bench/redis.ts"];
  const computed: string[] = [];
  for (const room of ["src", "tools"]) {
    for (const name of readdirSync(`${root}${room}`, { recursive: true, encoding: "utf8" })) {
      const file = `${room}/${name}`;
      if (!file.endsWith(".ts") || exempt.includes(file)) continue;
      const source = ts.createSourceFile(file, readFileSync(`${root}${file}`, "utf8"), ts.ScriptTarget.Latest);
      const visit = (node: ts.Node): void => {
        const isImport = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
        if (isImport && !ts.isStringLiteral(node.arguments[0]!)) {
          computed.push(`${file}:${source.getLineAndCharacterOfPosition(node.pos).line + 1}`);
        }
        ts.forEachChild(node, visit);
      };
      visit(source);
    }
  }
  assert.deepEqual(computed, []);
});

test("the explainers type-check without Node and without a page", long, () => {
  passes("typescript/bin/tsc", "-p", "src/explainers/tsconfig.json");
});

test("no file, export or dependency is unused", () => {
  passes("knip/bin/knip.js", "--no-progress");
});
