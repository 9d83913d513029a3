import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const MODULE = pathToFileURL(join(import.meta.dirname, "..", "..", "src", "kernel", "server", "leave.js")).href;

/** How a process ends that leaves by `close` and, asked to exit, does `exit`. */
async function leaving(close: string, exit: string, grace: number): Promise<unknown[]> {
  const program = `import { leave } from ${JSON.stringify(MODULE)};
    leave({ close: async () => { ${close} }, exit: () => { ${exit} }, kill: () => process.kill(process.pid, "SIGKILL"), grace: ${grace} })
      .catch(() => {});`;
  return once(spawn(process.execPath, ["--input-type=module", "-e", program]), "exit");
}

test("a process that leaves exits by itself, and is killed when the closing or the exit hangs", async () => {
  assert.deepEqual(await leaving("", "process.exit(0)", 60_000), [0, null]);
  assert.deepEqual(await leaving("throw new Error('closed already')", "process.exit(0)", 60_000), [0, null]);
  assert.deepEqual(await leaving("await new Promise(() => {})", "process.exit(0)", 50), [null, "SIGKILL"]);
  assert.deepEqual(await leaving("", "", 50), [null, "SIGKILL"]);
});
