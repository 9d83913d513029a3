/** What the author of a widget imports from "limpid/widgets-kit". */
export { domWidgetClass, Layout } from "./base/layout.js";
export type { Disposer, ListenOptions } from "./base/listeners.js";
export * as traits from "./base/traits.js";
export { type Trait, TraitError, type Traits } from "./base/traits.js";
export { type Change, Widget, WidgetClosedError, type WidgetEvent } from "./base/widget.js";
export { widgetClass } from "./base/widget-class.js";
