import type { TraitsDefinition } from "./trait-values.js";

/** What distinguishes one kind of widget from another. */
export interface WidgetDefinition<S> extends TraitsDefinition<S> {
  /** The class in the browser: npm package, semantic version or range, name. */
  model: { module: string; version: string; name: string };
  /** The view's class; null when it is never shown by itself. The module defaults to the model's. */
  view: { module?: string; version?: string; name: string | null };
}
