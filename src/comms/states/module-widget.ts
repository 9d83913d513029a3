import { type StateOf, text } from "./traits.js";

/** What a widget made of a module of its author's has beside its own traits. */
export const moduleWidgetState = {
  /** The module: an ES module whose default export has `render({ model, el })`. */
  _esm: text(),
  /** Its style sheet. */
  _css: text(),
  /** What its author calls it. */
  _name: text(),
};

export interface ModuleWidgetState extends StateOf<typeof moduleWidgetState> {}
