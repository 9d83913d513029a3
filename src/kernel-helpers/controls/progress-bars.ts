import type { ProgressState, ProgressStyleState } from "../../comms/states/controls.js";
import { choice, integer, nullable, number, text } from "../../comms/states/traits.js";
import { keepBetween } from "./bounded.js";
import { control, describedTraits, descriptionStyleTraits, style, styleTrait } from "./control.js";

class ProgressStyle extends style<ProgressStyleState>("ProgressStyle", {
  ...descriptionStyleTraits,
  bar_color: nullable(text()),
}) {}

const barTraits = {
  ...describedTraits,
  style: styleTrait(ProgressStyle),
  bar_style: choice("", "success", "info", "warning", "danger"),
  orientation: choice("horizontal", "vertical"),
};

/** A bar that shows how far something has come, as an integer; 0 to 100 unless told otherwise. */
export class IntProgress extends control<ProgressState>("IntProgress", {
  view: "ProgressView",
  traits: { ...barTraits, value: integer(0), min: integer(0), max: integer(100) },
  constrain: keepBetween,
}) {}

/** A bar that shows how far something has come, as a number; 0 to 100 unless told otherwise. */
export class FloatProgress extends control<ProgressState>("FloatProgress", {
  view: "ProgressView",
  traits: { ...barTraits, value: number(0), min: number(0), max: number(100) },
  constrain: keepBetween,
}) {}
