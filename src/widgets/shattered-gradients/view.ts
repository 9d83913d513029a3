import type * as Plotly from "plotly.js-cartesian-dist-min";
import type { ShatteredGradientsState } from "../../comms/states/shattered-gradients.js";
import { button } from "../parts/buttons.js";
import { type Charts, charts } from "../parts/chart.js";
import { element } from "../parts/dom.js";
import { heading } from "../parts/heading.js";
import { writes } from "../parts/lock.js";
import { remaining } from "../parts/remaining.js";
import { titled, WidgetView } from "../parts/view.js";
import { CORRELATION_HEIGHT, correlationChart, cursorChange, curveColors, PANELS_HEIGHT, panels } from "./charts.js";
import { controls } from "./controls.js";
import type { ShatteredGradientsModel } from "./model.js";
import { agreement, cursorWords, pieces } from "./readings.js";

/** Milliseconds after which a moved cursor is told to the kernel, which keeps it for the next page load. */
const CURSOR_REST = 200;

/** A net along a line: four panels that one cursor moves through, their autocorrelation, and the form of the net. */
export class ShatteredGradientsView extends WidgetView<ShatteredGradientsState, ShatteredGradientsModel> {
  private charts: Charts | undefined;
  private readonly lines = element("div", { class: "limpid-chart" });
  private readonly correlation = element("div", { class: "limpid-chart" });
  private readonly reading = element("p", { class: "limpid-reading" });
  private readonly note = element("div", { class: "limpid-note", role: "alert" });
  private readonly left = remaining();
  private readonly area = element("div", {
    class: "limpid-line-area",
    tabindex: 0,
    role: "slider",
    "aria-label": "Point on the line",
    "aria-valuemin": 0,
    "aria-valuemax": 0,
    "aria-valuenow": 0,
    "aria-valuetext": "nothing to read yet",
  });
  private failure = "";
  private resting: ReturnType<typeof setTimeout> | undefined;

  override render(): void {
    const model = this.shown;
    const top = this.keep(heading(model, () => this.facts()));
    const form = this.keep(controls(model));
    const table = agreement();
    const count = pieces(model);
    this.lines.style.minHeight = `${PANELS_HEIGHT}px`;
    this.correlation.style.minHeight = `${CORRELATION_HEIGHT}px`;
    this.area.append(this.lines);
    writes(this.area, "cursor");
    this.area.addEventListener("keydown", (event) => this.step(event));
    this.area.addEventListener("pointerleave", () => this.rest());

    this.lay(
      "shattered",
      top.element,
      element(
        "div",
        { class: "limpid-columns" },
        element(
          "section",
          { class: "limpid-section", "aria-label": "Along the line" },
          element("div", { class: "limpid-line" }, this.area, this.note),
          this.reading,
          element("h4", { class: "limpid-above-chart" }, "Autocorrelation: how much points of the line agree"),
          this.correlation,
        ),
        element(
          "div",
          { class: "limpid-side" },
          titled("Network", form.element),
          titled("How much neighbors agree", table.element),
          titled("Linear pieces on the line", count.element),
        ),
      ),
    );

    const drawing = charts(
      this.area,
      () => this.paint(),
      (error) => {
        if (error !== undefined) this.failure = `The charts could not be loaded: ${error.message}`;
      },
    );
    this.charts = this.keep(drawing);
    this.draw(["curves", "correlations", "logarithmic", "interval", "error", "progress"], drawing.schedule);
    this.draw(["cursor"], () => this.moveCursor());
    this.draw(["net", "milliseconds"], top.show);
    this.draw(["correlations", "words"], () => table.set(model.correlations, model.trait("words")));
    this.draw(["pieces", "counted", "counting", "bound", "drawn"], count.show);
    this.draw(["progress"], () => this.showNote());
  }

  override remove() {
    clearTimeout(this.resting);
    return super.remove();
  }

  /** What is shown: `24 layers · mean-centered · seed 1 · 35 ms`. */
  private facts(): string {
    const model = this.shown;
    const milliseconds = model.trait("milliseconds");
    const time = milliseconds === null ? "" : ` · ${Math.max(1, Math.round(milliseconds))} ms`;
    return model.trait("net") + time;
  }

  private showNote(): void {
    const model = this.shown;
    const [error, progress] = [this.failure || model.trait("error"), model.trait("progress")];
    const empty = model.trait("curves") === null;
    const loading = progress !== null || this.charts?.plotly === undefined;
    this.note.hidden = error === "" && !empty && !loading;
    this.note.classList.toggle("limpid-error", error !== "");
    this.el.setAttribute("aria-busy", String(error === "" && loading));
    const share = progress === null ? this.left(null) : ` ${this.left(progress)}`;
    const title = error ? "This could not be scanned" : loading ? `Following the line…${share}` : "Nothing to show yet";
    const words = error || (loading ? "" : "Choose a network, and its curves appear here.");
    this.note.replaceChildren(element("strong", {}, title), element("span", {}, words));
    if (model.trait("error") === "") return;
    const again = button("Try again", "Scan once more with these settings", () => model.send({ event: "again" }));
    again.disabled = !model.comm_live;
    this.note.append(again);
  }

  private paint(): void {
    this.showNote();
    const drawing = this.charts;
    const { curves, correlations } = this.shown;
    const width = this.area.clientWidth;
    if (!drawing?.plotly || width === 0) return;
    if (!curves || !correlations) {
      for (const chart of [this.lines, this.correlation]) drawing.clear(chart);
      return;
    }
    const first = !drawing.isDrawn(this.lines);
    const options = this.panelOptions(width);
    void drawing.draw(this.lines, panels(curves, options));
    void drawing.draw(this.correlation, correlationChart(correlations, options.colors, width));
    if (first) {
      (this.lines as unknown as Plotly.PlotlyHTMLElement).on("plotly_hover", ({ points }) => {
        const index = points[0]?.pointIndex;
        if (index !== undefined) this.point(index);
      });
    }
    this.read();
  }

  private panelOptions(width: number) {
    const model = this.shown;
    return {
      colors: curveColors(this.el),
      width,
      logarithmic: model.trait("logarithmic"),
      cursor: model.trait("cursor"),
      trained: model.trait("drawn") === "trained",
    };
  }

  /** Puts the cursor on a point; the kernel hears of it when the cursor rests. */
  private point(index: number): void {
    if (index === this.shown.trait("cursor")) return;
    this.shown.set("cursor", index);
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.rest(), CURSOR_REST);
  }

  private rest(): void {
    clearTimeout(this.resting);
    this.resting = undefined;
    this.touch();
  }

  private moveCursor(): void {
    const { curves } = this.shown;
    if (!this.charts?.plotly || !curves || !this.charts.isDrawn(this.lines)) return;
    const { data, layout, traces } = cursorChange(curves, this.panelOptions(this.area.clientWidth));
    void this.charts.plotly.update(this.lines, data, layout, traces);
    this.read();
  }

  private read(): void {
    const { curves } = this.shown;
    const cursor = this.shown.trait("cursor");
    const text =
      curves && cursor >= 0
        ? cursorWords(curves.x[cursor]!, {
            output: curves.output[cursor]!,
            gradient: curves.gradient[cursor]!,
            relevance: curves.relevance[cursor]!,
          })
        : "Point at the panels, or walk along them by the arrow keys.";
    this.reading.textContent = text;
    this.area.setAttribute("aria-valuemin", "0");
    this.area.setAttribute("aria-valuemax", String((curves?.x.length ?? 1) - 1));
    this.area.setAttribute("aria-valuenow", String(Math.max(0, cursor)));
    this.area.setAttribute("aria-valuetext", text);
  }

  private step(event: KeyboardEvent): void {
    const { curves } = this.shown;
    if (!curves) return;
    const last = curves.x.length - 1;
    const cursor = this.shown.trait("cursor");
    const from = cursor < 0 ? Math.floor(last / 2) : cursor;
    const far = event.shiftKey ? 10 : 1;
    const target = {
      ArrowLeft: from - far,
      ArrowRight: from + far,
      PageDown: from - 10,
      PageUp: from + 10,
      Home: 0,
      End: last,
      // A second Escape leaves the widget.
      ...(cursor >= 0 && { Escape: -1 }),
    }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.point(target === -1 && event.key === "Escape" ? -1 : Math.min(last, Math.max(0, target)));
  }
}
