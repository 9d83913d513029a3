/** What the author of a widget imports from "limpid/widgets-kit". */
export type { Trait, Traits } from "../../comms/states/traits.js";
export * as traits from "../../comms/states/traits.js";
export { domWidgetClass, Layout } from "./base/layout.js";
export type { Disposer, ListenOptions } from "./base/listeners.js";
export { TraitError } from "./base/trait-error.js";
export { type Change, Widget, WidgetClosedError, type WidgetEvent } from "./base/widget.js";
export { widgetClass } from "./base/widget-class.js";
