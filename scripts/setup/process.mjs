import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "./paths.mjs";

/** A step of the set-up that failed: what was being done, and what to do about it. */
export class SetupError extends Error {
  constructor(message, advice) {
    super(advice ? `${message}\n  → ${advice}` : message);
    this.name = "SetupError";
  }
}

/**
 * Runs a program to its end and returns what it printed on standard output.
 * Each line of its output is handed to `onLine`, so that long steps show that they move.
 * Throws a SetupError with the last lines of the output when it fails.
 */
export function runProgram(command, args, { cwd = ROOT, env = process.env, onLine = () => {} } = {}) {
  return new Promise((resolve, reject) => {
    // On Windows npm is a script of the shell's.
    const shell = command.endsWith(".cmd");
    const child = spawn(command, args, { cwd, env, shell, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let stdout = "";
    let partial = "";
    const take = (chunk) => {
      output = (output + chunk).slice(-8000);
      const lines = (partial + chunk).split(/[\r\n]+/);
      partial = lines.pop() ?? "";
      for (const line of lines) if (line.trim()) onLine(line.trim());
    };
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      stdout += chunk;
      take(chunk);
    });
    child.stderr.setEncoding("utf8").on("data", take);
    child.on("error", (error) => reject(new SetupError(`${command} could not be started: ${error.message}`)));
    child.on("close", (code, signal) => {
      if (code === 0) resolve(stdout);
      else {
        const tail = output.trim().split("\n").slice(-15).join("\n    ");
        reject(new SetupError(`${command} ${args[0] ?? ""} ended with ${signal ?? `status ${code}`}:\n    ${tail}`));
      }
    });
  });
}

/** Runs a short program; undefined when it is missing or fails, else its standard output. */
export function tryProgram(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: "utf8", cwd: ROOT, timeout: 60_000, ...options });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

/** SHA-256 of texts and of the files named, in order. */
export function fingerprint(texts, files = []) {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(text).update("\0");
  for (const file of files) hash.update(existsSync(file) ? readFileSync(file) : "").update("\0");
  return hash.digest("hex");
}

/** Whether the stamp `file` says that the step was done for exactly this `value`. */
export function hasStamp(file, value) {
  return existsSync(file) && readFileSync(file, "utf8") === value;
}

export function writeStamp(file, value) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, value);
}

/** Modification time in ms of the newest file below the given files and folders; 0 where there is none. */
export function newest(paths) {
  let latest = 0;
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) continue;
    if (stat.isDirectory()) latest = Math.max(latest, newest(readdirSync(path).map((name) => join(path, name))));
    else latest = Math.max(latest, stat.mtimeMs);
  }
  return latest;
}
