import { Dialog, showDialog } from "@jupyterlab/apputils";
import type { Contents } from "@jupyterlab/services";
import { Widget } from "@lumino/widgets";
import "limpid/widgets.css";
import { formatNumber } from "../../comms/format.js";
import { element } from "../parts/dom.js";
import { ReportForm, type ReportOptions } from "./form.js";
import type { Making, Outcome } from "./making.js";
import type { NotebookParameter } from "./parameters.js";

const TITLE = "Export as live report";

const body = (...parts: HTMLElement[]): Widget =>
  new Widget({ node: element("div", { class: "limpid-report-body" }, ...parts) });

/**
 * Asks for a report's options, as words of a command line and as they were entered; undefined where it is called off.
 *
 * @param before what was entered before, to be changed
 */
export async function askOptions(
  notebook: string,
  parameters: readonly NotebookParameter[] | undefined,
  before?: ReportOptions,
): Promise<{ readonly words: string[]; readonly entered: ReportOptions } | undefined> {
  const form = new ReportForm(notebook, parameters, before);
  const { button, value } = await showDialog<string[]>({
    title: TITLE,
    body: form,
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: "Export" })],
  });
  return button.accept && value !== null ? { words: value, entered: form.entered } : undefined;
}

/** Shows how far a report is, with a button that stops it, until it is done or the dialog is hidden. */
export async function watchMaking(notebook: string, making: Making): Promise<void> {
  const words = element("p", { class: "limpid-report-words", role: "status" });
  const bar = element("progress", { class: "limpid-report-progress", "aria-label": "Cells done" });
  const tell = () => {
    const { progress } = making;
    words.textContent =
      progress === undefined
        ? "Starting a kernel for it…"
        : `${progress.done} of ${progress.total} cells done: ${progress.doing}`;
    if (progress === undefined || progress.total === 0) return;
    bar.max = progress.total;
    bar.value = progress.done;
  };
  making.onProgress = tell;
  tell();
  const dialog = new Dialog({
    title: `Report of ${notebook}`,
    body: body(words, bar),
    // A key that was meant for something else does not stop it.
    defaultButton: 0,
    buttons: [
      Dialog.cancelButton({ label: "Hide", caption: "Go on with it behind the notebook" }),
      Dialog.warnButton({ label: "Stop", caption: "Give it up; a file that was there stays" }),
    ],
  });
  void making.done.then(() => dialog.dispose());
  // Taken away, it has no answer.
  const answer = await dialog.launch().catch(() => undefined);
  making.onProgress = () => {};
  if (answer?.button.accept) making.stop();
}

/** Tells what became of a report; true where its options are to be asked for once more. */
export async function tellOutcome(outcome: Outcome, contents: Contents.IManager): Promise<boolean> {
  if ("stopped" in outcome) return false;
  if ("failed" in outcome) {
    const { button } = await showDialog({
      title: "The report could not be made",
      body: body(element("pre", { class: "limpid-report-failure", role: "alert" }, outcome.failed)),
      buttons: [Dialog.cancelButton({ label: "Close" }), Dialog.okButton({ label: "Options…" })],
    });
    return button.accept;
  }
  const { path, bytes, warnings } = outcome.made;
  const { button } = await showDialog({
    title: "The report is ready",
    body: body(
      element(
        "p",
        {},
        element("strong", {}, path),
        `, ${formatNumber(bytes / 1e6, 2)}\u202fMB. It needs no Jupyter and no network.`,
      ),
      element("ul", { hidden: warnings.length === 0 }, ...warnings.map((warning) => element("li", {}, warning))),
    ),
    buttons: [
      Dialog.cancelButton({ label: "Close" }),
      Dialog.okButton({ label: "Download", actions: ["download"], className: "limpid-report-download" }),
      Dialog.okButton({ label: "Open", actions: ["open"] }),
    ],
  });
  if (!button.accept) return false;
  const url = await contents.getDownloadUrl(path);
  const link = element("a", { href: url, target: "_blank", rel: "noopener" });
  if (button.actions.includes("download")) link.download = path.slice(path.lastIndexOf("/") + 1);
  document.body.append(link);
  link.click();
  link.remove();
  return false;
}
