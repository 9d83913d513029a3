import type {
  FloatLogSliderState,
  FloatSliderState,
  IntSliderState,
  SliderState,
  SliderStyleState,
} from "../../comms/states/controls.js";
import {
  choice,
  flag,
  integer,
  nullable,
  number,
  pair,
  type Trait,
  type Traits,
  text,
} from "../../comms/states/traits.js";
import type { KernelSide } from "../widgets/base/kernel-side.js";
import { keepBetween, keepRange, middle } from "./bounded.js";
import { control, described, describedTraits, descriptionStyleTraits, style, styleTrait } from "./control.js";

export class SliderStyle extends style<SliderStyleState>("SliderStyle", {
  ...descriptionStyleTraits,
  handle_color: nullable(text()),
}) {}

type Range = "value" | "min" | "max" | "readout_format";
const sliderTraits: Omit<Traits<KernelSide<SliderState>>, Range> = {
  ...describedTraits,
  style: styleTrait(SliderStyle),
  orientation: choice("horizontal", "vertical"),
  readout: flag(true),
  continuous_update: flag(true),
  disabled: flag(false),
  behavior: choice("drag-tap", "drag-snap", "tap", "drag", "snap"),
};

/** A step or null for none; starts at `initial`. */
const step = (initial: number): Trait<number | null> => ({ ...nullable(number()), initial: () => initial });

/**
 * A slider over integers, 0 to 100 in steps of 1 unless told otherwise.
 *
 * @example
 * const units = new IntSlider({ value: 8, min: 1, max: 64, description: "units" });
 */
export class IntSlider extends control<IntSliderState>("IntSlider", {
  traits: {
    ...sliderTraits,
    value: integer(0),
    min: integer(0),
    max: integer(100),
    step: integer(1),
    readout_format: text("d"),
  },
  constrain: keepBetween,
}) {}

/**
 * A slider over numbers, 0 to 100 in steps of 0.1 unless told otherwise.
 *
 * @example
 * const gamma = new FloatSlider({ value: 0.25, min: 0, max: 1, step: 0.01, description: "γ" });
 */
export class FloatSlider extends control<FloatSliderState>("FloatSlider", {
  traits: {
    ...sliderTraits,
    value: number(0),
    min: number(0),
    max: number(100),
    step: step(0.1),
    readout_format: text(".2f"),
  },
  constrain: keepBetween,
}) {}

/**
 * A slider over powers: `min` and `max` are exponents of `base`, 10⁰ to 10⁴ unless told otherwise.
 *
 * @example
 * const epsilon = new FloatLogSlider({ value: 1e-6, min: -9, max: 0, description: "ε" });
 */
export class FloatLogSlider extends control<FloatLogSliderState>("FloatLogSlider", {
  traits: {
    ...sliderTraits,
    value: number(1),
    min: number(0),
    max: number(4),
    base: number(10),
    step: step(0.1),
    readout_format: text(".3g"),
  },
  constrain: (next, names, fail) => keepBetween(next, names, fail, (exponent) => next.base ** exponent),
}) {}

/** What sliders have whatever they are over. */
export const sliderLook = {
  orientation: sliderTraits.orientation,
  /** Whether the value stands beside the slider. */
  readout: sliderTraits.readout,
  /** Whether the value follows the handles, or changes only when one is let go. */
  continuous_update: sliderTraits.continuous_update,
  disabled: sliderTraits.disabled,
  behavior: sliderTraits.behavior,
};

/**
 * A slider with two handles over integers: `value` is `[low, high]`. 0 to 100 in steps of 1 unless told otherwise, at first the middle half.
 *
 * @example
 * const channels = new IntRangeSlider({ value: [8, 16], max: 64, description: "channels" });
 */
export class IntRangeSlider extends described(
  "IntRangeSlider",
  {
    ...sliderLook,
    value: middle(pair(integer(), 0, 0)),
    min: integer(0),
    max: integer(100),
    step: integer(1),
    /** Format of the numbers, in d3-format's language. */
    readout_format: text("d"),
  },
  { style: SliderStyle, constrain: (next, names, fail) => keepRange(next, names, fail, Math.trunc) },
) {}

/** A slider with two handles over numbers: `value` is `[low, high]`. 0 to 100 in steps of 0.1 unless told otherwise, at first the middle half. */
export class FloatRangeSlider extends described(
  "FloatRangeSlider",
  {
    ...sliderLook,
    value: middle(pair(number(), 0, 0)),
    min: number(0),
    max: number(100),
    step: step(0.1),
    /** Format of the numbers, in d3-format's language. */
    readout_format: text(".2f"),
  },
  { style: SliderStyle, constrain: keepRange },
) {}
