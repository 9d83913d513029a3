import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { inputsOf } from "./inputs/inputs.js";
import type { Ledger } from "./ledger/records.js";
import { ledgerOf } from "./ledger/run-ledger.js";
import { cellName, type Notebook, type NotebookCell } from "./notebook.js";
import { inAllTexts } from "./private-paths.js";
import type { InputFile, RunFacts } from "./provenance.js";
import type { RunRecord } from "./recorder/dump.js";

/** By what another run can be compared with one: what it computed, from what, and on what. */
export interface Evidence {
  readonly ledger: Ledger;
  readonly inputs: readonly InputFile[];
  readonly facts: RunFacts;
}

/**
 * The evidence of a recorded run.
 *
 * @param files The folder that the recorder has written into.
 * @param cells The notebook's cells as they ran, in their order, with what they put out.
 * @param folder The notebook's.
 * @param clean Changes each text.
 */
export async function evidenceOf(
  record: RunRecord,
  files: string,
  notebook: Notebook,
  cells: readonly NotebookCell[],
  folder: string,
  clean: (text: string) => string,
): Promise<Evidence> {
  const named = cells.map((cell, index) => ({ ...cell, name: cellName(cell, index) }));
  const ran = named.filter(({ kind, source }) => kind === "code" && source.trim() !== "");
  const resources = await Promise.all(
    record.resources.map(async ({ key, kind, file }) => ({ key, kind, bytes: await readFile(join(files, file)) })),
  );
  const code = record.cells.map((cell) => cell.code);
  const [ledger, inputs] = await Promise.all([
    ledgerOf(record.facts.backend?.name, record.cells, ran),
    inputsOf(notebook, folder, resources, record.reads, code),
  ]);
  return { ledger: inAllTexts(ledger, clean), inputs, facts: record.facts };
}
