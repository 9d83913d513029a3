import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { runProgram } from "../data/fetch/program.js";
import { InstallError } from "./install-error.js";

const OPTIONS = ["--no-audit", "--no-fund", "--no-progress", "--loglevel=error"];

/** Installs packages into `folder` itself, whatever lies above it; gives each with the version that is there now. */
export async function installByNpm(names: readonly string[], folder: string, signal: AbortSignal): Promise<string[]> {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const { code, stderr } = await runProgram(npm, ["install", ...OPTIONS, "--prefix", folder, "--", ...names], {
    cwd: folder,
    signal,
  });
  if (code === undefined) throw new InstallError(names, "npm was not found on the PATH; it comes with Node.js");
  if (code !== 0) throw new InstallError(names, reasonOf(stderr));
  return Promise.all(names.map((name) => installed(name.replace(/(?<=.)@.*$/, ""), folder)));
}

async function installed(name: string, folder: string): Promise<string> {
  const manifest = await readFile(join(folder, "node_modules", ...name.split("/"), "package.json"), "utf8");
  return `${name}@${(JSON.parse(manifest) as { version: string }).version}`;
}

/** What npm says went wrong, with what to do where its own words leave that open. */
function reasonOf(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.replace(/^npm (error|ERR!)\s*/, "").trim());
  const code = /^code (\w+)$/m.exec(lines.join("\n"))?.[1];
  if (code === "E404") return "npm's registry has no package of that name; is it spelled right?";
  if (code === "ETARGET") return "npm's registry has the package, but no such version of it";
  if (code !== undefined && ["ENOTFOUND", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EAI_AGAIN"].includes(code)) {
    return `npm cannot reach its registry (${code}); is this machine online, and a proxy set where it needs one?`;
  }
  const told = lines.filter((line) => line !== "" && !/^(code |A complete log)/.test(line));
  return `npm says: ${told.slice(0, 4).join(" ") || "nothing"}`;
}
