import { formatNumber, formatPercent } from "../../comms/format.js";
import {
  type FlippingCurveState,
  ORDER_WORDS,
  READER,
  ranksOf,
  readerAt,
  sameFrame,
  sameSettings,
} from "../../comms/states/flipping-curve.js";
import { button } from "../parts/buttons.js";
import { type Charts, chartColors, charts } from "../parts/chart.js";
import { segments } from "../parts/choices.js";
import { element } from "../parts/dom.js";
import { heading } from "../parts/heading.js";
import { writes } from "../parts/lock.js";
import { progress } from "../parts/progress.js";
import { titled, WidgetView } from "../parts/view.js";
import { area } from "./area.js";
import { CURVES_HEIGHT, curvesChart, ranksChart } from "./charts.js";
import { controls } from "./controls.js";
import { maps } from "./maps.js";
import type { FlippingCurveModel } from "./model.js";
import { outcome } from "./outcome.js";
import { readersPart } from "./reader.js";
import { regionPicture } from "./region-picture.js";
import { table } from "./table.js";

/** Curves of what the network says while a picture is flipped, the picture at every step, and the reader's own try. */
export class FlippingCurveView extends WidgetView<FlippingCurveState, FlippingCurveModel> {
  private charts: Charts | undefined;
  private failure = "";
  private readonly curves = element("div", { class: "limpid-chart" });
  private readonly ranks = element("div", { class: "limpid-chart", role: "img" });
  private readonly note = element("div", { class: "limpid-note", role: "alert" });
  private readonly reading = element("p", { class: "limpid-reading" });
  private readonly range = element("p", { class: "limpid-flip-range" });
  private readonly pictureTitle = element("h4", {});
  private readonly ranking = element("section", { class: "limpid-flip-ranks" });
  private readonly ranksNote = element("p", { class: "limpid-remark" });

  override render(): void {
    const model = this.shown;
    const top = this.keep(heading(model));
    const tabs = segments(
      "Who flips",
      "See how the methods' orders fare, or try your own first",
      [
        { value: "methods", label: "The methods flip", hint: "Curves of all methods" },
        {
          value: "reader",
          label: "You flip",
          hint: "Click what you believe matters, without seeing what the methods say",
        },
      ],
      (value) => model.choose({ tab: value as FlippingCurveState["tab"] }),
      { showLabel: false },
    );
    const form = this.keep(controls(model));
    const lines = table(model);
    const tiles = this.keep(maps(model));
    const reader = this.keep(readersPart(model));
    const pointing = this.keep(area(model, this.curves));
    const working = this.keep(
      progress(
        () => model.send({ event: "stop" }),
        "Measuring",
        "Give up these curves and keep the last ones",
        () => model.trait("stage") || "Measuring",
      ),
    );
    const ended = outcome(model);
    const seen = this.keep(regionPicture("The picture as the network sees it at this step"));
    const all = button("Try every replacement", "Measure with every replacement, one after the other", () =>
      model.send({ event: "all" }),
    );
    const whole = button("Whole range", "Sum up over all steps (double click in the chart)", () =>
      model.choose({ range: null }),
    );
    for (const [part, ...traits] of [
      [tabs.element, "tab"],
      [pointing.element, "cursor", "range"],
      [whole, "range"],
      [lines.element, "sort", "watched"],
      [tiles.element, "watched"],
      [seen.element],
    ] as const) {
      writes(part, ...traits);
    }
    this.curves.style.minHeight = `${CURVES_HEIGHT}px`;
    pointing.element.append(this.note);
    const chart = element("div", { class: "limpid-line" }, pointing.element, working.element, ended.element);
    const picture = element("section", { class: "limpid-flip-seen" }, this.pictureTitle, seen.element);
    const settings = titled("How it is flipped", form.element);
    const beneath = element(
      "div",
      { class: "limpid-flip-beneath" },
      titled("What is left of the maps", tiles.element),
      this.ranking,
    );
    this.ranking.append(
      element("h4", {}, "How the ranking depends on what is put in place"),
      this.ranks,
      element("div", { class: "limpid-flip-all" }, all, this.ranksNote),
    );
    const section = element(
      "section",
      { class: "limpid-section", "aria-label": "Curves" },
      chart,
      this.reading,
      element("div", { class: "limpid-flip-sum" }, this.range, whole),
      lines.element,
    );
    const side = element("div", { class: "limpid-side" }, reader.element, picture, settings);
    const columns = element("div", { class: "limpid-columns" }, section, side);
    this.lay("flipping", top.element, element("div", { class: "limpid-flip-tabs" }, tabs.element), columns, beneath);

    const showTab = () => {
      const isReader = model.trait("tab") === "reader";
      tabs.set(model.trait("tab"));
      reader.element.hidden = !isReader;
      beneath.hidden = picture.hidden = lines.element.hidden = isReader;
      // Beside the picture that he clicks there is no room left; beneath the chart there is.
      (isReader ? section : side).append(settings);
      this.el.classList.toggle("limpid-flip-trying", isReader);
    };
    const showPicture = () => this.showPicture(seen);
    const showWork = () => {
      working.set(model.running, model.trait("progress"));
      this.el.setAttribute("aria-busy", String(model.running || (!this.charts?.plotly && this.failure === "")));
      const missing = model
        .trait("replacements")
        .filter(
          ({ value }) =>
            !model.runs.some((run) => this.run && sameSettings(run as never, { ...this.run, replacement: value })),
        );
      all.disabled = !model.comm_live || model.running || missing.length === 0;
      all.hidden = missing.length === 0 && model.runs.length > 0;
      ended.show();
    };
    const drawing = charts(
      pointing.element,
      () => this.paint(),
      (error) => {
        if (error !== undefined) this.failure = `The charts could not be loaded: ${error.message}`;
        showWork();
      },
    );
    this.charts = this.keep(drawing);
    this.draw(["tab"], showTab);
    this.draw(
      ["runs", "drawn", "summary", "sort", "cursor", "watched", "range", "before", "reader", "methods", "replacements"],
      () => {
        lines.show();
        this.read();
      },
    );
    this.draw(["range"], () => {
      whole.hidden = model.trait("range") === null;
    });
    this.draw(
      ["picks", "reader", "frame", "frameOf", "image", "rows", "columns", "order", "followed", "target", "tab", "runs"],
      () => reader.show(),
    );
    this.draw(
      ["cursor", "watched", "frame", "frameOf", "image", "runs", "drawn", "reader", "rows", "columns", "tab"],
      showPicture,
    );
    this.draw(
      ["running", "progress", "stage", "stopped", "error", "runs", "drawn", "replacement", "order", "followed"],
      showWork,
    );
    this.draw(
      [
        "runs",
        "drawn",
        "reader",
        "tab",
        "cursor",
        "watched",
        "range",
        "target",
        "followed",
        "summary",
        "error",
        "running",
      ],
      drawing.schedule,
    );
  }

  private get run() {
    return this.shown.run;
  }

  private paint(): void {
    this.showNote();
    const { charts: drawing, shown: model } = this;
    const width = this.curves.clientWidth;
    if (!drawing?.plotly || width === 0) return;
    const colors = chartColors(this.el);
    const isReader = model.trait("tab") === "reader";
    const run = isReader ? null : (this.run ?? null);
    const reader = isReader ? model.trait("reader") : model.reader;
    if (run === null && !isReader) {
      drawing.clear(this.curves);
      this.ranking.hidden = true;
      return;
    }
    const content = {
      ...{ run, reader, colors, width },
      shares: model.trait("shares"),
      regions: model.regions,
      target: model.trait("target"),
      followed: (isReader ? reader?.followed : run?.followed) ?? model.trait("followed"),
      cursor: model.trait("cursor"),
      watched: model.trait("watched"),
      range: model.trait("range") === null ? null : model.range,
      most: model.most,
    };
    void drawing.draw(this.curves, curvesChart(content));
    if (!isReader) this.paintRanks(drawing);
  }

  /** Ranks by replacement, once there are two to compare. */
  private paintRanks(drawing: Charts): void {
    const { shown: model, run } = this;
    this.ranking.hidden = run === undefined;
    if (run === undefined) return;
    const alike = model.runs.filter(({ order, followed }) => order === run.order && followed === run.followed);
    const summary = model.trait("summary");
    const labels = model.trait("replacements");
    const columns = alike.map((one) => ({
      label: labels.find(({ value }) => value === one.replacement)?.label ?? one.replacement,
      ranks: ranksOf(model.summaries(one), summary, one.order),
      drawn: one === run,
    }));
    const few = columns.length < 2;
    this.ranks.hidden = few;
    const moving = model
      .trait("methods")
      .filter((_, index) => new Set(columns.map(({ ranks }) => ranks[index])).size > 1);
    this.ranksNote.textContent = few
      ? "Choose another replacement, or try all of them, and the ranks stand side by side here."
      : moving.length === 0
        ? `All ${columns.length} agree on the ranking.`
        : `${moving.length} of ${model.trait("methods").length} methods change their rank: ${moving.map(({ label }) => label).join(", ")}.`;
    if (few) return;
    const names = model.trait("methods").map(({ label }) => label);
    const width = this.ranking.clientWidth;
    if (width === 0) return;
    const drawn = ranksChart(columns, names, model.trait("watched"), chartColors(this.el), width);
    const spoken = names.map(
      (name, index) =>
        `${name}: ${columns.map(({ label, ranks }) => `${ranks[index] ?? "none"} with ${label}`).join(", ")}`,
    );
    this.ranks.setAttribute("aria-label", `Ranks. ${spoken.join("; ")}`);
    void drawing.draw(this.ranks, drawn);
  }

  private showNote(): void {
    const { shown: model } = this;
    const error = this.failure || model.trait("error");
    const isReader = model.trait("tab") === "reader";
    const empty = isReader ? model.trait("reader") === null : this.run === undefined;
    const isFailed = error !== "" && (empty || this.failure !== "");
    this.note.hidden = !empty && !isFailed;
    this.note.classList.toggle("limpid-error", isFailed);
    const stopped = model.trait("stopped") !== null;
    const title = isFailed
      ? "This could not be measured"
      : model.running
        ? `${model.trait("stage") || "Measuring"}…`
        : stopped
          ? "Stopped before there was a curve"
          : "Nothing to show yet";
    this.note.replaceChildren(
      element("strong", {}, title),
      element(
        "span",
        {},
        isFailed
          ? error
          : model.running || stopped
            ? ""
            : "Give a model, a picture and methods, and the curves appear here.",
      ),
    );
  }

  private showPicture(seen: ReturnType<typeof regionPicture>): void {
    const { shown: model } = this;
    if (model.trait("tab") === "reader") return;
    const [cursor, watched] = [model.trait("cursor"), model.trait("watched")];
    const { wanted } = model;
    const isThere = wanted !== null && sameFrame(wanted, model.trait("frameOf"));
    const step = wanted?.step ?? 0;
    const name = watched === READER ? "you" : (model.trait("methods")[watched]?.label ?? "");
    this.pictureTitle.textContent =
      wanted === null || cursor < 0
        ? "The picture, untouched"
        : `The picture at step ${cursor}, as ${name} ${watched === READER ? "flip" : "flips"} it`;
    seen.show({
      pixels: isThere ? model.trait("frame") : model.trait("image"),
      ...{ rows: model.trait("rows"), columns: model.trait("columns") },
      flipped: wanted === null ? new Uint8Array(model.regions) : model.flipped(watched, step),
      covered: wanted !== null && !isThere,
    });
  }

  /** The values at the cursor in one line, and what is summed up. */
  private read(): void {
    const { shown: model, run } = this;
    const cursor = model.trait("cursor");
    const shares = model.trait("shares");
    const isReader = model.trait("tab") === "reader";
    this.reading.hidden = isReader;
    this.range.hidden = isReader || run === undefined;
    if (run === undefined) {
      this.reading.textContent = "";
      return;
    }
    const [from, to] = model.range;
    this.range.textContent =
      model.trait("range") === null
        ? "Summed up over all steps: drag over the chart for a range, or Shift and arrow keys."
        : `Summed up from ${percent(shares[from]!)} to ${percent(shares[to]!)} flipped, steps ${from} to ${to}.`;
    if (cursor < 0 || shares[cursor] === undefined) {
      this.reading.textContent = "Point at the chart, or walk along it by the arrow keys.";
      return;
    }
    const watched = model.trait("watched");
    const name = watched === READER ? "you" : (model.trait("methods")[watched]?.label ?? "");
    const value =
      watched === READER
        ? model.reader && readerAt(model.reader, shares, model.regions)[cursor]
        : run.curves[watched]?.[cursor];
    const begun = run.curves.find((curve) => curve !== null)?.[0];
    const words = value === null || value === undefined ? "not known" : formatNumber(value);
    const was = begun === undefined ? "" : `, ${formatNumber(begun)} untouched`;
    this.reading.textContent = `Step ${cursor}: ${percent(shares[cursor])} flipped, ${ORDER_WORDS[run.order]}; ${run.followed} ${words} by ${name}${was}.`;
  }
}

/** A share that may be none. */
const percent = (share: number): string => (share === 0 ? "0\u202f%" : formatPercent(share));
