import { type DOMState, type LayoutState, layoutChoices, layoutProperties } from "../../../comms/states/model.js";
import { choice, flag, list, nullable, type Traits, text } from "../../../comms/states/traits.js";
import type { InitialState, KernelSide, WidgetClass } from "./kernel-side.js";
import { widgetClass, widgetTrait } from "./widget-class.js";
import type { WidgetDefinition } from "./widget-definition.js";

/** Versions of the model protocol that ipywidgets 8 and jupyterlab-widgets 3 share. */
export const BASE = { module: "@jupyter-widgets/base", version: "2.0.0" };

const choices: Readonly<Record<string, readonly [string, ...string[]]>> = layoutChoices;
const valuesOf = (property: string) => {
  const words = choices[property];
  return words === undefined ? text() : choice(...words);
};

/**
 * Size, margins and place of a widget, as CSS values with `_` for `-`.
 *
 * @example
 * slider.layout.width = "50%";
 */
export class Layout extends widgetClass<LayoutState>({
  model: { ...BASE, name: "LayoutModel" },
  view: { name: "LayoutView" },
  traits: Object.fromEntries(layoutProperties.map((name) => [name, nullable(valuesOf(name))])) as Traits<LayoutState>,
}) {}

type DOMTraits = Traits<KernelSide<DOMState>>;

/** The traits of every widget that is shown. */
export const domTraits: DOMTraits = {
  _dom_classes: list(text()),
  layout: widgetTrait((state: InitialState<LayoutState>) => new Layout(state), Layout) as DOMTraits["layout"],
  tabbable: nullable(flag()),
  tooltip: nullable(text()),
};

/** A kind of widget that is shown: `widgetClass` with layout, tooltip and keyboard reach added. */
export function domWidgetClass<W, E = object>(
  definition: Omit<WidgetDefinition<KernelSide<W & DOMState>>, "traits"> & { traits: Traits<KernelSide<W>> },
): WidgetClass<W & DOMState, E> {
  const traits = { ...domTraits, ...definition.traits } as unknown as Traits<KernelSide<W & DOMState>>;
  return widgetClass<W & DOMState, E>({ ...definition, traits });
}
