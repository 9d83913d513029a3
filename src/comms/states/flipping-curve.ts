import { bytes, type Floats } from "./array.js";
import type { Choice } from "./field.js";
import type { GridCellState, GridColumn } from "./method-grid.js";
import type { ModelReference } from "./model.js";
import { choice, data, flag, integer, list, nullable, number, type StateOf, text, viewed } from "./traits.js";

/** What is flipped first: the most relevant, or the least. */
export type FlippingOrder = "morf" | "lerf";

/** What is followed: the softmax or sigmoid of the explained output, or the output before it. */
export type Followed = "probability" | "logit";

/** One number for a curve: the mean fall over its steps (AOPC), or the area beneath it (AUC). */
export type FlippingSummary = "aopc" | "auc";

/** What a curve is measured with. */
export interface FlippingSettings {
  /** One of `replacements`. */
  replacement: string;
  order: FlippingOrder;
  followed: Followed;
}

/** All curves of one choice of settings: what is drawn, and what it is compared with. */
export interface FlippingRun extends FlippingSettings {
  /** The output at each of `shares`, a list for each method; null where there is none. */
  curves: (number[] | null)[];
  /** Why there is none; empty where there is. */
  errors: string[];
  /** Means over orders by chance, and their least and largest. */
  random: { mean: number[]; low: number[]; high: number[] } | null;
  /** `[methods, rows, columns]`: the step at which a region is flipped, from 1 on. */
  steps: Floats | null;
}

/** What the reader has flipped, and what the network said after each region. */
export interface ReaderCurve extends FlippingSettings {
  /** Regions in his order, row by row from the upper left. */
  picks: number[];
  /** The output before the first and after each. */
  values: number[];
}

/** Which picture `frame` is: of a method, or the reader's; and after how many steps, or regions of the reader's. */
export interface FrameOf extends FlippingSettings {
  curve: number;
  step: number;
  /** The reader's regions that are replaced in it, in his order; of a method none are told. */
  picks: readonly number[];
}

/** In the place of a method: the reader. */
export const READER = -1;

/** Curves of the explained output against the share of the picture that is flipped, and the reader's own. */
export const flippingCurveState = {
  title: text(),
  subtitle: text(),
  /** Pixels of the picture, `[height, width, 4]`. */
  image: bytes(),
  /** Name of the explained class. */
  target: text(),
  /** How the methods are called. */
  methods: data<GridColumn[]>([]),
  /** Their maps, in the same order. */
  cells: data<ModelReference<GridCellState>[]>([]),
  /** The picture is flipped in rows × columns of regions. */
  rows: integer(1),
  columns: integer(1),
  replacement: text("mean"),
  replacements: data<Choice[]>([]),
  order: choice<FlippingOrder>("morf", "lerf"),
  followed: choice<Followed>("probability", "logit"),
  summary: viewed(choice<FlippingSummary>("aopc", "auc")),
  /** How the table is sorted. */
  sort: viewed(choice<"rank" | "name">("rank", "name")),
  /** Shares of the picture that are flipped at each step, 0 to 1. */
  shares: data<number[]>([]),
  /** What has been measured, in order; `drawn` and `before` are places in it. */
  runs: data<FlippingRun[]>([]),
  /** The run that is drawn; −1 for none. While another is measured, not the chosen settings. */
  drawn: integer(-1),
  /** The run that was drawn before with another replacement, and that ranks are compared with; −1 for none. */
  before: integer(-1),
  /** The step that is looked at; −1 for none. An echo would throw one that has moved on back to where it was. */
  cursor: viewed({ ...integer(-1), echoed: false }),
  /** The method whose picture is looked at, or `READER`. */
  watched: viewed({ ...integer(0), echoed: false }),
  /** First and last step of the range that is summed up. */
  range: viewed(nullable(list(integer()))),
  /** The reader's part, where nothing of the methods is seen, or theirs. */
  tab: viewed(choice<"methods" | "reader">("methods", "reader")),
  /** Regions that the reader has clicked, in his order. */
  picks: list(integer()),
  /** What the network says of them, as far as it was asked; null before the first answer. */
  reader: nullable(data<ReaderCurve>({} as ReaderCurve)),
  /** The picture after some steps as the network saw it, `[height, width, channel]` … */
  frame: bytes(),
  /** … and which it is. */
  frameOf: nullable(data<FrameOf>({} as FrameOf)),
  running: flag(),
  /** What is being done, in a few words. */
  stage: text(),
  /** Share of the work that is done; null where it is not known. */
  progress: nullable(number()),
  /** Where the last work was stopped, 0 to 1; null when it was not. What is drawn is then of other settings than were chosen. */
  stopped: nullable(number()),
  /** What keeps all of the curves from being measured; empty when nothing does. */
  error: text(),
};

export interface FlippingCurveState extends StateOf<typeof flippingCurveState> {}

/** What a view sends. */
export interface FlippingCurveEvents {
  stop: object;
  /** Measure what was stopped or has failed. */
  again: object;
  /** Measure with every replacement, one after the other. */
  all: object;
}

/**
 * What a curve comes to between two steps, both included: AOPC `1/(b−a+1) Σ f(x⁰) − f(xᵏ)`, or the area beneath it by trapezoids
 * over the width of the range.
 *
 * @see Samek et al. 2017, eq. 12; Petsiuk et al. 2018 for the area
 */
export function summaryOf(
  curve: readonly number[],
  shares: readonly number[],
  kind: FlippingSummary,
  [from, to]: readonly [number, number] = [0, curve.length - 1],
): number {
  if (kind === "aopc") {
    let fall = 0;
    for (let step = from; step <= to; step++) fall += curve[0]! - curve[step]!;
    return fall / (to - from + 1);
  }
  if (to === from) return curve[from]!;
  let area = 0;
  for (let step = from + 1; step <= to; step++) {
    area += ((curve[step - 1]! + curve[step]!) / 2) * (shares[step]! - shares[step - 1]!);
  }
  return area / (shares[to]! - shares[from]!);
}

/** Whether a larger summary is the better one: a fall is wanted where the most relevant goes first, not where the least does. */
export const largerIsBetter = (kind: FlippingSummary, order: FlippingOrder): boolean =>
  (kind === "aopc") === (order === "morf");

/** Places from 1, by what the numbers that are known come to; equal ones share the better place. */
export function ranksOf(
  summaries: readonly (number | null)[],
  kind: FlippingSummary,
  order: FlippingOrder,
): (number | null)[] {
  const sign = largerIsBetter(kind, order) ? 1 : -1;
  return summaries.map((own) =>
    own === null ? null : 1 + summaries.filter((other) => other !== null && sign * (other - own) > 0).length,
  );
}

/** The summaries of a run's methods. */
export const summariesOf = (
  run: FlippingRun,
  shares: readonly number[],
  kind: FlippingSummary,
  range: readonly [number, number] = [0, shares.length - 1],
): (number | null)[] => run.curves.map((curve) => (curve === null ? null : summaryOf(curve, shares, kind, range)));

/** The reader's values at the shares of the methods' steps, on straight lines between his regions; null beyond his last. */
export function readerAt(
  { values }: Pick<ReaderCurve, "values">,
  shares: readonly number[],
  regions: number,
): (number | null)[] {
  const last = values.length - 1;
  return shares.map((share) => {
    const place = share * regions;
    // Shares are rounded: what is all of it is not beyond.
    if (place > last + 1e-6) return null;
    const low = Math.min(Math.floor(place + 1e-6), last);
    const high = Math.min(low + 1, last);
    return values[low]! + (values[high]! - values[low]!) * Math.max(0, place - low);
  });
}

/** How many regions are flipped at a step. */
export const regionsAt = (share: number, regions: number): number => Math.round(share * regions);

/** Whether two curves were measured alike. */
export const sameSettings = (a: FlippingSettings, b: FlippingSettings): boolean =>
  a.replacement === b.replacement && a.order === b.order && a.followed === b.followed;

/** The reader's curve where it can stand beside a run's: measured alike, and with a region flipped. */
export const comparedReader = (reader: ReaderCurve | null, run: FlippingRun | undefined): ReaderCurve | null =>
  reader !== null && run !== undefined && reader.values.length > 1 && sameSettings(reader, run) ? reader : null;

export const ORDER_WORDS: Record<FlippingOrder, string> = {
  morf: "most relevant first",
  lerf: "least relevant first",
};

export const SUMMARY_WORDS: Record<FlippingSummary, string> = { aopc: "AOPC", auc: "AUC" };

/** The picture that belongs to what is looked at; null where there is none to be had. */
export function wantedFrame({
  tab,
  watched,
  cursor,
  shares,
  rows,
  columns,
  runs,
  drawn,
  reader,
}: Pick<
  FlippingCurveState,
  "tab" | "watched" | "cursor" | "shares" | "rows" | "columns" | "runs" | "drawn" | "reader"
>): FrameOf | null {
  const ofReader = (step: number): FrameOf | null => {
    if (reader === null || step === 0) return null;
    const { replacement, order, followed } = reader;
    return { replacement, order, followed, curve: READER, step, picks: reader.picks.slice(0, step) };
  };
  if (tab === "reader") return ofReader(reader === null ? 0 : reader.values.length - 1);
  const run = runs[drawn];
  if (run === undefined || cursor < 1) return null;
  if (watched === READER) {
    const picked = comparedReader(reader, run)?.values.length ?? 1;
    return ofReader(Math.min(regionsAt(shares[cursor] ?? 0, rows * columns), picked - 1));
  }
  if ((run.curves[watched] ?? null) === null) return null;
  const { replacement, order, followed } = run;
  return { replacement, order, followed, curve: watched, step: cursor, picks: [] };
}

/** Whether two pictures are the same one; what is followed does not change them. */
export const sameFrame = (a: FrameOf | null, b: FrameOf | null): boolean =>
  a !== null &&
  b !== null &&
  sameSettings(a, { ...b, followed: a.followed }) &&
  a.curve === b.curve &&
  a.step === b.step &&
  a.picks.join() === b.picks.join();
