import { formatShort } from "../../../comms/format.js";
import type { Floats } from "../../../comms/states/array.js";
import { ownWidget } from "../../../comms/states/module.js";
import { type SignalHeatmapState, signalHeatmapState } from "../../../comms/states/signal-heatmap.js";
import { brushWords, channelSums } from "../../../comms/states/signal-rows.js";
import { invalid, type Trait } from "../../../comms/states/traits.js";
import { ParameterError } from "../../../explainers/errors.js";
import type { SignalSeries, Signals } from "../../data/records/signals.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import { isRelevance, type Relevance } from "../../pictures/relevance-map.js";
import { domWidgetClass } from "../base/layout.js";
import { signalPicture } from "./signal-picture.js";
import { signalRelevance } from "./signal-relevance.js";

/** The traits in the kernel: relevance as explainers give it. */
type SignalHeatmapTraits = Omit<SignalHeatmapState, "relevance"> & { relevance: Relevance | null };

/** What a signal heatmap starts with. */
export interface SignalHeatmapOptions
  extends Partial<Omit<SignalHeatmapTraits, "signal" | "channels" | "units" | "rate" | "start">> {
  /** Signals as `loadSignals` gives them; without, the widget is empty. */
  signals?: Signals;
  /** Which of their series, by index, or a series of the same channels. Default 0. */
  series?: number | SignalSeries;
}

const relevance: Trait<Relevance | null> = {
  ...(signalHeatmapState.relevance as Trait<unknown> as Trait<Relevance | null>),
  expected: "what an explainer returns, its relevance, {shape, values: Float32Array}, a tensor, or null",
  check: (value) => (value === null || isRelevance(value) ? value : invalid),
};

/**
 * Signals of several channels in time, each trace over the colors of its relevance: to point at, zoom and brush. What is brushed is summed by
 * channel, and is there in `brush` (`[from, to]` in samples, the last not included) for cells that observe it and for a `ScalpMap` that is linked to it.
 *
 * @param options.relevance What an explainer returns for a model of `[samples, channels]`, or `[channels, samples]`.
 * @param options.timeUnit Of times in seconds “s” (default); other signals count theirs in what `signals.rate` is of.
 * @throws ParameterError, SignalRelevanceError, TraitError
 * @example
 * const signals = await loadSignals("eeg-finger-movements");
 * const heatmap = new SignalHeatmap({ signals, series: 7, title: "Left or right?" });
 * heatmap.relevance = await lrp(model)(x, { target: "left" });
 * jslink([heatmap, "brush"], [scalp, "brush"]);
 */
export class SignalHeatmap extends domWidgetClass<SignalHeatmapTraits>({
  ...ownWidget("SignalHeatmap"),
  traits: { ...signalHeatmapState, relevance },
  constrain(next, names, fail) {
    const [channels, samples] = next.signal?.shape ?? [0, 0];
    if (names.has("relevance") && next.relevance !== null) {
      if (next.signal === null) fail("relevance", "set together with the signal that it is of");
      const given = next.relevance;
      const rows = signalRelevance(given, channels!, samples!);
      next.relevance = rows;
      const isSum = !("additive" in given && given.additive === false);
      if (!names.has("total")) next.total = isSum ? finite(sumOf(rows)) : null;
      if (!names.has("output") && "output" in given)
        next.output = finite(Number((given.output as ArrayLike<number>)[0]));
    } else if (names.has("signal") && !names.has("relevance")) {
      next.relevance = next.total = next.output = null;
    }
    for (const range of ["brush", "sight"] as const) {
      const [from, to] = next[range];
      if (next[range].length === 0) continue;
      if (from === undefined || to === undefined || next[range].length > 2 || to <= from) {
        fail(range, "[from, to], samples from the first up to and without the last, or empty");
      }
      // The next series may be shorter.
      const held = [Math.max(0, from), Math.min(to, samples!)];
      next[range] = held[0]! < held[1]! ? held : [];
    }
  },
}) {
  readonly #signals: Signals | undefined;

  constructor({ signals, series = 0, ...looks }: SignalHeatmapOptions = {}) {
    super(signals === undefined ? looks : { ...looks, ...stateOf(signals, series) });
    this.#signals = signals;
  }

  /**
   * Shows another series of the same signals, with its relevance.
   *
   * @throws ParameterError, SignalRelevanceError
   */
  show(series: number | SignalSeries, next: Pick<SignalHeatmapOptions, "relevance" | "title" | "subtitle"> = {}): void {
    if (this.#signals === undefined) throw new ParameterError("signals", undefined, "given when the widget is made");
    this.set({ relevance: null, total: null, output: null, ...stateOf(this.#signals, series), ...next });
  }

  override staticPicture(): StaticPicture | null {
    return signalPicture(this as unknown as SignalHeatmapState);
  }

  /** In plain text: what is shown, the sums by channel, and what is brushed. */
  override toString(): string {
    const { title, subtitle, output, total, error, channels, brush } = this;
    const values = (this.relevance as Floats | null)?.data as Float32Array | undefined;
    const head = [
      [title.replaceAll("*", ""), subtitle].filter((part) => part !== "").join(" "),
      this.signal === null ? "" : `${channels.length} channels, ${this.signal.shape[1]} samples`,
      output === null ? "" : `output ${formatShort(output, 4)}`,
      total === null ? "" : `relevance ${formatShort(total, 4)}`,
      error,
    ].filter((part) => part !== "");
    const lines = [`SignalHeatmap${head.length === 0 ? "" : `: ${head.join(" · ")}`}`];
    if (values !== undefined) {
      const sums = channelSums(values, channels.length, 0, values.length / channels.length);
      const order = [...sums.keys()].sort((a, b) => Math.abs(sums[b]!) - Math.abs(sums[a]!)).slice(0, 5);
      lines.push(...order.map((channel) => `  ${channels[channel]}: ${formatShort(sums[channel]!, 4)}`));
    }
    if (brush.length > 0) lines.push(`  ${brushWords(this, values ?? null, brush)}`);
    return lines.join("\n");
  }
}

const sumOf = ({ data }: { data: Float32Array }): number => data.reduce((sum, value) => sum + value, 0);

const finite = (value: number) => (Number.isFinite(value) ? value : null);

/** What is shown of one series. */
function stateOf(signals: Signals, which: number | SignalSeries) {
  const { channels, rate, start, event, series } = signals;
  const one = typeof which === "number" ? series[which] : which;
  if (one === undefined) throw new ParameterError("series", which, `from 0 to ${series.length - 1}`);
  if (one.values.length !== channels.length * one.samples || one.samples === 0) {
    const given = `${one.values.length} values of ${one.samples} samples`;
    throw new ParameterError("series", given, `of ${channels.length} channels, and not empty`);
  }
  return {
    signal: { shape: [channels.length, one.samples], dtype: "float32", data: one.values.slice() } satisfies Floats,
    channels: channels.map(({ name }) => name),
    units: channels.map(({ unit }) => unit),
    rate: rate ?? null,
    // What is cut around an event counts from it, what is cut out of a recording from its begin.
    start: event === undefined ? start + (one.at ?? 0) : start,
    event: event ?? "",
  };
}
