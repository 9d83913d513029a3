import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

const launcher = fileURLToPath(new URL("../../../scripts/limpid.mjs", import.meta.url));

/** Runs `limpid …words` as a user would. */
export function limpid(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { TF_CPP_MIN_LOG_LEVEL: _, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, [launcher, ...words], { env, timeout: 120_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 255;
      resolve({ code, stdout, stderr });
    });
  });
}
