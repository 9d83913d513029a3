import { formatFixed, formatNumber, sentenceCase } from "../../comms/format.js";
import { BRUSHED, type CellTextState, REACH } from "../../comms/states/cell-text.js";
import { reaching } from "../../comms/states/colors.js";
import { colorOfSeries } from "../../comms/states/plot.js";
import { colorBar } from "../heatmap/color-bar.js";
import { dropdown } from "../parts/choices.js";
import { element } from "../parts/dom.js";
import { heading } from "../parts/heading.js";
import { reads } from "../parts/lock.js";
import { type NumberField, numberField } from "../parts/number-field.js";
import { titled, WidgetView } from "../parts/view.js";
import { endOf, work } from "../parts/work.js";
import { bestList } from "./best-list.js";
import type { CellTextModel } from "./model.js";
import { saturationChart } from "./saturation.js";
import { textPane } from "./text-pane.js";

const DOING = { nothing: "Working", cells: "Following the cells", ranking: "Ranking the cells" };

/** A text colored by one cell, its gates, and what follows a rule. */
export class CellTextView extends WidgetView<CellTextState, CellTextModel> {
  /** A cell that is pointed at in a panel. */
  private pointed = -1;
  private said = "";

  override render(): void {
    const model = this.shown;
    const top = this.keep(heading(model));
    const rule = dropdown(
      "Rule",
      "What cells are searched for; brush a phrase in the text to search for that",
      (value) => model.choose({ rule: value }),
    );
    const layer = dropdown("Layer", "The recurrent layer of the cell", (value) =>
      model.choose({ layer: value, cell: 0 }),
    );
    const cellPlace = element("div", {});
    const pane = this.keep(
      textPane(
        (cursor) => {
          if (cursor !== model.trait("cursor")) model.choose({ cursor });
        },
        (from, to) => model.choose({ rule: BRUSHED, from, to }),
      ),
    );
    reads(pane.element);
    const paneTitle = element("h4", {});
    const reading = element("p", { class: "limpid-cell-reading", role: "status" });
    const bar = colorBar(null, reaching(REACH));
    const stripes = element("div", { class: "limpid-cell-legend" });
    const verdict = element("p", { class: "limpid-cell-verdict", role: "status" });
    const best = bestList(
      ({ layer: name, cell }) => model.choose({ layer: name, cell }),
      (score) => {
        this.pointed = score !== null && score.layer === model.trait("layer") ? score.cell : -1;
        saturation.mark(model.trait("cell"), this.pointed);
      },
    );
    const saturation = saturationChart(
      (words, cell) => {
        this.said = words;
        this.pointed = cell;
        saturation.mark(model.trait("cell"), cell);
        read();
      },
      (cell) => model.choose({ cell }),
    );
    const run = this.keep(
      work((event) => model.send({ event }), {
        failure: "limpid-cell-failure",
        doing: "Working",
        now: () => DOING[model.trait("doing")],
        stopHint: "Stop: what is there stays",
        stopped: "what is shown is from before.",
        again: "Run again",
        againHint: "Compute what is missing",
        retryHint: "Compute it once more",
      }),
    );
    const panels = element(
      "div",
      { class: "limpid-cell-panels" },
      titled("Cells that follow the rule", best.element),
      titled("Gate saturation: one point a cell and gate", saturation.element),
    );
    const read = () => {
      reading.textContent = this.said !== "" ? this.said : this.reading();
    };
    this.lay(
      "cell-text",
      top.element,
      run.failure,
      element(
        "div",
        { class: "limpid-cell-body" },
        element("div", { class: "limpid-cell-controls" }, rule.element, layer.element, cellPlace),
        paneTitle,
        pane.element,
        reading,
        element("div", { class: "limpid-cell-scales" }, bar.element, stripes),
        element("div", { class: "limpid-cell-run" }, run.working, run.ended),
        verdict,
        panels,
      ),
    );

    this.draw(["tokens"], () => pane.setText(model.trait("tokens")));
    this.draw(["rules", "rule", "from", "to", "tokens"], () => {
      const [from, to] = [model.trait("from"), model.trait("to")];
      const brushed = model.trait("tokens").slice(from, to).join("").replaceAll("\n", "↵");
      const label = `brushed: “${brushed.length > 24 ? `${brushed.slice(0, 23)}…` : brushed}”`;
      const own = from < 0 ? [] : [{ value: BRUSHED, label, hint: "What was brushed in the text, wherever it stands" }];
      rule.offer([...model.trait("rules"), ...own].map((one) => ({ ...one, label: sentenceCase(one.label) })));
      rule.set(model.trait("rule"));
    });
    let field: NumberField | undefined;
    this.draw(["layers", "layer"], () => {
      const layers = model.trait("layers");
      layer.offer(layers.map(({ name, words }) => ({ value: name, label: words })));
      layer.set(model.trait("layer"));
      layer.element.hidden = layers.length === 0;
      const cells = layers.find(({ name }) => name === model.trait("layer"))?.cells ?? 0;
      const most = Math.max(0, cells - 1);
      field = numberField({
        label: "Cell",
        hint: "Which cell colors the text; arrow keys go to the next",
        unit: cells > 0 ? `of ${cells}` : "",
        least: 0,
        most,
        whole: true,
        range: `from 0 to ${most}`,
        onChange: (value) => {
          if (value !== null) model.choose({ cell: value });
          else field?.set(model.trait("cell"));
        },
      });
      cellPlace.replaceChildren(field.element);
      cellPlace.hidden = cells === 0;
      field.set(model.trait("cell"));
    });
    this.draw(["cell"], () => field?.set(model.trait("cell")));
    this.draw(["values", "gates", "limit", "holds", "from", "to", "rule", "cursor"], () => {
      const steps = model.trait("tokens").length;
      const gates = model.trait("gates");
      const brushed = model.trait("rule") === BRUSHED;
      pane.set({
        values: model.trait("values")?.values ?? null,
        limit: model.trait("limit"),
        gates: Array.from({ length: gates?.shape[0] ?? 0 }, (_, at) =>
          gates!.values.subarray(at * steps, (at + 1) * steps),
        ),
        holds: model.trait("holds")?.values ?? null,
        brushed: brushed ? [model.trait("from"), model.trait("to")] : [-1, -1],
        cursor: model.trait("cursor"),
      });
      const cursor = model.trait("cursor");
      bar.mark(cursor < 0 ? null : (model.trait("values")?.values[cursor] ?? null));
      read();
    });
    this.draw(["layer", "cell", "quantity", "values", "limit", "layers"], () => {
      const quantity = model.trait("quantity");
      const isThere = model.trait("values") !== null;
      paneTitle.textContent = isThere
        ? `Cell ${model.trait("cell")} of ${model.trait("layer")}: ${quantity} after each step`
        : "The text";
      bar.element.hidden = !isThere;
      bar.set(model.trait("limit"), true, false, [`${quantity} below 0`, `${quantity} above 0`]);
      const names = model.trait("layers").find(({ name }) => name === model.trait("layer"))?.gates ?? [];
      stripes.hidden = !isThere;
      stripes.replaceChildren(
        element(
          "span",
          {},
          element("span", { class: "limpid-cell-swatch limpid-cell-holds", "aria-hidden": "true" }),
          "the rule holds",
        ),
        ...names.map((name, at) => {
          const key = element("span", { class: "limpid-cell-swatch", "aria-hidden": "true" });
          key.style.setProperty("--gate", colorOfSeries(at));
          return element("span", {}, key, `${name} gate, 0 to 1`);
        }),
      );
    });
    this.draw(["saturation", "layer", "layers"], () => {
      const shares = model.trait("saturation");
      const names = model.trait("layers").find(({ name }) => name === model.trait("layer"))?.gates ?? [];
      saturation.set(names, shares?.shape[1] ?? 0, shares?.values ?? null);
      saturation.mark(model.trait("cell"), this.pointed);
    });
    this.draw(["cell"], () => saturation.mark(model.trait("cell"), this.pointed));
    this.draw(["best", "measure", "chance", "always", "layer", "cell", "layers"], () => {
      best.set({
        best: model.trait("best"),
        measure: model.trait("measure"),
        chance: model.trait("chance"),
        always: model.trait("always"),
        layer: model.trait("layer"),
        cell: model.trait("cell"),
        several: model.trait("layers").length > 1,
      });
    });
    this.draw(["values"], () => {
      panels.hidden = model.trait("values") === null;
    });
    this.draw(["verdict"], () => {
      verdict.textContent = model.trait("verdict");
    });
    this.draw(["running", "progress", "doing"], () => {
      run.showProgress(this.el, model.running, model.trait("progress"));
    });
    this.draw(["running", "stopped", "error"], () => run.showEnd(endOf(model)));
  }

  /** What is held at the step that is pointed at. */
  private reading(): string {
    const model = this.shown;
    const at = model.trait("cursor");
    const values = model.trait("values")?.values;
    const token = model.trait("tokens")[at];
    if (token === undefined)
      return values === undefined ? "" : "Point at a character, or brush a phrase to find its cells.";
    const shown = token === "\n" ? "↵" : token === " " ? "blank" : token === "\t" ? "tab" : token;
    const gates = model.trait("gates");
    const names = model.trait("layers").find(({ name }) => name === model.trait("layer"))?.gates ?? [];
    const holds = model.trait("holds")?.values[at];
    const most = model.trait("most");
    const rule =
      holds === undefined
        ? ""
        : most === 1
          ? holds > 0
            ? "rule holds"
            : "rule does not hold"
          : `rule ${formatNumber((holds * most) / 255, 2)}`;
    return [
      `“${shown}” at ${at + 1}`,
      ...(values === undefined ? [] : [`${model.trait("quantity")} ${formatFixed(values[at]!, 2).replace("-", "−")}`]),
      ...names.map(
        (name, which) => `${name} ${formatFixed(gates?.values[which * (gates.shape[1] ?? 0) + at] ?? 0, 2)}`,
      ),
      rule,
    ]
      .filter((part) => part !== "")
      .join(" · ");
  }
}
