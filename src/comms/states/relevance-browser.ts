import { floats, bytes as pixels } from "./array.js";
import { heatmapState } from "./heatmap.js";
import { choice, data, flag, integer, list, nullable, number, type StateOf, text, wholeBetween } from "./traits.js";

/** One sample as a card. */
export interface SampleCard {
  /** Its number in the data set. */
  index: number;
  id: string;
  /** What was explained: a class by name, or its index; empty where it is none. */
  target: string;
  /** Its own class; empty where the data do not say it. */
  label: string;
  /** Whether its class was predicted; null where that is not known. */
  right: boolean | null;
  output: number | null;
  /** The sum of its relevance. */
  total: number | null;
  /** What was wrong with it; empty where it was explained. */
  error: string;
}

/** A class that there are samples of. */
export interface SampleClass {
  index: number;
  name: string;
  count: number;
}

/** A layer and the relevance that reached it. */
interface LayerSum {
  name: string;
  sum: number;
}

/** The sample that is open. */
export interface OpenSample extends SampleCard {
  /** From the output to the input; empty for methods that send nothing back. */
  layers: LayerSum[];
}

export type SampleOrder = "number" | "output" | "total" | "conservation";

/** How many cards a page has. */
export const SAMPLES_A_PAGE = 12;

/** A store of explanations: a page of its samples as small maps, what chooses them, and one at large. */
export const relevanceBrowserState = {
  ...heatmapState,
  /** Samples of the data set, those of them that are in the store, and those of these that failed. */
  count: integer(),
  there: integer(),
  failed: integer(),
  /** Whether the store is looked at again for more. */
  growing: flag(),
  /** Classes that were explained, and own classes of the samples. */
  targets: data<SampleClass[]>([]),
  labels: data<SampleClass[]>([]),
  /** Whether it is known which class is predicted and which is right. */
  judged: flag(),
  /** The class that is shown, by its index; −1 for all. */
  target: integer(-1),
  label: integer(-1),
  which: choice<"all" | "right" | "wrong" | "failed">("all", "right", "wrong", "failed"),
  /** Part of a sample's name, or `#` and its number. */
  search: text(),
  sort: choice<SampleOrder>("number", "output", "total", "conservation"),
  descending: flag(),
  /** From 0. */
  page: wholeBetween(0, Number.POSITIVE_INFINITY, 0),
  pages: integer(1),
  /** How many samples there are after filters. */
  found: integer(),
  /** What the cards are, and which page of them: as the kernel made them, which may follow what was chosen. */
  words: text(),
  pageWords: text(),
  cards: list<SampleCard>(data<SampleCard>({} as SampleCard)),
  /** Their maps, `[cards, height, width]`; null where they are none of two axes. */
  maps: floats(),
  /** Their pictures, `[cards, height, width, 1 or 3]`; null where they are not known. */
  pictures: pixels(),
  /** The number of the sample that is open; −1 for none. */
  selected: integer(-1),
  opened: nullable(data<OpenSample>({} as OpenSample)),
  running: flag(),
  /** Share of the store that was read, 0 to 1; null while none is. */
  progress: nullable(number()),
  stopped: nullable(number()),
  /** Why the store cannot be read; `error` is of the sample that is open. */
  failure: text(),
};

export interface RelevanceBrowserState extends StateOf<typeof relevanceBrowserState> {}

/** What a view sends. */
export interface RelevanceBrowserEvents {
  stop: object;
  /** Read what was not read, or what failed, once more. */
  again: object;
}

/** How much of the output did not become relevance, relative to it; null where that is not known. */
export const conservationError = ({ output, total }: Pick<SampleCard, "output" | "total">): number | null =>
  output === null || total === null || output === 0 ? null : Math.abs(total - output) / Math.abs(output);

/** `1,024 of 50,000 samples are there`, and what became of them. */
export function thereWords({
  count,
  there,
  failed,
}: Pick<RelevanceBrowserState, "count" | "there" | "failed">): string {
  const whole =
    there === count
      ? `All ${counted(count)} samples are there`
      : `${counted(there)} of ${counted(count)} samples are there`;
  return failed === 0 ? whole : `${whole}, ${counted(failed)} failed`;
}

const counted = (value: number): string => value.toLocaleString("en");
