import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { currentHost } from "../comms/host.js";
import { REPORT_EXPORT, type ReportExport } from "../comms/report-export.js";
import { LimpidError } from "../explainers/errors.js";
import { packageFile } from "../kernel-helpers/platform/files.js";

/** A report that JupyterLab asked for was not made; the message is what `limpid report` says. */
export class ReportExportError extends LimpidError {}

/** Milliseconds between two looks at whether the kernel was interrupted. */
const LOOK = 200;

/**
 * Runs `limpid report` as a process of its own, and shows how far it is and what file came of it as outputs of the running cell, for
 * JupyterLab to read. An interrupt, or the kernel's end, ends that process.
 *
 * @param words what follows `limpid report` on a command line
 * @throws ReportExportError with what the command says of its failure
 */
export async function exportReport(words: readonly string[]): Promise<void> {
  const host = currentHost();
  const child = spawn(process.execPath, [packageFile("scripts", "limpid.mjs"), "report", ...words], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const end = () => child.kill("SIGINT");
  process.once("exit", end);
  const looking = setInterval(() => {
    try {
      host?.check();
    } catch {
      end();
    }
  }, LOOK);
  const said: string[] = [];
  child.on("message", (news: ReportExport) => host?.display({ [REPORT_EXPORT]: news, "text/plain": inWords(news) }));
  // Progress comes as messages; what is written is of the end.
  createInterface({ input: child.stderr! }).on("line", (line) => {
    if (line.startsWith("limpid: ") || said.length > 0) said.push(line.replace(/^limpid: /, ""));
  });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    if (code !== 0) throw new ReportExportError(said.join("\n") || `limpid report ended with ${code ?? "a signal"}`);
  } finally {
    clearInterval(looking);
    process.off("exit", end);
  }
}

const inWords = (news: ReportExport): string =>
  "file" in news ? news.file : `${news.done} of ${news.total} cells done, ${news.doing}`;
