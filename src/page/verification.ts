import { formatShort } from "../comms/format.js";
import { type Comparison, compareLedgers, type Difference, type Untold } from "../reports/compare/ledgers.js";
import type { ReportManifest } from "../reports/format.js";
import type { Ledger } from "../reports/ledger/records.js";
import { readLedger } from "./document.js";
import { RecomputeStoppedError, recompute } from "./recompute.js";

/** A comparison, and what the page knows beside it. */
interface Verdict {
  readonly comparison: Comparison;
  /** Cells that a page cannot run, with the reasons. */
  readonly left: readonly Untold[];
  readonly notes: readonly string[];
}

const COLUMNS = ["Cell", "Value", "In the report", "Here", "Allowed"];
/** Most differences that are shown. */
const ROWS = 200;

/** The button "Run again and compare", where the report holds what that takes. */
export function verificationButton(manifest: ReportManifest): HTMLButtonElement | undefined {
  const ledger = readLedger();
  const runs = manifest.cells.some(({ replay }) => replay !== undefined && "code" in replay);
  if (ledger === undefined || manifest.program === undefined || !runs) return undefined;
  const button = element("button", { type: "button", textContent: "Run again and compare" });
  button.title = "Computes everything anew in this browser and compares it with what the report says";
  button.addEventListener("click", () => void verify(manifest, ledger));
  return button;
}

/** Runs the notebook in this browser, and shows in a dialog what of it differs. */
async function verify(manifest: ReportManifest, was: Ledger): Promise<void> {
  const controller = new AbortController();
  const dialog = verificationDialog(() => controller.abort());
  try {
    const verdict = await compareHere(manifest, was, controller.signal, dialog.progress);
    dialog.show(verdict, was);
  } catch (error) {
    if (!(error instanceof RecomputeStoppedError)) dialog.fail((error as Error).message);
  }
}

async function compareHere(
  manifest: ReportManifest,
  was: Ledger,
  signal: AbortSignal,
  onProgress: (done: number, total: number, name: string) => void,
): Promise<Verdict> {
  const { ledger, left, notes } = await recompute(manifest, was, { signal, onProgress });
  const ran = new Set(ledger.cells.map(({ id }) => id));
  const comparison = compareLedgers({ ...was, cells: was.cells.filter(({ id }) => ran.has(id)) }, ledger);
  const reasons = new Map([...left].map(([at, reason]) => [manifest.cells[at]!.id, reason]));
  const missing = was.cells
    .filter(({ id }) => !ran.has(id))
    .map(({ id, name }) => ({
      cell: id,
      name,
      quantity: "the cell",
      why: reasons.get(id) ?? "it did not end here",
    }));
  return { comparison, left: missing, notes };
}

interface VerificationDialog {
  progress(done: number, total: number, name: string): void;
  show(verdict: Verdict, was: Ledger): void;
  fail(message: string): void;
}

function verificationDialog(onClose: () => void): VerificationDialog {
  const dialog = element("dialog", { className: "verification" });
  const title = element("h2", { id: "limpid-verification-title", textContent: "Run again and compare" });
  dialog.setAttribute("aria-labelledby", title.id);
  const close = element("button", { type: "button", textContent: "Stop" });
  const words = element("p", { className: "doing", textContent: "Starting a kernel of its own in this page …" });
  words.setAttribute("role", "status");
  const bar = element("progress", { ariaLabel: "Cells that have run" });
  const body = element("div", { className: "found" });
  const head = element("header", {});
  head.append(title, close);
  dialog.append(head, words, bar, body);
  document.body.append(dialog);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    onClose();
    dialog.remove();
  });
  dialog.showModal();
  const ended = () => {
    bar.remove();
    close.textContent = "Close";
  };
  return {
    progress(done, total, name) {
      bar.max = total;
      bar.value = done;
      words.textContent = `Computing ${name}: ${done + 1} of ${total} cells`;
    },
    show(verdict, was) {
      ended();
      dialog.dataset["verdict"] = verdict.comparison.verdict;
      words.className = "verdict";
      words.textContent = verdictInWords(verdict);
      body.replaceChildren(...found(verdict, was));
    },
    fail(message) {
      ended();
      dialog.dataset["verdict"] = "failed";
      words.className = "verdict";
      words.textContent = `It could not be run in this browser: ${message}`;
    },
  };
}

function verdictInWords({ comparison, left }: Verdict): string {
  const { verdict, agreed, compared } = comparison;
  const rest = left.length === 0 ? "" : `, ${left.length} ${left.length === 1 ? "cell" : "cells"} cannot run in a page`;
  if (verdict === "nothing") return `Nothing could be compared${rest}`;
  return verdict === "reproduced"
    ? `Reproduced: ${agreed === 1 ? "the one value agrees" : `all ${agreed} values agree`}${rest}`
    : `Differs: ${compared - agreed} of ${compared} values${rest}`;
}

function found({ comparison, left, notes }: Verdict, was: Ledger): HTMLElement[] {
  const { differences, more, untold, tolerance } = comparison;
  const where = { tensorflow: "TensorFlow’s C library", wasm: "WebAssembly" }[was.backend];
  const how =
    tolerance === 0
      ? "Compared bit by bit: WebAssembly and JavaScript compute the same bits in every browser."
      : `Compared within ${formatShort(tolerance)} relative: the report was computed by ${where ?? was.backend}, this page by WebAssembly, which sums in another order.`;
  const parts: HTMLElement[] = [element("p", { className: "how", textContent: how })];
  for (const note of notes) parts.push(element("p", { className: "how", textContent: note }));
  if (differences.length > 0) parts.push(differencesTable(differences.slice(0, ROWS)));
  const unseen = more + Math.max(0, differences.length - ROWS);
  if (unseen > 0) parts.push(element("p", { className: "how", textContent: `and ${unseen} more in the same values` }));
  const skipped = [...left, ...untold];
  if (skipped.length > 0) {
    const details = element("details", {});
    details.append(element("summary", { textContent: `Not compared: ${skipped.length}` }));
    const list = element("ul", {});
    list.append(
      ...skipped.map(({ name, quantity, why }) => element("li", { textContent: `${name}, ${quantity}: ${why}` })),
    );
    details.append(list);
    parts.push(details);
  }
  return parts;
}

function differencesTable(differences: readonly Difference[]): HTMLElement {
  const table = element("table", {});
  const head = table.createTHead().insertRow();
  for (const name of COLUMNS) {
    const cell = element("th", { textContent: name, scope: "col" });
    head.append(cell);
  }
  const body = table.createTBody();
  for (const { name, quantity, was, is, tolerance, distance } of differences) {
    const row = body.insertRow();
    [name.replace(/^cell /, ""), quantity, was, is, tolerance].forEach((text, column) => {
      const cell = row.insertCell();
      cell.textContent = text;
      // Where there is no room for columns, each value says what it is.
      cell.dataset["column"] = COLUMNS[column];
    });
    if (distance === "") continue;
    const more = element("small", { textContent: distance });
    row.cells[1]!.append(more);
  }
  const scroller = element("div", { className: "scroller", tabIndex: 0 });
  scroller.setAttribute("role", "region");
  scroller.setAttribute("aria-label", "Values that differ");
  scroller.append(table);
  return scroller;
}

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Partial<HTMLElementTagNameMap[K]>,
): HTMLElementTagNameMap[K] {
  return Object.assign(document.createElement(name), properties);
}
