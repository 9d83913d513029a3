import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { packageRoot } from "../../src/kernel/package-root.js";

test("jupyter_kernel_test and our own suite over jupyter_client pass, nothing skipped and no failure expected", async () => {
  const python = join(packageRoot, ".venv", "bin", "python");
  assert.ok(existsSync(python), `${python} is missing: npm run setup`);
  const script = join(packageRoot, "test", "kernel", "conformance.py");
  const child = spawn(python, [script, join(packageRoot, "build", "src", "kernel", "main.js")]);
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      log += chunk;
    });
  }
  const code = await new Promise((resolve) => child.on("exit", resolve));
  assert.equal(code, 0, log);
  const [, ran] = /Ran (\d+) tests/.exec(log) ?? [];
  assert.ok(Number(ran) >= 22, log);
  assert.doesNotMatch(log, /skipped|expected failure/, log);
});
