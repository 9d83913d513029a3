import type {
  ButtonState,
  ButtonStyleState,
  CheckboxState,
  CheckboxStyleState,
  DescriptionStyleState,
  FontState,
} from "../../comms/states/controls.js";
import { choice, flag, nullable, text } from "../../comms/states/traits.js";
import { domTraits } from "../widgets/base/layout.js";
import type { Disposer, ListenOptions } from "../widgets/base/listeners.js";
import type { WidgetEvent } from "../widgets/base/widget.js";
import { control, described, describedTraits, descriptionStyleTraits, style, styleTrait } from "./control.js";
import { fontTraits } from "./fonts.js";

export class ButtonStyle extends style<ButtonStyleState>("ButtonStyle", {
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
}) {
  /** Calls `handler` at each click; the same as `on("click", …)`. */
  onClick(handler: (click: WidgetEvent) => unknown, options: ListenOptions = {}): Disposer {
    return this.on("click", handler, options);
  }
}

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

class ToggleButtonStyle extends style<DescriptionStyleState & FontState>("ToggleButtonStyle", {
  ...descriptionStyleTraits,
  ...fontTraits,
}) {}

/** A button that stays pressed: `value` is true or false. */
export class ToggleButton extends described(
  "ToggleButton",
  {
    value: flag(false),
    disabled: flag(false),
    /** Font Awesome name without `fa-`. */
    icon: text(),
    button_style: choice("", "primary", "success", "info", "warning", "danger"),
  },
  { style: ToggleButtonStyle },
) {}

/** A mark that says whether something holds: `value` is true or false, and `readout` stands beside what does not hold. */
export class Valid extends described("Valid", {
  value: flag(false),
  readout: text("Invalid"),
  disabled: flag(false),
}) {}
