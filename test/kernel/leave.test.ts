import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { startKernel } from "../helpers/kernel.js";

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

test("programs that a cell starts print beneath it, and end with the kernel unless they are detached", async () => {
  const kernel = await startKernel();
  const { stdout, stderr } =
    await kernel.execute(`import { execSync, spawn, spawnSync } from "node:child_process"; import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
    execSync("echo waited; echo wrong >&2", { stdio: "inherit" });
    spawnSync("echo", ["also"], { stdio: ["ignore", 1, "pipe"] });
    await once(spawn("echo", ["started"], { stdio: "inherit" }), "close");`);
  assert.deepEqual(stdout.split("\n").sort(), ["", "also", "started", "waited"]);
  assert.equal(stderr, "wrong\n");
  const pids = await kernel.evaluate(
    `[spawn("sleep", ["60"]).pid, spawn("sh", ["-c", "trap '' TERM; sleep 60; true"]).pid, spawn("sleep", ["60"], { detached: true, stdio: "ignore" }).pid]`,
  );
  const [plain, stubborn, detached] = String(pids).match(/\d+/g)!.map(Number);
  await kernel.stop();
  // Only Linux tells whose children they are. One that has ended may wait for whoever took it over.
  const state = (pid: number) =>
    existsSync(`/proc/${pid}/stat`) ? /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1] : undefined;
  if (process.platform === "linux")
    for (const pid of [plain!, stubborn!]) assert.ok([undefined, "Z", "X"].includes(state(pid)), state(pid));
  process.kill(detached!, "SIGKILL");
});
