import { CellOutputs, type SharedDisplays } from "../reports/cell-outputs.js";
import type { ReportManifest } from "../reports/format.js";
import type { Ledger } from "../reports/ledger/records.js";
import { ledgerOf } from "../reports/ledger/run-ledger.js";
import type { RecordedCell } from "../reports/recorder/recording.js";
import { dependents } from "../reports/variables.js";
import { blobBytes, blobString } from "./document.js";
import { kernelWorker, resourcesOf } from "./kernel-worker.js";
import type { FromWorker, PageCell, ToWorker } from "./protocol.js";

/** What a browser computed of a report's notebook. */
export interface Recomputed {
  /** Of the cells that were run. */
  readonly ledger: Ledger;
  /** Cells that were not, by their places in the manifest's list, and why. */
  readonly left: ReadonlyMap<number, string>;
  /** What may make numbers differ, a sentence each. */
  readonly notes: readonly string[];
}

export interface RecomputeOptions {
  readonly signal: AbortSignal;
  /** `name` is the cell that begins. */
  readonly onProgress: (done: number, total: number, name: string) => void;
}

/** The reader has had enough. */
export class RecomputeStoppedError extends Error {
  override name = "RecomputeStoppedError";
}

/**
 * Runs all cells that can run in a page from clean, in a kernel of its own: what lives in the page goes on as it is.
 *
 * @throws RecomputeStoppedError; Error where the kernel does not start
 */
export async function recompute(
  manifest: ReportManifest,
  was: Ledger,
  { signal, onProgress }: RecomputeOptions,
): Promise<Recomputed> {
  const program = manifest.program!;
  const worker = await kernelWorker(program);
  const stop = () => worker.terminate();
  const stopped = new Promise<never>((_, reject) => {
    const end = () => reject(new RecomputeStoppedError("Stopped"));
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
    worker.onerror = (event) => reject(new Error(event.message || "The page's kernel broke"));
  });
  stopped.catch(stop);
  try {
    return await Promise.race([runAll(worker, manifest, was, await blobBytes(program.wasm), onProgress), stopped]);
  } finally {
    stop();
  }
}

async function runAll(
  worker: Worker,
  manifest: ReportManifest,
  was: Ledger,
  wasm: Uint8Array<ArrayBuffer>,
  onProgress: RecomputeOptions["onProgress"],
): Promise<Recomputed> {
  const { cells } = manifest;
  const codes = await Promise.all(
    cells.map(({ replay }) => (replay !== undefined && "code" in replay ? blobString(replay.code) : undefined)),
  );
  const displays: SharedDisplays = new Map();
  const outputs = cells.map(() => new CellOutputs(displays));
  const values = new Map<number, RecordedCell>();
  const notes: string[] = [];
  let heard: (message: FromWorker) => void = () => {};
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (data.type === "recorded") values.set(data.cell, data.values);
    else if (data.type === "note") notes.push(`${cells[data.cell]?.name ?? "A cell"}: ${data.text}`);
    const jupyter = asJupyter(data);
    if (jupyter && "cell" in data) outputs[data.cell]?.take(...jupyter);
    heard(data);
  };
  const until = <T extends FromWorker["type"]>(type: T, message: ToWorker) =>
    new Promise<Extract<FromWorker, { type: T }>>((resolve) => {
      heard = (found) => {
        if (found.type === type) resolve(found as Extract<FromWorker, { type: T }>);
      };
      worker.postMessage(message);
    });

  const resources = resourcesOf(manifest);
  const { backend, error } = await until("started", { type: "start", wasm, resources, record: true });
  if (backend === undefined) throw new Error(error?.traceback.join("\n") ?? "The page's kernel does not start");

  const left = new Map<number, string>();
  const failed = new Set<number>();
  const total = codes.filter((code) => code !== undefined).length;
  let done = 0;
  for (const [at, { name, replay }] of cells.entries()) {
    const code = codes[at];
    const needs = dependents(codes, failed).get(at);
    if (code === undefined) {
      left.set(
        at,
        replay !== undefined && "reason" in replay ? replay.reason : "it was not run when the report was made",
      );
      continue;
    }
    if (needs !== undefined) {
      left.set(at, `it uses ${needs.variable} of ${cells[needs.cell]!.name}, which failed here`);
      continue;
    }
    onProgress(done++, total, name);
    const cell: PageCell = { cell: at, name, code };
    const ran = await until("ran", { type: "run", cell });
    if (ran.failed) failed.add(at);
  }

  const ran = cells.flatMap((_, at) => (values.has(at) ? [at] : []));
  const known = new Map(was.cells.map((cell) => [cell.id, cell]));
  const ledger = await ledgerOf(
    String(backend["name"]),
    ran.map((at) => ({ ...values.get(at)!, id: cells[at]!.id })),
    ran.map((at) => {
      const { id, name } = cells[at]!;
      return { id, name, tags: known.get(id)?.volatile ? ["volatile"] : [], outputs: outputs[at]!.finished() };
    }),
  );
  return { ledger, left, notes };
}

/** A message of the page's kernel as Jupyter's, which a cell's outputs are made of: its type and content. */
function asJupyter(message: FromWorker): [type: string, content: Record<string, unknown>] | undefined {
  switch (message.type) {
    case "stream":
      return ["stream", { name: message.name, text: message.text }];
    case "result":
      return ["execute_result", { data: message.bundle, metadata: {} }];
    case "error":
      return ["error", { ...message.error }];
    case "clear":
      return ["clear_output", { wait: message.wait }];
    case "display": {
      const { displayId, update, metadata = {} } = message.options;
      const transient = displayId === undefined ? {} : { display_id: displayId };
      return [update ? "update_display_data" : "display_data", { data: message.bundle, metadata, transient }];
    }
    default:
      return undefined;
  }
}
