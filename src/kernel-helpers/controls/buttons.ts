import type { ButtonState, ButtonStyleState, CheckboxState, CheckboxStyleState } from "../../comms/states/controls.js";
import { choice, flag, nullable, text } from "../../comms/states/traits.js";
import { domTraits } from "../widgets/base/layout.js";
import { control, describedTraits, descriptionStyleTraits, style, styleTrait } from "./control.js";
import { fontTraits } from "./fonts.js";

class ButtonStyle extends style<ButtonStyleState>("ButtonStyle", {
  ...fontTraits,
  button_color: nullable(text()),
}) {}

/**
 * A button.
 *
 * @example
 * const stop = new Button({ description: "Stop", icon: "stop" });
 * stop.on("click", () => controller.abort());
 */
export class Button extends control<ButtonState, { click: object }>("Button", {
  traits: {
    ...domTraits,
    description: text(),
    disabled: flag(false),
    icon: text(),
    button_style: choice("", "primary", "success", "info", "warning", "danger"),
    style: styleTrait(ButtonStyle),
  },
  events: ["click"],
}) {}

class CheckboxStyle extends style<CheckboxStyleState>("CheckboxStyle", {
  ...descriptionStyleTraits,
  background: nullable(text()),
}) {}

/** A box to check: `value` is true or false. */
export class Checkbox extends control<CheckboxState>("Checkbox", {
  traits: {
    ...describedTraits,
    style: styleTrait(CheckboxStyle),
    value: flag(false),
    indent: flag(true),
    disabled: flag(false),
  },
}) {}
