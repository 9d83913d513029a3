import type { PlotState } from "../../comms/states/plot.js";
import { type Charts, chartColors, charts } from "../parts/chart.js";
import { element } from "../parts/dom.js";
import { writes } from "../parts/lock.js";
import { WidgetView } from "../parts/view.js";
import { figure } from "./figure.js";
import type { PlotModel } from "./model.js";

/** Series over one pair of axes: hover reads values, dragging zooms, a double click shows the whole. */
export class PlotView extends WidgetView<PlotState, PlotModel> {
  private charts: Charts | undefined;
  private readonly title = element("h3", { class: "limpid-plot-title" });
  private readonly chart = element("div", { class: "limpid-chart" });
  private readonly note = element("div", { class: "limpid-note", role: "status" }, "Drawing…");

  override render(): void {
    const model = this.shown;
    const area = writes(element("div", { class: "limpid-plot-area" }, this.chart, this.note));
    this.lay("plot", this.title, area);
    this.el.setAttribute("aria-busy", "true");
    const drawing = charts(
      area,
      () => this.paint(),
      (error) => {
        if (error === undefined) return;
        this.note.textContent = `The plot could not be drawn: ${error.message}`;
        this.note.classList.add("limpid-error");
      },
    );
    this.charts = this.keep(drawing);
    this.draw(["title", "height"], () => {
      const title = model.trait("title");
      this.title.textContent = title;
      this.title.hidden = title === "";
      this.chart.style.minHeight = `${model.trait("height")}px`;
    });
    this.draw(["series", "xLabel", "yLabel", "logX", "logY", "height"], drawing.schedule);
  }

  private paint(): void {
    const width = this.chart.clientWidth;
    if (!this.charts?.plotly || width === 0) return;
    const model = this.shown;
    const words = {
      xLabel: model.trait("xLabel"),
      yLabel: model.trait("yLabel"),
      logX: model.trait("logX"),
      logY: model.trait("logY"),
      height: model.trait("height"),
    };
    const drawn = figure(model.series, words, chartColors(this.el), width);
    this.note.hidden = true;
    const names = model.series.map(({ name }) => name).filter((name) => name !== "");
    this.chart.setAttribute("role", "img");
    this.chart.setAttribute(
      "aria-label",
      [model.trait("title"), ...names, words.xLabel, words.yLabel].filter(Boolean).join(", ") || "plot",
    );
    void this.charts.draw(this.chart, drawn, true).then(() => this.el.setAttribute("aria-busy", "false"));
  }
}
