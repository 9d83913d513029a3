import { formatFixed, formatNumber, formatSigned } from "../../comms/format.js";
import { clipLimit, reaching } from "../../comms/states/colors.js";
import { type Gain, type RowOrder, type SignalHeatmapState, TRACE_REACH } from "../../comms/states/signal-heatmap.js";
import {
  brushWords,
  channelSums,
  rowOrder,
  rowRanges,
  type SignalTimes,
  timeSums,
  timeWords,
} from "../../comms/states/signal-rows.js";
import { colorBar } from "../heatmap/color-bar.js";
import { button, buttonRow } from "../parts/buttons.js";
import { segments } from "../parts/choices.js";
import { element } from "../parts/dom.js";
import { heading } from "../parts/heading.js";
import { writes } from "../parts/lock.js";
import { slider } from "../parts/slider.js";
import { WidgetView } from "../parts/view.js";
import type { SignalHeatmapModel } from "./model.js";
import type { RowsContent } from "./painting.js";
import { pane } from "./pane.js";

/** Signals over the colors of their relevance, to point at, zoom and brush. */
export class SignalHeatmapView extends WidgetView<SignalHeatmapState, SignalHeatmapModel> {
  override render(): void {
    const model = this.shown;
    const traces = this.keep(
      pane({
        point: (channel, cursor) => {
          if (channel !== model.trait("channel") || cursor !== model.trait("cursor")) model.choose({ channel, cursor });
        },
        brush: (range) => model.choose({ brush: [...range] }),
        see: (range) => model.choose({ sight: [...range] }),
      }),
    );
    const note = element("div", { class: "limpid-note", role: "alert", hidden: true });
    traces.element.append(note);
    const reading = element("p", { class: "limpid-signal-reading", role: "status" });
    const brushed = element("p", { class: "limpid-signal-brushed", role: "status" });
    const rows = element("p", { class: "limpid-signal-rows" });
    const whole = button("Show all", "Show all samples (0)", () => model.choose({ sight: [] }));
    const toBrush = button("Zoom to brush", "Show only what is brushed (Enter)", () =>
      model.choose({ sight: [...model.trait("brush")] }),
    );
    const clear = button("Clear brush", "Brush nothing (Escape)", () => model.choose({ brush: [] }));
    const less = button("Zoom out", "Zoom out (−)", () => traces.zoom(1 / 1.5));
    const tools = buttonRow(
      button("Zoom in", "Zoom in (+)", () => traces.zoom(1.5)),
      less,
      whole,
      toBrush,
      clear,
    );
    writes(tools, "sight", "brush");
    let limit = 0;
    const bar = colorBar((hold) => model.choose({ limit: hold ? limit : null }), reaching(TRACE_REACH));
    writes(bar.element, "limit");
    const order = segments(
      "Order",
      "How rows stand: as the channels are given, or those with most relevance first",
      [
        { value: "given", label: "As given", hint: "Channels as the data have them" },
        {
          value: "relevance",
          label: "By relevance",
          hint: "Channels whose relevance sums to most, in magnitude, first",
        },
      ],
      (value) => model.choose({ order: value as RowOrder }),
    );
    const gain = segments(
      "Gain",
      "What a row's height is worth: the same for all channels of one unit, or what each channel spans",
      [
        { value: "shared", label: "Shared", hint: "Channels of one unit can be compared" },
        { value: "each", label: "Each its own", hint: "Small channels are as high as large ones" },
      ],
      (value) => model.choose({ gain: value as Gain }),
    );
    const contrast = slider({
      label: "Contrast",
      hint: "Share of the values that the colors tell apart: less shows faint relevance, and the strongest alike",
      min: 90,
      max: 100,
      step: 0.1,
      format: (value) => `${formatFixed(value, 1)}\u202f%`,
      onInput: (value) => model.choose({ percentile: value }),
    });
    writes(order.element, "order");
    writes(gain.element, "gain");
    writes(contrast.element, "percentile");
    const below = element(
      "div",
      { class: "limpid-signal-below" },
      bar.element,
      element("div", { class: "limpid-signal-controls" }, order.element, gain.element, contrast.element),
    );
    this.lay(
      "signal-heatmap",
      this.keep(heading(model)).element,
      element("div", { class: "limpid-signal-body" }, traces.element, reading, brushed, rows, tools, below),
    );

    let content: RowsContent | null = null;
    const show = (colored: boolean) => traces.set(content, colored);
    const read = () => {
      reading.textContent = content === null ? "" : this.reading();
      const [channel, cursor] = [model.trait("channel"), model.trait("cursor")];
      const relevance = content?.relevance;
      const at = content === null ? 0 : (channel * content.signal.length) / content.channels.length + cursor;
      bar.mark(relevance && channel >= 0 && cursor >= 0 ? relevance[at]! : null);
    };
    this.draw(
      [
        "signal",
        "relevance",
        "channels",
        "units",
        "rate",
        "start",
        "timeUnit",
        "event",
        "signed",
        "percentile",
        "limit",
        "order",
        "gain",
        "error",
      ],
      () => {
        content = this.content();
        limit = content?.limit ?? 0;
        show(true);
        read();
        const error = model.trait("error");
        note.hidden = error === "" && content !== null;
        note.classList.toggle("limpid-error", error !== "");
        note.replaceChildren(
          element("strong", {}, error ? "This could not be explained" : "Nothing to show yet"),
          element("span", {}, error || "Give signals, and their traces appear here."),
        );
        this.el.classList.toggle("limpid-vacant", content === null);
        const explained = content !== null && content.relevance !== null;
        bar.element.hidden = order.element.hidden = contrast.element.hidden = !explained;
        order.element.hidden ||= model.trait("channels").length < 2;
        gain.element.hidden = model.trait("channels").length < 2;
        if (explained) bar.set(limit, model.trait("signed"), model.trait("limit") !== null);
        contrast.set(model.trait("percentile"));
        contrast.rest(model.trait("limit") === null ? null : "The scale is held");
        order.set(model.trait("order"));
        gain.set(model.trait("gain"));
        rows.textContent = content === null ? "" : this.rowWords(content);
        tools.hidden = below.hidden = content === null;
      },
    );
    this.draw(["brush", "sight"], () => {
      if (content !== null) content = { ...content, ...this.ranges(content) };
      show(false);
      const range = model.trait("brush");
      const explained = content?.relevance ?? null;
      brushed.textContent =
        content === null ? "" : range.length > 0 ? brushWords(this.words(), explained, range) : this.hint();
      brushed.classList.toggle("limpid-signal-hint", range.length === 0);
      // A button at rest gives the keys to the traces, not to the notebook.
      const held = [toBrush, clear, whole, less].find((one) => one === document.activeElement);
      toBrush.disabled = clear.disabled = range.length === 0;
      whole.disabled = less.disabled = model.trait("sight").length === 0;
      if (held?.disabled) traces.canvas.focus({ preventScroll: true });
    });
    this.draw(["channel", "cursor"], () => {
      if (content !== null) content = { ...content, channel: model.trait("channel"), cursor: model.trait("cursor") };
      show(false);
      read();
    });
    this.draw(["relevance", "channels", "signed"], () => {
      const range = model.trait("brush");
      if (content !== null && range.length > 0)
        brushed.textContent = brushWords(this.words(), content.relevance, range);
    });
  }

  private hint(): string {
    return "Drag over a time to brush it: the sums are then of that time.";
  }

  private words(): SignalTimes & { channels: readonly string[]; signed: boolean } {
    const model = this.shown;
    return {
      rate: model.trait("rate"),
      start: model.trait("start"),
      timeUnit: model.trait("timeUnit"),
      channels: model.trait("channels"),
      signed: model.trait("signed"),
    };
  }

  /** What a row's height is worth. */
  private rowWords({ ranges, channels }: RowsContent): string {
    const units = this.shown.trait("units");
    const told = channels.map((name, at) => {
      const unit = units[at] ?? "";
      return { name, span: `${formatNumber(2 * ranges[at]!.half, 2)}${unit === "" ? "" : ` ${unit}`}`, unit };
    });
    const spans = new Set(told.map(({ span }) => span));
    if (spans.size === 1 && channels.length > 1) return `Each row spans ${told[0]!.span}.`;
    if (channels.length > 8) return "Each row spans what its own channel does.";
    return `Rows span ${told.map(({ name, span }) => `${name} ${span}`).join(", ")}.`;
  }

  private content(): RowsContent | null {
    const model = this.shown;
    const signal = model.trait("signal");
    const channels = model.trait("channels");
    if (signal === null || channels.length === 0 || signal.values.length === 0) return null;
    const relevance = model.trait("relevance")?.values ?? null;
    const made = {
      ...this.words(),
      event: model.trait("event"),
      signal: signal.values,
      relevance,
      limit: model.trait("limit") ?? (relevance ? clipLimit(relevance, model.trait("percentile")) : 0),
      order: rowOrder(model.trait("order"), channels.length, relevance),
      ranges: rowRanges(signal.values, channels.length, model.trait("units"), model.trait("gain")),
      course: relevance !== null && channels.length > 1 ? timeSums(relevance, channels.length) : null,
      channel: model.trait("channel"),
      cursor: model.trait("cursor"),
    };
    return { ...made, ...this.ranges(made) };
  }

  /** What is in sight, what is brushed, and the sums over that. */
  private ranges({
    signal,
    relevance,
    channels,
  }: Pick<RowsContent, "signal" | "relevance" | "channels">): Pick<RowsContent, "sight" | "brush" | "sums"> {
    const model = this.shown;
    const samples = signal.length / channels.length;
    const [from = 0, to = samples] = model.trait("sight");
    const brush = model.trait("brush");
    const [first = 0, last = samples] = brush;
    // What another signal left is not of this one.
    const isOwn = to <= samples && last <= samples;
    return {
      sight: isOwn ? [from, to] : [0, samples],
      brush: isOwn ? brush : [],
      sums: relevance && channelSums(relevance, channels.length, isOwn ? first : 0, isOwn ? last : samples),
    };
  }

  /** The values where it is pointed at. */
  private reading(): string {
    const model = this.shown;
    const [channel, cursor] = [model.trait("channel"), model.trait("cursor")];
    const signal = model.trait("signal");
    const name = model.trait("channels")[channel];
    if (signal === null || cursor < 0) return "Point at a trace to read it.";
    const when = timeWords(this.words(), cursor);
    if (name === undefined) return when;
    const samples = signal.shape[1]!;
    const unit = model.trait("units")[channel] ?? "";
    const relevance = model.trait("relevance")?.values[channel * samples + cursor];
    const write = model.trait("signed") ? formatSigned : formatNumber;
    return [
      `${name}, ${when}`,
      `${formatNumber(signal.values[channel * samples + cursor]!)}${unit === "" ? "" : ` ${unit}`}`,
      ...(relevance === undefined ? [] : [`relevance ${write(relevance)}`]),
    ].join(" · ");
  }
}
