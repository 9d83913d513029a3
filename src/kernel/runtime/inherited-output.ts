/** What programs print that a cell starts with `stdio: "inherit"`: it is shown beneath the cell, and not in the log of whoever started the kernel. */
import children, { ChildProcess, type StdioOptions } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const STREAMS = ["stdin", "stdout", "stderr"] as const;
/** Places of `stdio` that print. */
const PRINTING = [1, 2] as const;

type Place = Exclude<StdioOptions, string>[number];

/** `stdio` as a list, and which of its places are inherited. */
function read(stdio: unknown): { list: Place[]; inherited: (1 | 2)[] } {
  const list = (Array.isArray(stdio) ? [...stdio] : [stdio, stdio, stdio]) as Place[];
  const inherited = PRINTING.filter((place) => {
    const given = list[place];
    return given === "inherit" || given === place || given === process[STREAMS[place] as "stdout" | "stderr"];
  });
  return { list, inherited };
}

/** Calls a function that waits for a program, which prints into files meanwhile. */
function waiting<A extends unknown[], R>(call: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    const at = args.findLastIndex((one) => typeof one === "object" && one !== null && !Array.isArray(one));
    const options = args[at] as { stdio?: unknown } | undefined;
    const { list, inherited } = read(options?.stdio);
    if (inherited.length === 0) return call(...args);
    const folder = mkdtempSync(join(tmpdir(), "limpid-output-"));
    const files = inherited.map((place) => ({ place, fd: openSync(join(folder, String(place)), "w") }));
    for (const { place, fd } of files) list[place] = fd;
    try {
      return call(...(args.with(at, { ...options, stdio: list }) as A));
    } finally {
      for (const { place, fd } of files) {
        closeSync(fd);
        process[STREAMS[place] as "stdout" | "stderr"].write(readFileSync(join(folder, String(place))));
      }
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

/** Lets programs that inherit the kernel's output print where the cell does that starts them. */
export function showInheritedOutput(): void {
  const prototype = ChildProcess.prototype as unknown as { spawn(options: { stdio?: unknown }): unknown };
  const { spawn } = prototype;
  prototype.spawn = function (this: ChildProcess, options) {
    const { list, inherited } = read(options.stdio);
    if (inherited.length === 0) return spawn.call(this, options);
    for (const place of inherited) list[place] = "pipe";
    const result = spawn.call(this, { ...options, stdio: list });
    for (const place of inherited) {
      const name = STREAMS[place] as "stdout" | "stderr";
      this[name]?.on("data", (chunk: Uint8Array) => process[name].write(chunk));
    }
    return result;
  };
  children.execSync = waiting(children.execSync) as typeof children.execSync;
  children.execFileSync = waiting(children.execFileSync) as typeof children.execFileSync;
  children.spawnSync = waiting(children.spawnSync) as typeof children.spawnSync;
  syncBuiltinESMExports();
}
