import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { isRecord } from "../../src/comms/states/traits.js";
import { CellError } from "../../src/reports/errors.js";
import { executeNotebook } from "../../src/reports/execute.js";
import { cellName, type NotebookCell, type NotebookOutput, readNotebook } from "../../src/reports/notebook.js";
import { notebookKernel } from "../../src/reports/recorded-run.js";
import { departures, has } from "./conventions.js";

/** Seconds that a cell may take, on two cores: one that is tagged `heavy`, and any other. From the second on a bar must be there. */
const HEAVY = 60;
const LIGHT = 5;

interface CheckedRunSettings {
  /** By how much all times may be longer, on a machine that is busy or slow; 1 unless given. */
  readonly patience?: number;
  readonly onCell?: (name: string, seconds: number, tags: readonly string[]) => void;
}

interface CheckedRun {
  /** With the outputs of this run; empty where a cell failed. */
  readonly cells: readonly NotebookCell[];
  /** Of all cells, and of widgets coming to rest. */
  readonly seconds: number;
  /** What is wrong, each in a line or more; empty where nothing is. */
  readonly faults: readonly string[];
}

/**
 * Runs a copy of a notebook from clean, alone in an empty folder, and says what is wrong with it: what fails or warns, what takes too
 * long or shows no progress, what shows nothing, and what departs from how notebooks here are written.
 */
export async function checkedRun(file: string, { patience = 1, onCell }: CheckedRunSettings = {}): Promise<CheckedRun> {
  const folder = await mkdtemp(join(tmpdir(), "limpid-notebooks-"));
  const notebook = await readNotebook(file);
  const faults = departures(notebook, dirname(file));
  const bars = new Set<NotebookCell>();
  const began = performance.now();
  try {
    await copyFile(file, join(folder, basename(file)));
    const { cells } = await executeNotebook(notebook, notebookKernel(folder), {
      parameters: [],
      // One that hangs is ended; one that is too slow is told with its time.
      cellTimeout: 3 * HEAVY * patience + 10,
      allowErrors: false,
      clean: (text) => text,
      // The compiler and the package load once, whatever the first cell does.
      recorder: { start: 'await import("limpid")', end: "" },
      onMessage: (cell, type, content) => void (showsProgress(type, content) && bars.add(cell)),
      onCell: (cell, name, milliseconds) => {
        const seconds = milliseconds / 1000;
        onCell?.(name, seconds, cell.tags);
        faults.push(...slowness(cell, seconds, patience, bars.has(cell)).map((fault) => `${name} ${fault}`));
      },
    });
    faults.push(...cells.flatMap((cell, at) => shownFaults(cell).map((fault) => `${cellName(cell, at)} ${fault}`)));
    return { cells, seconds: (performance.now() - began) / 1000, faults };
  } catch (error) {
    if (!(error instanceof CellError)) throw error;
    faults.push(error.message);
    return { cells: [], seconds: (performance.now() - began) / 1000, faults };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function slowness(cell: NotebookCell, seconds: number, patience: number, hasBar: boolean): string[] {
  const isHeavy = has(cell, "heavy");
  const took = `takes ${seconds.toFixed(1)} s`;
  const limit = isHeavy ? HEAVY : LIGHT;
  return [
    ...(seconds > limit * patience
      ? [`${took}, and may take ${limit}${isHeavy ? "" : ": tag it heavy, or make it faster"}`]
      : []),
    ...(seconds > LIGHT * patience && !hasBar ? [`${took} and shows no progress`] : []),
  ];
}

/** Whether a message moves a bar: one of `progress` or of a method that takes long, or a widget's own. */
function showsProgress(type: string, content: Readonly<Record<string, unknown>>): boolean {
  if (type !== "comm_open" && type !== "comm_msg") return false;
  const data = isRecord(content["data"]) ? content["data"] : {};
  const state = isRecord(data["state"]) ? data["state"] : {};
  return typeof state["progress"] === "number" || /^(Float|Int)ProgressModel$/.test(String(state["_model_name"]));
}

function shownFaults(cell: NotebookCell): string[] {
  const { kind, outputs } = cell;
  if (kind !== "code") return [];
  const warned = outputs.filter(isWarning).map(({ text }) => `warns: ${text.trim()}`);
  return outputs.length === 0 && !has(cell, "checks") && !has(cell, "parameters")
    ? ["shows nothing", ...warned]
    : warned;
}

const isWarning = (output: NotebookOutput): output is Extract<NotebookOutput, { output_type: "stream" }> =>
  output.output_type === "stream" && output.name === "stderr";
