import type { RecordedCell } from "../recorder/recording.js";
import { type CellOutput, recordOutputs } from "./outputs.js";
import type { Ledger, LedgerCell } from "./records.js";

/** A code cell that was run, as the notebook has it, with what it put out. */
export interface RanNotebookCell {
  readonly id: string;
  /** How messages name it. */
  readonly name: string;
  readonly tags: readonly string[];
  readonly outputs: readonly CellOutput[];
}

/** Tags by which an author says that a cell gives other values each time. */
const VOLATILE = ["volatile", "not-reproducible"];

/**
 * The ledger of a run: what was recorded of its cells, and what they put out, both in the order of running.
 *
 * @param backend TensorFlow.js' name of what computed; undefined where nothing did.
 */
export async function ledgerOf(
  backend: string | undefined,
  recorded: readonly RecordedCell[],
  cells: readonly RanNotebookCell[],
): Promise<Ledger> {
  const left = [...recorded];
  const ledger = cells.map(async ({ id, name, tags, outputs }): Promise<LedgerCell> => {
    // Cells run in order; one that the recorder did not hear of takes nobody's place.
    const at = left.findIndex((cell) => cell.id === undefined || cell.id === id);
    const [values] = at < 0 ? [] : left.splice(at, 1);
    return {
      ...{ id, name, volatile: tags.some((tag) => VOLATILE.includes(tag)) },
      ...{ failed: values?.failed ?? false, milliseconds: Math.round(values?.milliseconds ?? 0) },
      quantities: [...(values?.quantities ?? []), ...(await recordOutputs(outputs))],
    };
  });
  return { version: 1, backend: backend ?? "none", cells: await Promise.all(ledger) };
}
