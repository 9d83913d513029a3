import { DISPLAY } from "../../comms/host.js";
import type { BoxState } from "../../comms/states/controls.js";
import { STORED_WIDGET, WIDGET_VIEW } from "../../comms/states/module.js";
import { choice, list } from "../../comms/states/traits.js";
import type { InitialState } from "../widgets/base/kernel-side.js";
import { domTraits } from "../widgets/base/layout.js";
import type { Widget } from "../widgets/base/widget.js";
import { anyWidgetTrait } from "../widgets/base/widget-class.js";
import { control } from "./control.js";

const boxTraits = {
  ...domTraits,
  children: list(anyWidgetTrait),
  box_style: choice("", "success", "info", "warning", "danger"),
};

/** The static picture of the first child that has one. */
function firstPreview(children: readonly Widget[]): Record<string, unknown> {
  for (const child of children) {
    const bundle = child[DISPLAY]();
    // Not ready to be pictured.
    if (bundle instanceof Promise) continue;
    const { "text/plain": _, [WIDGET_VIEW]: view, [STORED_WIDGET]: stored, ...picture } = bundle;
    if (Object.keys(picture).length > 0) return picture;
  }
  return {};
}

type BoxOptions = Omit<InitialState<BoxState>, "children">;

/**
 * Widgets side by side.
 *
 * @example
 * display(new HBox([photo, new VBox([epsilon, gamma])]));
 */
export class HBox extends control<BoxState>("HBox", { traits: boxTraits }) {
  constructor(children: Widget[] = [], options: BoxOptions = {}) {
    super({ ...options, children });
  }

  protected override preview() {
    return firstPreview(this.children);
  }
}

/** Widgets one below the other. */
export class VBox extends control<BoxState>("VBox", { traits: boxTraits }) {
  constructor(children: Widget[] = [], options: BoxOptions = {}) {
    super({ ...options, children });
  }

  protected override preview() {
    return firstPreview(this.children);
  }
}
