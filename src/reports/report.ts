import { mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, extname, join, resolve } from "node:path";
import { AbortedError } from "../explainers/progress.js";
import { DataFileError } from "../kernel-helpers/formats/errors.js";
import { checkPlace, writeWhole } from "../kernel-helpers/formats/written.js";
import { packageFile } from "../kernel-helpers/platform/files.js";
import { assembled } from "./assemble/assemble.js";
import { BlobStore } from "./assemble/blob-store.js";
import { widgetIn } from "./assemble/outputs.js";
import { type ComputedParts, computedParts } from "./computed.js";
import { ReportParameterError } from "./errors.js";
import { type Evidence, evidenceOf } from "./evidence.js";
import { type ExecutedNotebook, type ExecuteProgress, executeNotebook } from "./execute.js";
import { REPORT_FORMAT, type ReportView } from "./format.js";
import { LOCK_FILE } from "./inputs/inputs.js";
import type { Ledger } from "./ledger/records.js";
import { type LevelSettings, levelOf, reasonAgainstLive, SAVED, tooLarge } from "./levels.js";
import { type NamedModels, namedModels } from "./models.js";
import { cellName, type NotebookCell, readNotebook } from "./notebook.js";
import { pageText } from "./page-files.js";
import type { GivenParameter } from "./parameters.js";
import { inAllTexts, withoutPrivatePaths } from "./private-paths.js";
import { provenanceOf } from "./provenance.js";
import { type Backend, notebookKernel } from "./recorded-run.js";
import { type RunRecord, readRecord, recordingCode } from "./recorder/dump.js";
import { hearCosts, type KeptTable, keptTables, reportTable, statesInWords, tablesIn } from "./tables.js";

export interface ReportSettings {
  /** The HTML file; the notebook's name with .html unless given. */
  readonly out?: string;
  readonly parameters?: readonly GivenParameter[];
  /** False shows what the notebook's file holds, and runs nothing. */
  readonly execute?: boolean;
  /** Seconds that a cell may take, 600 unless given; 0 for no limit. */
  readonly cellTimeout?: number;
  /** Keeps the outputs of cells that throw, and goes on. */
  readonly allowErrors?: boolean;
  /** What computes; as the kernel chooses unless given. */
  readonly backend?: Backend;
  /** What its widgets are to do, and how large the file may be. */
  readonly levels?: LevelSettings;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ExecuteProgress) => void;
}

export interface MadeReport {
  readonly file: string;
  /** Of the file. */
  readonly bytes: number;
  readonly cells: number;
  /** What its author should know. */
  readonly warnings: readonly string[];
}

/**
 * Makes the report of a notebook: runs it from clean, and writes one HTML file that loads nothing. A file that was there stays whole
 * until the new one is.
 *
 * @throws NotebookFileError, ReportParameterError, CellError, KernelError
 * @throws DataFileError when the file cannot be written, before anything runs where that can be known
 */
export async function makeReport(file: string, settings: ReportSettings = {}): Promise<MadeReport> {
  const { execute = true, parameters = [], cellTimeout = 600, allowErrors = false, levels = {} } = settings;
  const { backend, signal, onProgress } = settings;
  if (!execute && parameters.length > 0) {
    const message =
      "Parameters are given to a notebook that is run; with --no-execute nothing is. Leave out one of both.";
    throw new ReportParameterError(parameters[0]!.name, message);
  }
  const require = createRequire(import.meta.url);
  const { version } = require("limpid/package.json") as { version: string };
  const limpid = packageFile();
  const path = resolve(file);
  const folder = dirname(path);
  const notebook = await readNotebook(file);
  const out = settings.out ?? path.replace(/(\.ipynb)?$/, ".html");
  await checkOut(out, path);
  const clean = withoutPrivatePaths(folder, limpid);
  const lockFile = await readFile(join(folder, LOCK_FILE)).catch(() => undefined);

  const recorded = await mkdtemp(join(tmpdir(), "limpid-report-"));
  let progress: ExecuteProgress = { done: 0, total: 0, doing: "" };
  const tell = (now: ExecuteProgress) => {
    progress = now;
    onProgress?.(now);
  };
  /** What is packed and written holds signals up; they are heard in between. */
  const hear = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted) throw new AbortedError(progress.done, progress.total, signal.reason);
  };
  let unheard = () => {};
  try {
    unheard = hearCosts(recorded, (doing) => tell({ ...progress, doing }));
    const blobs = new BlobStore();
    let run: Run | undefined;
    if (execute) {
      const executed = await executeNotebook(notebook, notebookKernel(folder, backend), {
        ...{ parameters, cellTimeout, allowErrors, clean, recorder: recordingCode(recorded) },
        ...(signal && { signal }),
        onProgress: tell,
      });
      const record = await readRecord(recorded);
      const named = await namedModels(record, executed.cells, recorded, blobs, clean);
      const stored = await keptTables(record, named, recorded, clean);
      const evidence = await evidenceOf(record, recorded, notebook, executed.cells, folder, clean);
      run = { executed, record, named, stored, evidence };
      tell({ ...progress, doing: "writing the report" });
    }
    const cells =
      run?.named.cells ?? notebook.cells.map((cell) => ({ ...cell, outputs: inAllTexts(cell.outputs, clean) }));
    const models = run?.named.models ?? [];
    const names = new Map(cells.map((cell, index) => [cell.id, cellName(cell, index)]));
    const page = models.length > 0 ? await pageText() : undefined;
    const read = run?.record.resources.reduce((sum, { size }) => sum + size, 0) ?? 0;

    /** The report in which widgets choose among these tables, and compute unless something is against it. */
    const draft = async (against: string | undefined, choosing: readonly KeptTable[]) => {
      await hear();
      const own = new BlobStore();
      own.take(blobs);
      const nameOf = (id: string) => names.get(id) ?? "a cell";
      const computed =
        run && (await computedParts(run.record, recorded, own, nameOf, models, { computes: against === undefined }));
      const tables = new Set<KeptTable>();
      const views = viewsIn(cells, ({ id }, model) => {
        if (run === undefined || computed === undefined) return SAVED;
        const states = tablesIn({ model }, choosing, run.named);
        const level = levelOf({ replay: computed.replay.get(id), states: statesInWords(states), against });
        if (level.level === "precomputed") for (const table of states) tables.add(table);
        return level;
      });
      await hear();
      const html = await assembled({
        ...{ name: notebook.name, language: notebook.language, cells, folder, blobs: own, limpid },
        ...(computed && { replay: computed.replay }),
        ...(page && { page }),
        manifest: {
          format: REPORT_FORMAT,
          limpid: version,
          notebook: { name: notebook.name, blob: own.add(notebook.bytes) },
          ...(lockFile && { lockFile: { name: LOCK_FILE, blob: own.add(lockFile) } }),
          parameters: run?.executed.parameters ?? [],
          run: execute ? "executed" : "saved",
          models,
          resources: [],
          ...computed?.manifest,
          views,
          tables: [...tables].map((table) => {
            const seen = [...views.keys()].filter((at) => tablesIn(views[at]!, [table], run!.named).length > 0);
            return reportTable(table, seen, own);
          }),
        },
        ...(run && {
          ledger: withoutTimes(run.evidence.ledger),
          provenance: provenanceOf(notebook.name, run.evidence),
        }),
      });
      return { bytes: new TextEncoder().encode(html), tables, computed };
    };

    const { maxSize = Number.POSITIVE_INFINITY } = levels;
    let against = reasonAgainstLive(levels, { read, size: 0 });
    let choosing = levels.level === "frozen" ? [] : [...(run?.stored.tables ?? [])];
    let made = await draft(against, choosing);
    while (made.bytes.length > maxSize) {
      const largest = [...made.tables].sort((a, b) => b.bytes.length - a.bytes.length)[0];
      if (run && against === undefined && models.length > 0) {
        against = reasonAgainstLive(levels, { read, size: made.bytes.length });
      } else if (largest) choosing = choosing.filter((table) => table !== largest);
      else break;
      made = await draft(against, choosing);
    }
    await hear();
    const written = await writeWhole(out, made.bytes, false);
    const warnings = [
      ...(run?.executed.warnings ?? []),
      ...(run?.stored.refused ?? []),
      ...fallen(cells, made.computed, against, levels),
      ...(written.bytes > maxSize ? [tooLarge(written.bytes, maxSize)] : []),
    ];
    return { file: out, bytes: written.bytes, cells: cells.length, warnings };
  } finally {
    unheard();
    await rm(recorded, { recursive: true, force: true });
  }
}

/** What running the notebook gave. */
interface Run {
  readonly executed: ExecutedNotebook;
  readonly record: RunRecord;
  readonly named: NamedModels;
  readonly stored: Awaited<ReturnType<typeof keptTables>>;
  readonly evidence: Evidence;
}

/** Whether a report can be written there, before the notebook runs for it. @throws DataFileError */
async function checkOut(out: string, notebook: string): Promise<void> {
  const places = [resolve(out), await realpath(out).catch(() => undefined)];
  if (places.includes(notebook) || places.includes(await realpath(notebook))) {
    throw new DataFileError(out, "is the notebook itself, which the report would replace: give another name");
  }
  await checkPlace(out, extname(out).toLowerCase() === ".htm" ? ".htm" : ".html", {});
}

/** Times stand in the provenance alone: the rest of the file is the same for the same notebook. */
const withoutTimes = (ledger: Ledger): Ledger => ({
  ...ledger,
  cells: ledger.cells.map((cell) => ({ ...cell, milliseconds: 0 })),
});

/** The widgets that the notebook displays, in its order. */
function viewsIn(
  cells: readonly NotebookCell[],
  level: (cell: NotebookCell, model: string) => Pick<ReportView, "level" | "reason">,
): ReportView[] {
  return cells
    .filter(({ kind }) => kind === "code")
    .flatMap((cell, at) => {
      let nth = 0;
      return cell.outputs.flatMap((shown, output): ReportView[] => {
        const model = widgetIn(shown);
        return model === undefined ? [] : [{ model, cell: at, output, nth: nth++, ...level(cell, model) }];
      });
    });
}

/** What the author should know of widgets that do less than could be. */
function fallen(
  cells: readonly NotebookCell[],
  computed: ComputedParts | undefined,
  against: string | undefined,
  { level }: LevelSettings,
): string[] {
  if (computed === undefined || level === "frozen" || level === "precomputed") return [];
  const shown = cells.filter(({ outputs }) => outputs.some((output) => widgetIn(output) !== undefined));
  if (shown.length > 0 && against !== undefined) return [`nothing computes in the page, because ${against}`];
  return shown.flatMap((cell) => {
    const replay = computed.replay.get(cell.id);
    const name = cellName(cell, cells.indexOf(cell));
    return replay !== undefined && "reason" in replay
      ? [`${name} cannot run in the page, and its widgets do not compute there: ${replay.reason}`]
      : [];
  });
}
