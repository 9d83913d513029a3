/** Puts the states that were computed for a report's page into its file. */
import { existsSync, type FSWatcher, readFileSync, watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { formatCount } from "../comms/format.js";
import type { JsonObject } from "../comms/message.js";
import { referredModels } from "../comms/references.js";
import type { BlobStore } from "./assemble/blob-store.js";
import type { ReportTable, ReportView } from "./format.js";
import type { NamedModels } from "./models.js";
import { inAllTexts } from "./private-paths.js";
import { COSTS_FILE, type RunRecord } from "./recorder/dump.js";
import { modelsOf, type PrecomputedTable } from "./table.js";

/** A table of stored states, and the models that it changes. */
export interface KeptTable {
  readonly table: PrecomputedTable;
  readonly bytes: Uint8Array;
}

/**
 * The tables of a run, under the names that models have in the report; and why others are none.
 *
 * @param clean Changes each text of a state.
 */
export async function keptTables(
  { wishes }: Pick<RunRecord, "wishes">,
  { renamed }: NamedModels,
  folder: string,
  clean: (text: string) => string,
): Promise<{ tables: KeptTable[]; refused: string[] }> {
  const tables: KeptTable[] = [];
  for (const { table, file } of wishes) {
    // Where only what is shown was listed, nothing is to be chosen.
    if (table === undefined || file === undefined || table.states.length === 0) continue;
    // A key holds names of models and the values of settings; both stand in the table, too.
    tables.push({
      table: inAllTexts(table, (text) => clean(renamed(text))),
      bytes: await readFile(join(folder, file)),
    });
  }
  return { tables, refused: wishes.flatMap(({ refused }) => refused ?? []) };
}

/** Tells what states take as soon as the kernel knows, before it computes them; returns what ends that. */
export function hearCosts(folder: string, tell: (words: string) => void): () => void {
  let told = 0;
  const read = () => {
    const lines = existsSync(join(folder, COSTS_FILE))
      ? readFileSync(join(folder, COSTS_FILE), "utf8").split("\n").slice(0, -1)
      : [];
    for (const line of lines.slice(told)) tell(line);
    told = Math.max(told, lines.length);
  };
  // Where the system watches no more files (it has a limit of them), costs are told at the end.
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(folder, read).on("error", () => watcher?.close());
  } catch {}
  return () => {
    watcher?.close();
    read();
  };
}

/** Which of these tables a displayed widget goes by: those that it, or what stands in it, has a setting of or is changed by. */
export function tablesIn(
  view: Pick<ReportView, "model">,
  tables: readonly KeptTable[],
  { models }: Pick<NamedModels, "models">,
): KeptTable[] {
  const within = new Set<string>();
  const queue = [view.model];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const model = models.find((one) => one.id === id);
    if (within.has(id) || model === undefined) continue;
    within.add(id);
    queue.push(...referredModels(model.state));
  }
  return tables.filter(({ table }) => [...modelsOf(table)].some((model) => within.has(model)));
}

/** `26 states: γ, target`; undefined without any. */
export function statesInWords(tables: readonly KeptTable[]): string | undefined {
  const count = tables.reduce((sum, { table }) => sum + table.states.length, 0);
  if (count === 0) return undefined;
  const labels = tables.flatMap(({ table }) => table.axes.map(({ label }) => label));
  return `${formatCount(count)} states: ${[...new Set(labels)].join(", ")}`;
}

/** A table as the manifest has it; its arrays become a blob. */
export const reportTable = ({ table, bytes }: KeptTable, views: readonly number[], blobs: BlobStore): ReportTable => ({
  views,
  table: table as unknown as JsonObject,
  blobs: [blobs.add(bytes)],
});
