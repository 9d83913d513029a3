import { flag, integer, nullable, number, wholeBetween } from "../../../comms/states/traits.js";
import { keepBetween } from "../bounded.js";
import { described } from "../control.js";

const field = {
  disabled: flag(false),
  /** Whether the value follows each key, or changes at Enter and when the field is left. */
  continuous_update: flag(false),
};

/** A field for an integer. */
export class IntText extends described("IntText", { ...field, value: integer(0), step: integer(1) }) {}

/** A field for a number; `step` is what an arrow key adds, null for 1. */
export class FloatText extends described("FloatText", { ...field, value: number(0), step: nullable(number()) }) {}

/** A field for an integer between bounds, 0 to 100 unless told otherwise. */
export class BoundedIntText extends described(
  "BoundedIntText",
  { ...field, value: integer(0), min: integer(0), max: integer(100), step: integer(1) },
  { view: "IntTextView", constrain: keepBetween },
) {}

/** A field for a number between bounds, 0 to 100 unless told otherwise. */
export class BoundedFloatText extends described(
  "BoundedFloatText",
  { ...field, value: number(0), min: number(0), max: number(100), step: nullable(number()) },
  { view: "FloatTextView", constrain: keepBetween },
) {}

/**
 * Buttons that count a value up by time, in the browser: link it to a slider to play that.
 *
 * @example
 * const play = new Play({ max: 20, interval: 500 });
 * jslink([play, "value"], [layer, "value"]);
 */
export class Play extends described(
  "Play",
  {
    value: integer(0),
    min: integer(0),
    max: integer(100),
    step: integer(1),
    /** Milliseconds from one value to the next. */
    interval: wholeBetween(1, 2 ** 31 - 1, 100),
    playing: flag(false),
    /** Whether it begins anew at its end. */
    repeat: flag(false),
    show_repeat: flag(true),
    disabled: flag(false),
  },
  { constrain: keepBetween },
) {}
