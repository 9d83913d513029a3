import { spawn } from "node:child_process";

/** How a program ended. */
export interface Ended {
  /** Its exit code; undefined where it could not be started. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, or until `signal` ends it. Never rejects but by the signal. */
export async function runProgram(
  command: string,
  args: readonly string[],
  { env, cwd, signal }: { env?: NodeJS.ProcessEnv; cwd?: string; signal?: AbortSignal | undefined } = {},
): Promise<Ended> {
  signal?.throwIfAborted();
  // npm is a batch file on Windows, which needs the shell.
  const shell = process.platform === "win32" && command.endsWith(".cmd");
  const child = spawn(command, [...args], { env, cwd, shell, stdio: ["ignore", "pipe", "pipe"] });
  const abort = () => child.kill();
  signal?.addEventListener("abort", abort, { once: true });
  const text = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text.stdout += part;
  });
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    text.stderr += part;
  });
  const code = await new Promise<number | undefined>((resolve) => {
    child.once("error", () => resolve(undefined));
    child.once("close", (ended) => resolve(ended ?? 1));
  });
  signal?.removeEventListener("abort", abort);
  signal?.throwIfAborted();
  return { code, ...text };
}
