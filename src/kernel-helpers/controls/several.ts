import { flag, list, pair, type StateOf, type Trait, text, unsynced, wholeBetween } from "../../comms/states/traits.js";
import type { InitialState } from "../widgets/base/kernel-side.js";
import type { Widget } from "../widgets/base/widget.js";
import { described } from "./control.js";
import { type Offering, type Option, type Options, optionsTrait, placesOf } from "./options.js";
import { SliderStyle, sliderLook } from "./sliders.js";

const anything: Trait<unknown> = { expected: "one of the options", initial: () => null, check: (value) => value };

const several = {
  _options_labels: list(text()),
  disabled: flag(false),
  options: unsynced(optionsTrait),
  label: unsynced(list(text())),
  value: unsynced(list(anything)),
};

type Several = StateOf<typeof several> & { index: number[] };

type Refuse = (name: "value" | "label" | "index", expected: string, known?: readonly string[]) => never;

const frozen = <T>(items: T[]): T[] => Object.freeze(items) as T[];

/** Keeps positions, labels and values of the chosen options in step: the one that was set decides. */
function keepInStep(
  next: Several,
  names: ReadonlySet<PropertyKey>,
  fail: Refuse,
  none: (options: readonly Option[]) => number[],
): void {
  const { options } = next;
  next._options_labels = frozen(options.map(({ label }) => label));
  const find = (name: "value" | "label") => placesOf(options, name, next[name], (...why) => fail(name, ...why));
  if (names.has("value")) next.index = find("value");
  else if (names.has("label")) next.index = find("label");
  else if (!names.has("index") && (names.has("options") || next.index.length === 0)) next.index = none(options);
  if (next.index.some((place) => !(place in options)))
    fail("index", `a list of places from 0 to ${options.length - 1}`);
  next.index = frozen([...next.index]);
  next.label = frozen(next.index.map((place) => options[place]!.label));
  next.value = frozen(next.index.map((place) => options[place]!.value as unknown));
}

/** What such a control is created with, where `W` are its other traits. */
type SeveralOptions<V, W> = Omit<InitialState<W>, "options" | "value" | "label" | "_options_labels"> & {
  options?: Options<V>;
  value?: readonly V[];
  label?: readonly string[];
};

/** A class of widgets with options of which several are chosen. */
type SeveralClass<W extends Widget> = new (
  initial?: object,
) => Widget<W extends Widget<infer S> ? S : never> & Omit<W, keyof Widget | "options" | "value"> & Offering;

const place = wholeBetween(0, Number.MAX_SAFE_INTEGER, 0);

class MultipleBase extends described(
  "SelectMultiple",
  {
    ...several,
    index: list(place),
    /** Options that are seen at once. */
    rows: wholeBetween(1, 10_000, 5),
  },
  { constrain: (next, names, fail) => keepInStep(next, names, fail, () => []) },
) {}

/**
 * A list to choose any number of options from; `value` is the list of those that are.
 *
 * @example
 * const layers = new SelectMultiple({ options: model.layers.map(({ name }) => name), rows: 8, description: "layers" });
 */
// biome-ignore lint/suspicious/noExplicitAny: options of any kind when the caller does not say
export class SelectMultiple<V = any> extends (MultipleBase as unknown as SeveralClass<MultipleBase>) {
  declare value: readonly V[];

  constructor(initial: SeveralOptions<V, Partial<Pick<MultipleBase, "index" | "rows" | Common>>> = {}) {
    super(initial);
  }
}

class RangeBase extends described(
  "SelectionRangeSlider",
  { ...several, ...sliderLook, index: pair(place, 0, 0) },
  {
    style: SliderStyle,
    constrain(next, names, fail) {
      if (next.options.length === 0) fail("options", "a list that is not empty");
      keepInStep(next as unknown as Several, names, fail, () => [0, 0]);
      const [low, high, ...more] = next.index as number[];
      const set = names.has("value") ? "value" : names.has("label") ? "label" : "index";
      if (low === undefined || high === undefined || more.length > 0 || low > high) {
        fail(set, "two of the options, the first not behind the second");
      }
    },
  },
) {}

type Common = "description" | "description_allow_html" | "disabled" | "layout" | "style" | "tooltip" | "tabbable";

/**
 * A slider with two handles over options, in their order; `value` is the first and the last that are chosen.
 *
 * @throws TraitError without options
 */
// biome-ignore lint/suspicious/noExplicitAny: options of any kind when the caller does not say
export class SelectionRangeSlider<V = any> extends (RangeBase as unknown as SeveralClass<RangeBase>) {
  declare value: readonly [V, V];

  constructor(initial: SeveralOptions<V, Partial<Pick<RangeBase, "index" | keyof typeof sliderLook | Common>>>) {
    super(initial);
  }
}
