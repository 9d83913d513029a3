import type * as Plotly from "plotly.js-cartesian-dist-min";
import type { PlotlyFigureState } from "../../comms/states/plotly-figure.js";
import { type ChartColors, type Charts, chartColors, charts } from "../parts/chart.js";
import { element } from "../parts/dom.js";
import { writes } from "../parts/lock.js";
import { WidgetView } from "../parts/view.js";
import type { PlotlyFigureModel } from "./model.js";

/** What plotly tells of a point. */
interface Pointed {
  curveNumber: number;
  pointNumber?: number | number[];
  pointIndex?: number | number[];
  x?: number | string;
  y?: number | string;
  z?: number;
}

/** What plotly puts on the element that it draws into. */
interface PlotlyElement extends HTMLElement {
  on?(event: string, handler: (given: never) => void): void;
}

/** Milliseconds between two points that the kernel hears of while the pointer moves. */
const HOVER = 50;

/** A figure as plotly draws it: hover reads, dragging zooms or selects, a double click shows the whole. */
export class PlotlyFigureView extends WidgetView<PlotlyFigureState, PlotlyFigureModel> {
  private charts: Charts | undefined;
  private readonly chart: PlotlyElement = element("div", { class: "limpid-chart", tabindex: "0" });
  private readonly note = element("div", { class: "limpid-note", role: "status" }, "Drawing…");
  private listens = false;
  private hovered = 0;

  override render(): void {
    const area = writes(element("div", { class: "limpid-plot-area" }, this.chart, this.note));
    this.lay("plotly-figure", area);
    const drawing = charts(
      area,
      () => void this.paint(),
      (error) => {
        if (error) this.fail(error);
      },
    );
    this.charts = this.keep(drawing);
    this.chart.addEventListener("keydown", (event) => this.pressed(event));
    this.listenTo(this.model, "limpid:figure", drawing.schedule);
    this.draw(["data", "plotLayout", "height"], drawing.schedule);
  }

  private async paint(): Promise<void> {
    const width = this.chart.clientWidth;
    if (!this.charts?.plotly || width === 0) return;
    const model = this.shown;
    const [data, layout, height] = [model.trait("data"), model.trait("plotLayout"), model.trait("height")];
    this.chart.style.minHeight = `${height}px`;
    this.chart.setAttribute("role", "figure");
    const names = data.map(({ name, type = "scatter" }) => String(name ?? type));
    this.chart.setAttribute("aria-label", [titleOf(layout), ...names].filter(Boolean).join(", ") || "an empty figure");
    this.note.hidden = data.length > 0;
    this.note.textContent = "No traces yet";
    const whole = { ...themed(chartColors(this.el)), ...layout, width, height, uirevision: "reader" };
    try {
      // Plotly writes into what it is given.
      const own = { data: copied(data), layout: copied(whole) } as {
        data: Plotly.Data[];
        layout: Partial<Plotly.Layout>;
      };
      await this.charts.draw(this.chart, own, true);
      this.listen();
    } catch (error) {
      this.fail(error as Error);
    }
  }

  private fail(error: Error): void {
    this.note.hidden = false;
    this.note.textContent = `The figure could not be drawn: ${error.message}`;
    this.note.classList.add("limpid-error");
  }

  /** What plotly tells goes to the kernel, where there is one. */
  private listen(): void {
    if (this.listens || !this.chart.on) return;
    this.listens = true;
    const tell = (content: object) => {
      if (this.shown.lockOf(["selected"]) === null) this.send(content as Parameters<typeof this.send>[0]);
    };
    this.chart.on("plotly_click", ({ points }: { points: Pointed[] }) =>
      tell({ event: "click", points: plain(points) }),
    );
    this.chart.on("plotly_hover", ({ points }: { points: Pointed[] }) => {
      const now = performance.now();
      if (now - this.hovered < HOVER) return;
      this.hovered = now;
      tell({ event: "hover", points: plain(points) });
    });
    this.chart.on("plotly_relayout", (changes: Record<string, unknown>) => {
      const ranges = Object.entries(changes).filter(([path]) => /^[xy]axis\d*\./.test(path));
      if (ranges.length > 0) tell({ event: "relayout", changes: Object.fromEntries(ranges) });
    });
    const select = (points: Pointed[]) => {
      const traces = new Map<number, number[]>();
      for (const { trace, point } of plain(points)) {
        if (typeof point === "number") traces.set(trace, [...(traces.get(trace) ?? []), point]);
      }
      this.shown.choose({ selected: [...traces].map(([trace, chosen]) => ({ trace, points: chosen })) });
    };
    this.chart.on("plotly_selected", (event: { points: Pointed[] } | undefined) => select(event?.points ?? []));
    this.chart.on("plotly_deselect", () => select([]));
  }

  /** The keyboard zooms: plus and minus about the middle, 0 shows the whole, arrows move. */
  private pressed(event: KeyboardEvent): void {
    const plotly = this.charts?.plotly;
    const full = (this.chart as { _fullLayout?: Record<string, { range?: [number, number] }> })._fullLayout;
    const [x, y] = [full?.["xaxis"]?.range, full?.["yaxis"]?.range];
    if (!plotly || !x || !y || event.ctrlKey || event.metaKey || event.altKey) return;
    const zoomed = ([low, high]: [number, number], by: number, move = 0) => {
      const [from, to] = [Number(low), Number(high)];
      const [middle, half] = [(from + to) / 2 + move * (to - from), ((to - from) / 2) * by];
      return [middle - half, middle + half];
    };
    const steps: Record<string, () => object> = {
      "+": () => ({ "xaxis.range": zoomed(x, 0.8), "yaxis.range": zoomed(y, 0.8) }),
      "-": () => ({ "xaxis.range": zoomed(x, 1.25), "yaxis.range": zoomed(y, 1.25) }),
      "0": () => ({ "xaxis.autorange": true, "yaxis.autorange": true }),
      ArrowLeft: () => ({ "xaxis.range": zoomed(x, 1, -0.1) }),
      ArrowRight: () => ({ "xaxis.range": zoomed(x, 1, 0.1) }),
      ArrowUp: () => ({ "yaxis.range": zoomed(y, 1, 0.1) }),
      ArrowDown: () => ({ "yaxis.range": zoomed(y, 1, -0.1) }),
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    void plotly.relayout(this.chart, step());
  }
}

const plain = (points: Pointed[]) =>
  points.map(({ curveNumber, pointNumber, pointIndex, x, y, z }) => ({
    trace: curveNumber,
    point: pointNumber ?? pointIndex ?? 0,
    ...(x !== undefined && { x }),
    ...(y !== undefined && { y }),
    ...(z !== undefined && { z }),
  }));

const titleOf = (layout: Record<string, unknown>): string => {
  const title = layout["title"] as string | { text?: string } | undefined;
  return typeof title === "object" ? (title?.text ?? "") : (title ?? "");
};

/** Colors and letters of the page, for what the figure does not state. */
function themed({ family, ink, soft, line, paper }: ChartColors): object {
  const axis = { gridcolor: line, zerolinecolor: line, linecolor: line, tickfont: { color: soft }, automargin: true };
  return {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family, size: 12, color: ink },
    margin: { l: 56, r: 16, t: 32, b: 44 },
    template: {
      layout: {
        xaxis: axis,
        yaxis: axis,
        hoverlabel: { bgcolor: paper, bordercolor: line, font: { size: 11, color: ink } },
        colorway: ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"],
      },
    },
  };
}

/** Lists and objects anew; numbers in memory are shared. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
    return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copied(item)]));
}
