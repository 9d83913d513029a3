import type { WidgetName } from "../../../comms/states/module.js";
import type { TraitsDefinition } from "./trait-values.js";

/** What distinguishes one kind of widget from another. */
export interface WidgetDefinition<S> extends TraitsDefinition<S>, WidgetName {}
