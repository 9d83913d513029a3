import { currentHost } from "../../../comms/host.js";
import { flag, integer, list, number, text } from "../../../comms/states/traits.js";
import { widgetRegistry } from "../../../comms/widget-registry.js";
import { anyWidgetTrait } from "../../widgets/base/widget-class.js";
import { shown } from "../control.js";

/** An axis of a game controller, from -1 to 1. The browser makes it. */
export class ControllerAxis extends shown("ControllerAxis", { value: number(0) }) {}

/** A button of a game controller, from 0 to 1. The browser makes it. */
export class ControllerButton extends shown("ControllerButton", { value: number(0), pressed: flag(false) }) {}

/**
 * A game controller: its axes and buttons appear when the reader presses one of them.
 *
 * @example
 * const pad = new Controller();
 * const [stick] = await pad.next("axes");
 */
export class Controller extends shown("Controller", {
  /** The number of the controller, where there are several. */
  index: integer(0),
  name: text(),
  mapping: text(),
  connected: flag(false),
  /** Milliseconds of the browser's clock at the last change. */
  timestamp: number(0),
  axes: list(anyWidgetTrait as typeof anyWidgetTrait & { initial(): ControllerAxis }),
  buttons: list(anyWidgetTrait as typeof anyWidgetTrait & { initial(): ControllerButton }),
}) {
  constructor(initial: { index?: number } = {}) {
    const comms = currentHost()?.comms;
    if (comms !== undefined) {
      widgetRegistry(comms).allow("ControllerAxisModel", () => new ControllerAxis());
      widgetRegistry(comms).allow("ControllerButtonModel", () => new ControllerButton());
    }
    super(initial);
  }
}
