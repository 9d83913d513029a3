import type {
  FloatLogSliderState,
  FloatSliderState,
  IntSliderState,
  SliderState,
  SliderStyleState,
} from "../../comms/states/controls.js";
import { choice, flag, integer, nullable, number, type Trait, type Traits, text } from "../../comms/states/traits.js";
import type { KernelSide } from "../widgets/base/kernel-side.js";
import { keepBetween } from "./bounded.js";
import { control, describedTraits, descriptionStyleTraits, style, styleTrait } from "./control.js";

class SliderStyle extends style<SliderStyleState>("SliderStyle", {
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
