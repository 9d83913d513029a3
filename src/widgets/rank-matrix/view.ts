import type { DOMWidgetView } from "@jupyter-widgets/base";
import { formatNumber } from "../../comms/format.js";
import { MEAN_RANK, type RankMatrixState, rankedCount } from "../../comms/states/rank-matrix.js";
import { dropdown } from "../parts/choices.js";
import { element } from "../parts/dom.js";
import { heading } from "../parts/heading.js";
import { WidgetView } from "../parts/view.js";
import { endOf, work } from "../parts/work.js";
import { rankLegend } from "./marks.js";
import type { RankMatrixModel } from "./model.js";
import { rankTable } from "./table.js";

/** Methods by measures, ranked: what a mark says in words, and where two measures disagree. */
export class RankMatrixView extends WidgetView<RankMatrixState, RankMatrixModel> {
  private detail: { model: unknown; view: Promise<DOMWidgetView> } | undefined;
  private readonly beneath = element("div", { class: "limpid-rank-detail" });

  override render(): void {
    const model = this.shown;
    const top = this.keep(heading(model));
    const verdict = element("p", { class: "limpid-rank-verdict", role: "status" });
    const legend = rankLegend();
    const sort = dropdown("Sort by", "What the methods are sorted by, from the best on", (value) =>
      model.choose({ sort: value }),
    );
    const reading = element("div", { class: "limpid-rank-reading", role: "status" });
    const table = rankTable(
      (row, column) => this.read(reading, row, column),
      (measure) => this.choose(measure),
    );
    const empty = element("div", { class: "limpid-rank-empty" });
    const compared = element("section", { class: "limpid-rank-compared", "aria-label": "Where two measures disagree" });
    const run = this.keep(
      work((event) => model.send({ event }), {
        failure: "limpid-rank-error",
        doing: "Evaluating",
        stopHint: "Stop: what is evaluated stays, and can be run on",
        stopped: "what stands above is of the cells that were reached.",
        again: "Run on",
        againHint: "Compute the cells that are missing",
        retryHint: "Evaluate once more",
      }),
    );
    const block = element(
      "div",
      { class: "limpid-rank-body" },
      verdict,
      element("div", { class: "limpid-rank-controls" }, legend.element, sort.element),
      table.element,
      reading,
    );
    this.lay(
      "rank-matrix",
      top.element,
      run.failure,
      empty,
      block,
      element("div", { class: "limpid-rank-run" }, run.working, run.ended),
      compared,
      this.beneath,
    );

    this.draw(["verdict"], () => {
      verdict.textContent = model.trait("verdict");
    });
    this.draw(["measures", "sort"], () => {
      sort.offer([
        { value: "", label: "As given" },
        { value: MEAN_RANK, label: MEAN_RANK },
        ...model.trait("measures").map(({ label }) => ({ value: label, label })),
      ]);
      sort.set(model.trait("sort"));
    });
    this.draw(["methods"], () => legend.set(rankedCount(model.trait("methods"))));
    this.draw(["methods", "measures", "cells", "order", "pair"], () => {
      table.set({
        methods: model.trait("methods"),
        measures: model.trait("measures"),
        cells: model.trait("cells"),
        order: model.trait("order"),
        pair: model.trait("pair"),
      });
      block.hidden = model.trait("methods").length === 0;
      if (!table.element.contains(document.activeElement)) this.read(reading, null, 0);
    });
    this.draw(["methods", "running", "error"], () => {
      empty.hidden = model.trait("methods").length > 0 || model.trait("error") !== "";
      empty.textContent = model.running ? "The first values are on their way." : "Nothing has been evaluated yet.";
    });
    this.draw(["running", "progress"], () => {
      run.showProgress(this.el, model.running, model.trait("progress"));
    });
    this.draw(["running", "stopped", "error", "methods"], () =>
      run.showEnd({
        ...endOf(model),
        canRetry: model.trait("methods").length === 0,
      }),
    );
    this.draw(["pair", "pairWords", "disagreements", "measures", "maps", "detail"], () => this.compare(compared));
    this.draw(["detail"], () => void this.showDetail());
  }

  override remove() {
    void this.detail?.view.then((view) => view.remove());
    return super.remove();
  }

  /** Says of a cell what its mark stands for. */
  private read(target: HTMLElement, row: number | null, column: number): void {
    const [methods, measures] = [this.shown.trait("methods"), this.shown.trait("measures")];
    const cell = row === null ? undefined : this.shown.trait("cells")[row * measures.length + column];
    if (row === null || cell === undefined) {
      target.replaceChildren(
        element(
          "p",
          { class: "limpid-rank-hint" },
          "Point at a mark, or walk over them by the arrow keys: its mean, and how it compares.",
        ),
      );
      return;
    }
    const { words, comparisons, reasons } = cell;
    target.replaceChildren(
      element("p", {}, element("strong", {}, `${methods[row]!.label} by ${measures[column]!.label}`), `: ${words}`),
      ...(comparisons.length > 0 ? [element("p", { class: "limpid-rank-hint" }, comparisons.join(" · "))] : []),
      ...reasons.map((reason) => element("p", { class: "limpid-rank-reason" }, `⚠ ${reason}`)),
    );
  }

  /** Chooses a measure, or leaves it out again; of three, the one chosen first goes. */
  private choose(measure: string): void {
    const pair = this.shown.trait("pair");
    const next = pair.includes(measure) ? pair.filter((label) => label !== measure) : [...pair, measure].slice(-2);
    this.shown.choose({ pair: next });
  }

  private compare(target: HTMLElement): void {
    const model = this.shown;
    const [a, b] = model.trait("pair");
    const found = model.trait("disagreements");
    target.hidden = model.trait("methods").length === 0 || model.trait("measures").length < 2;
    const title =
      a !== undefined && b !== undefined
        ? `Where ${a} and ${b} disagree most`
        : "Where two measures disagree: choose two by their names";
    const rest = a !== undefined && b === undefined ? `${a}, and … choose another.` : "";
    const lines = found.map(({ name, tau, orders }) =>
      element(
        "li",
        {},
        element("strong", {}, name),
        ` (τ ${formatNumber(tau, 2)}): ${orders[0].join(" > ")} by ${a}; ${orders[1].join(" > ")} by ${b}`,
      ),
    );
    const absent =
      found.length > 0 && model.trait("maps") === "absent"
        ? [element("p", { class: "limpid-rank-hint" }, "Give the matrix model and data, and the maps stand here.")]
        : [];
    target.replaceChildren(
      element("h4", {}, title),
      ...[rest, model.trait("pairWords")].filter((words) => words !== "").map((words) => element("p", {}, words)),
      ...(lines.length > 0 && model.detail === null ? [element("ol", { class: "limpid-rank-samples" }, ...lines)] : []),
      ...absent,
    );
  }

  private async showDetail(): Promise<void> {
    const { detail } = this.shown;
    if (detail === (this.detail?.model ?? null)) return;
    const before = this.detail;
    this.detail = undefined;
    this.beneath.replaceChildren();
    void before?.view.then((view) => view.remove());
    if (detail === null) return;
    const view = this.create_child_view(detail) as Promise<DOMWidgetView>;
    this.detail = { model: detail, view };
    const made = await view;
    if (this.detail?.model === detail) this.beneath.replaceChildren(made.el);
  }
}
