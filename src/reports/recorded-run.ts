import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageFile } from "../kernel-helpers/platform/files.js";
import { cleanEnvironment } from "./environment.js";
import { type Evidence, evidenceOf } from "./evidence.js";
import { type ExecuteSettings, executeNotebook } from "./execute.js";
import type { Notebook, NotebookCell } from "./notebook.js";
import { withoutPrivatePaths } from "./private-paths.js";
import { readRecord, recordingCode } from "./recorder/dump.js";

export type Backend = "native" | "wasm";

export interface RecordedRunSettings extends Omit<ExecuteSettings, "clean" | "recorder"> {
  /** The notebook's folder. */
  readonly folder: string;
  /** What computes; as the kernel chooses unless given. */
  readonly backend?: Backend;
}

/** The kernel that runs a notebook of a folder, with nothing of the environment that is nobody's but its author's. */
export const notebookKernel = (folder: string, backend?: Backend) => ({
  program: packageFile("build", "src", "kernel", "main.js"),
  folder,
  env: { ...cleanEnvironment(process.env), ...(backend && { LIMPID_BACKEND: backend }) },
});

/**
 * Runs a notebook from clean and says what it computed, from what, and on what, and how its cells ended.
 *
 * @throws what `executeNotebook` throws
 */
export async function recordedRun(
  notebook: Notebook,
  { folder, backend, ...settings }: RecordedRunSettings,
): Promise<Evidence & { readonly cells: readonly NotebookCell[] }> {
  const clean = withoutPrivatePaths(folder, packageFile());
  const files = await mkdtemp(join(tmpdir(), "limpid-run-"));
  try {
    const recorder = recordingCode(files, { precompute: false });
    const { cells } = await executeNotebook(notebook, notebookKernel(folder, backend), {
      ...settings,
      clean,
      recorder,
    });
    return { ...(await evidenceOf(await readRecord(files), files, notebook, cells, folder, clean)), cells };
  } finally {
    await rm(files, { recursive: true, force: true });
  }
}
