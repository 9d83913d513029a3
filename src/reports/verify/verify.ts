/** Whether a report still holds: what went into it, then whether running it again gives what it says. */
import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { LimpidError } from "../../explainers/errors.js";
import { type Comparison, compareLedgers } from "../compare/ledgers.js";
import type { ExecuteProgress } from "../execute.js";
import type { Ledger } from "../ledger/records.js";
import { type NotebookCell, readNotebook } from "../notebook.js";
import { type ReadReport, readReport } from "../read-report.js";
import { type Backend, recordedRun } from "../recorded-run.js";
import {
  type ChangedInput,
  changedInputs,
  changedReads,
  changedSurroundings,
  embeddedNotebook,
  newInputs,
} from "./changed-inputs.js";

/** A report cannot be verified: it ran nothing, or does not say what it computed. */
class VerifyError extends LimpidError {}

export interface VerifySettings {
  /** The notebook to run; unless given, the one of the report's name beside it, and where there is none, the one that it holds. */
  readonly notebook?: string;
  /** Relative; as the backend is unless given: 0 on WebAssembly, 1e-4 on TensorFlow's C library. */
  readonly tolerance?: number;
  /** The one that the report was made with unless given. */
  readonly backend?: Backend;
  /** Seconds that a cell may take. */
  readonly cellTimeout: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ExecuteProgress) => void;
  /** Hears of the inputs before anything runs. */
  readonly onInputs?: (notebook: RunNotebook, changed: readonly ChangedInput[]) => void;
}

/** Which notebook was run: the file's path, or that it is the report's own. */
export type RunNotebook = { readonly file: string } | "embedded";

export interface Verification {
  readonly report: string;
  readonly notebook: RunNotebook;
  readonly reproduced: boolean;
  readonly inputs: readonly ChangedInput[];
  /** Those of `inputs` that only running it again has shown. */
  readonly late: readonly ChangedInput[];
  /** Versions and machines that differ, in words. */
  readonly surroundings: readonly string[];
  readonly backend: string;
  readonly comparison: Comparison;
}

/**
 * Runs what a report was made from again and compares every value that it recorded.
 *
 * @throws ReportFileError, VerifyError; what running a notebook throws
 */
export async function verifyReport(file: string, settings: VerifySettings): Promise<Verification> {
  const { tolerance, cellTimeout, signal, onProgress, onInputs } = settings;
  const report = await readReport(file);
  const { manifest, ledger, run } = report;
  if (manifest.run === "saved") {
    throw new VerifyError(
      `${file} shows what a notebook's file held: nothing was run when it was made, so there is nothing to verify`,
    );
  }
  if (ledger === undefined || run === undefined) {
    throw new VerifyError(
      `${file} does not say what it computed: it was made by a Limpid that kept no record, or without it`,
    );
  }
  const { source, folder, used } = await notebookFor(report, settings.notebook);
  const embedded = embeddedNotebook(await report.blob(manifest.notebook.blob), manifest.notebook.name);
  const notebook = source ?? embedded;
  const before = await changedInputs(run.inputs, notebook, embedded, folder, keptBy(report));
  onInputs?.(used, before);

  const backend = settings.backend ?? backendOf(run.facts.backend?.name);
  const parameters = manifest.parameters.map(([name, value]) => ({ name, text: JSON.stringify(value) }));
  const again = await recordedRun(notebook, {
    // A cell that fails now is named with all that it made differ.
    ...{ folder, parameters, cellTimeout, allowErrors: true, ...(backend && { backend }) },
    ...{ ...(signal && { signal }), ...(onProgress && { onProgress }) },
  });
  throwBroken(ledger, again.cells);
  const comparison = compareLedgers(ledger, again.ledger, tolerance === undefined ? {} : { tolerance });
  const late = [...changedReads(run.inputs, again.inputs, before), ...newInputs(run.inputs, again.inputs)];
  return {
    ...{ report: file, notebook: used, reproduced: comparison.reproduced, inputs: [...before, ...late], late },
    surroundings: changedSurroundings(run.facts, again.facts),
    ...{ backend: again.ledger.backend, comparison },
  };
}

/** A cell that ran before and now fails otherwise than by its own expectation computed nothing that could be compared. */
function throwBroken(was: Ledger, cells: readonly NotebookCell[]): void {
  const ran = new Map(was.cells.filter(({ failed }) => !failed).map(({ id, name }) => [id, name]));
  for (const { id, outputs } of cells) {
    const error = outputs.find(({ output_type }) => output_type === "error");
    if (error?.output_type !== "error" || !ran.has(id) || error.ename === "ExpectationError") continue;
    throw new VerifyError(
      `${sentence(ran.get(id)!)} ran when the report was made and fails now: ${error.ename}: ${error.evalue}`,
    );
  }
}

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

async function notebookFor(report: ReadReport, given: string | undefined) {
  const folder = dirname(resolve(report.file));
  // A name with folders in it is not ours.
  const beside = join(folder, basename(report.manifest.notebook.name.replaceAll("\\", "/")));
  const file = given ?? (existsSync(beside) ? beside : undefined);
  if (file === undefined) return { source: undefined, folder, used: "embedded" } as const;
  return { source: await readNotebook(file), folder: dirname(resolve(file)), used: { file } } as const;
}

const backendOf = (name: string | undefined): Backend | undefined =>
  name === "tensorflow" ? "native" : name === "wasm" ? "wasm" : undefined;

/** The files that a report holds whole, by key. */
function keptBy({ manifest, blob }: ReadReport) {
  return async (key: string): Promise<Uint8Array | undefined> => {
    if (key === manifest.lockFile?.name) return blob(manifest.lockFile.blob);
    const found = manifest.resources.find((resource) => resource.key === key && resource.kind === "file");
    return found?.blob === undefined ? undefined : blob(found.blob);
  };
}
