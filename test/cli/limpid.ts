import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** A function that runs a launcher with words, as a user would. */
export function launched(launcher: string): (...words: string[]) => Promise<Outcome> {
  return (...words) => {
    const { TF_CPP_MIN_LOG_LEVEL: _, ...env } = process.env;
    return new Promise((resolve) => {
      execFile(process.execPath, [launcher, ...words], { env, timeout: 120_000 }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : 255;
        resolve({ code, stdout, stderr });
      });
    });
  };
}

/** Runs `limpid …words` as a user would. */
export const limpid = launched(fileURLToPath(new URL("../../../scripts/limpid.mjs", import.meta.url)));
