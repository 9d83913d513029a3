import type { SelectionState, ToggleButtonsState, ToggleButtonsStyleState } from "../../comms/states/controls.js";
import {
  choice,
  flag,
  integer,
  invalid,
  isRecord,
  list,
  sameData,
  type Trait,
  text,
  unsynced,
} from "../../comms/states/traits.js";
import type { InitialState, KernelSide } from "../widgets/base/kernel-side.js";
import type { Widget } from "../widgets/base/widget.js";
import { control, DescriptionStyle, describedTraits, descriptionStyleTraits, style, styleTrait } from "./control.js";

/** What can be chosen: values, `[label, value]` pairs, or an object of values by label. */
type Options<V> = readonly V[] | readonly (readonly [label: string, value: V])[] | Readonly<Record<string, V>>;

interface Option {
  label: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the caller's options are
  value: any;
}

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

const optionsTrait: Trait<Option[]> = {
  expected: "a list of values, a list of [label, value] pairs, or an object of values by label",
  initial: () => Object.freeze([]) as unknown as Option[],
  check(given) {
    const options = optionsOf(given);
    return options === invalid ? invalid : (Object.freeze(options.map(Object.freeze)) as Option[]);
  },
};

function optionsOf(given: unknown): Option[] | typeof invalid {
  if (isRecord(given)) return Object.entries(given).map(([label, value]) => ({ label, value }));
  if (!Array.isArray(given)) return invalid;
  if (given.every((item) => Array.isArray(item) && item.length === 2 && typeof item[0] === "string")) {
    return given.map(([label, value]) => ({ label, value }));
  }
  return given.map((value) => ({ label: String(value), value }));
}

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
  const find = (name: "value" | "label") => {
    if (next[name] === null) return null;
    const index = options.findIndex((option) => sameData(option[name], next[name]));
    return index >= 0
      ? index
      : fail(name, `one of the options (${next._options_labels.join(", ")})`, next._options_labels);
  };
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

/** Options are set in any of the forms that the constructor takes, and read in one. */
interface Offering {
  get options(): readonly Option[];
  // biome-ignore lint/suspicious/noExplicitAny: an assignment cannot say of what kind they are
  set options(given: Options<any>);
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
