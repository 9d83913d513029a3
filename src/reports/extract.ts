import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { DataFileError } from "../kernel-helpers/formats/errors.js";
import { writeWhole } from "../kernel-helpers/formats/written.js";
import { readReport } from "./read-report.js";

/**
 * Writes what a report was made from into a folder: the notebook as it was given, the lock file, and the provenance as an RO-Crate has
 * it, `ro-crate-metadata.json`.
 *
 * @returns The files, in the order in which they were written.
 * @throws ReportFileError for a file that is no report, or is damaged
 * @throws DataFileError where a file is there already and `overwrite` is not true
 */
export async function extractReport(file: string, folder: string, overwrite = false): Promise<string[]> {
  const report = await readReport(file);
  const { notebook, lockFile } = report.manifest;
  const parts: [string, Uint8Array][] = [];
  for (const part of lockFile ? [notebook, lockFile] : [notebook]) {
    // A name with folders in it is not ours: nothing is written outside of the folder.
    parts.push([basename(part.name.replaceAll("\\", "/")), await report.blob(part.blob)]);
  }
  if (report.provenance !== undefined) {
    const json = `${JSON.stringify(report.provenance, null, 2)}\n`;
    parts.push(["ro-crate-metadata.json", new TextEncoder().encode(json)]);
  }
  await mkdir(folder, { recursive: true });
  const files = parts.map(([name, bytes]) => [join(folder, name), bytes] as const);
  const there = overwrite ? undefined : files.find(([path]) => existsSync(path));
  if (there) throw new DataFileError(there[0], "is there already: choose another folder (-o), or give --overwrite");
  for (const [path, bytes] of files) await writeWhole(path, bytes, existsSync(path));
  return files.map(([path]) => path);
}
