import type {
  SelectionState,
  SliderState,
  SliderStyleState,
  ToggleButtonsState,
  ToggleButtonsStyleState,
} from "../../comms/states/controls.js";
import { choice, flag, integer, list, type Trait, text, unsynced, wholeBetween } from "../../comms/states/traits.js";
import type { InitialState, KernelSide } from "../widgets/base/kernel-side.js";
import type { Widget } from "../widgets/base/widget.js";
import { control, DescriptionStyle, describedTraits, descriptionStyleTraits, style, styleTrait } from "./control.js";
import { type Offering, type Option, type Options, optionsTrait, placesOf } from "./options.js";
import { SliderStyle, sliderLook } from "./sliders.js";

/** The part of a selection that stays in the kernel: the front end knows labels and a position only. */
interface Chosen {
  options: Option[];
  /** The selected value; null: none. */
  value: Option["value"];
  label: string | null;
}

/** What a selection is created with. Without `value`, `label` or `index` the first option is selected. */
export type SelectionOptions<V, W> = Omit<InitialState<W>, "_options_labels" | keyof Chosen> & {
  options?: Options<V>;
  value?: V | null;
  label?: string | null;
};

/** A position that nobody has chosen yet. */
const UNSET = -1;

const selectionTraits = {
  ...describedTraits,
  _options_labels: list(text()),
  disabled: flag(false),
  index: orNull(integer(UNSET)),
  label: unsynced(orNull(text())),
  options: unsynced(optionsTrait),
  value: unsynced<Option["value"]>({ expected: "one of the options", initial: () => null, check: (value) => value }),
};

/** Like `nullable`, but starts as the inner trait does. */
function orNull<T>(inner: Trait<T>): Trait<T | null> {
  return {
    ...inner,
    expected: `${inner.expected} or null`,
    check: (value) => (value === null ? null : inner.check(value)),
  } as Trait<T | null>;
}

type Selection = Chosen & Pick<SelectionState, "index" | "_options_labels">;

/** Keeps position, label and value of the selected option in step: the one that was set decides. */
function keepInStep(
  next: Selection,
  names: ReadonlySet<string>,
  fail: (name: keyof Selection, expected: string, known?: readonly string[]) => never,
): void {
  const { options } = next;
  next._options_labels = options.map(({ label }) => label);
  const find = (name: "value" | "label") =>
    next[name] === null ? null : placesOf(options, name, [next[name]], (...why) => fail(name, ...why))[0]!;
  if (names.has("value")) next.index = find("value");
  else if (names.has("label")) next.index = find("label");
  else if (names.has("index")) {
    if (next.index !== null && !(next.index in options)) fail("index", `null or from 0 to ${options.length - 1}`);
  } else if (next.index === UNSET || (names.has("options") && next.index !== null)) {
    next.index = options.length > 0 ? 0 : null;
  }
  const chosen = next.index === null ? { label: null, value: null } : options[next.index]!;
  next.label = chosen.label;
  next.value = chosen.value;
}

/** A class of widgets with options. */
type SelectionClass<W> = new (
  initial?: InitialState<W>,
) => Widget<KernelSide<W>> & Omit<KernelSide<W>, "options"> & Offering;

type DropdownState = SelectionState & Chosen;

/**
 * A list that drops down to choose one option from.
 *
 * @example
 * const composite = new Dropdown({ options: { "ε-plus": epsilonPlus(), "ε-γ-box": epsilonGammaBox({ low: -1, high: 1 }) } });
 * composite.observe(({ new: chosen }) => explainWith(chosen), "value");
 */
// biome-ignore lint/suspicious/noExplicitAny: options of any kind when the caller does not say
export class Dropdown<V = any> extends (control<DropdownState>("Dropdown", {
  traits: { ...selectionTraits, style: styleTrait(DescriptionStyle) },
  constrain: keepInStep,
}) as unknown as SelectionClass<DropdownState>) {
  declare value: V | null;

  constructor(initial: SelectionOptions<V, DropdownState> = {}) {
    super(initial as InitialState<DropdownState>);
  }
}

class ToggleButtonsStyle extends style<ToggleButtonsStyleState>("ToggleButtonsStyle", {
  ...descriptionStyleTraits,
  button_width: text(),
  font_weight: text(),
}) {}

type ToggleState = ToggleButtonsState & Chosen;

/** Buttons side by side of which one is pressed. */
// biome-ignore lint/suspicious/noExplicitAny: options of any kind when the caller does not say
export class ToggleButtons<V = any> extends (control<ToggleState>("ToggleButtons", {
  traits: {
    ...selectionTraits,
    style: styleTrait(ToggleButtonsStyle),
    tooltips: list(text()),
    icons: list(text()),
    button_style: choice("", "primary", "success", "info", "warning", "danger"),
  },
  constrain: keepInStep,
}) as unknown as SelectionClass<ToggleState>) {
  declare value: V | null;

  constructor(initial: SelectionOptions<V, ToggleState> = {}) {
    super(initial as InitialState<ToggleState>);
  }
}

/** Traits of lists that show several options at once. */
const rows = { rows: wholeBetween(1, 10_000, 5) };

interface SelectState extends DropdownState {
  /** Options that are seen at once. */
  rows: number;
}

/** A list to choose one option from. */
// biome-ignore lint/suspicious/noExplicitAny: options of any kind when the caller does not say
export class Select<V = any> extends (control<SelectState>("Select", {
  traits: { ...selectionTraits, ...rows, style: styleTrait(DescriptionStyle) },
  constrain: keepInStep,
}) as unknown as SelectionClass<SelectState>) {
  declare value: V | null;

  constructor(initial: SelectionOptions<V, SelectState> = {}) {
    super(initial as InitialState<SelectState>);
  }
}

interface RadioState extends DropdownState {
  orientation: "vertical" | "horizontal";
}

/** Buttons below each other of which one is chosen. */
// biome-ignore lint/suspicious/noExplicitAny: options of any kind when the caller does not say
export class RadioButtons<V = any> extends (control<RadioState>("RadioButtons", {
  traits: {
    ...selectionTraits,
    orientation: choice("vertical", "horizontal"),
    style: styleTrait(DescriptionStyle),
  },
  constrain: keepInStep,
}) as unknown as SelectionClass<RadioState>) {
  declare value: V | null;

  constructor(initial: SelectionOptions<V, RadioState> = {}) {
    super(initial as InitialState<RadioState>);
  }
}

type SliderLook = Pick<SliderState, keyof typeof sliderLook>;
type SelectionSliderState = SelectionState<SliderStyleState> & Chosen & SliderLook;

/**
 * A slider over options, in their order.
 *
 * @throws TraitError without options
 */
// biome-ignore lint/suspicious/noExplicitAny: options of any kind when the caller does not say
export class SelectionSlider<V = any> extends (control<SelectionSliderState>("SelectionSlider", {
  traits: { ...selectionTraits, ...sliderLook, style: styleTrait(SliderStyle) },
  constrain(next, names, fail) {
    if (next.options.length === 0) fail("options", "a list that is not empty");
    keepInStep(next, names, fail);
    if (next.index === null)
      fail(names.has("value") ? "value" : "index", "one of the options: a slider has no place for none");
  },
}) as unknown as SelectionClass<SelectionSliderState>) {
  declare value: V;

  constructor(initial: SelectionOptions<V, SelectionSliderState>) {
    super(initial as InitialState<SelectionSliderState>);
  }
}
