import type * as Plotly from "plotly.js-cartesian-dist-min";
import type { PlotState } from "../../comms/states/plot.js";
import { element } from "../parts/dom.js";
import { WidgetView } from "../parts/view.js";
import { chartColors, onThemeChange } from "../shattered-gradients/theme.js";
import { figure } from "./figure.js";
import type { PlotModel } from "./model.js";

const CONFIG: Partial<Plotly.Config> = { displayModeBar: false, responsive: false };

/** Series over one pair of axes: hover reads values, dragging zooms, a double click shows the whole. */
export class PlotView extends WidgetView<PlotState, PlotModel> {
  private plotly: typeof Plotly | undefined;
  private readonly title = element("h3", { class: "limpid-plot-title" });
  private readonly chart = element("div", { class: "limpid-chart" });
  private readonly note = element("div", { class: "limpid-note", role: "status" }, "Drawing…");
  private frame = 0;

  override render(): void {
    const model = this.shown;
    const area = element("div", { class: "limpid-plot-area" }, this.chart, this.note);
    this.lay("plot", this.title, area);
    this.el.setAttribute("aria-busy", "true");
    const resized = new ResizeObserver(() => this.schedule());
    resized.observe(area);
    this.keep({ dispose: () => resized.disconnect() });
    this.keep({ dispose: onThemeChange(() => this.schedule()) });
    this.draw(["title", "height"], () => {
      const title = model.trait("title");
      this.title.textContent = title;
      this.title.hidden = title === "";
      this.chart.style.minHeight = `${model.trait("height")}px`;
    });
    this.draw(["series", "xLabel", "yLabel", "logX", "logY", "height"], () => this.schedule());
    void import("plotly.js-cartesian-dist-min").then(
      (module) => {
        // A CommonJS bundle: its functions are the default export.
        this.plotly = (module as { default?: typeof Plotly }).default ?? module;
        this.schedule();
      },
      (error: Error) => {
        this.note.textContent = `The plot could not be drawn: ${error.message}`;
        this.note.classList.add("limpid-error");
      },
    );
  }

  override remove() {
    cancelAnimationFrame(this.frame);
    this.plotly?.purge(this.chart);
    return super.remove();
  }

  private schedule(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.paint());
  }

  private paint(): void {
    const width = this.chart.clientWidth;
    if (!this.plotly || width === 0) return;
    const model = this.shown;
    const words = {
      xLabel: model.trait("xLabel"),
      yLabel: model.trait("yLabel"),
      logX: model.trait("logX"),
      logY: model.trait("logY"),
      height: model.trait("height"),
    };
    const { data, layout } = figure(model.series, words, chartColors(this.el), width);
    this.note.hidden = true;
    const names = model.series.map(({ name }) => name).filter((name) => name !== "");
    this.chart.setAttribute("role", "img");
    this.chart.setAttribute(
      "aria-label",
      [model.trait("title"), ...names, words.xLabel, words.yLabel].filter(Boolean).join(", ") || "plot",
    );
    void this.plotly.react(this.chart, data, layout, CONFIG).then(() => this.el.setAttribute("aria-busy", "false"));
  }
}
