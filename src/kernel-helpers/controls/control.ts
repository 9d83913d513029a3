import type { DescribedState, DescriptionStyleState } from "../../comms/states/controls.js";
import { flag, type Traits, text } from "../../comms/states/traits.js";
import type { KernelSide, WidgetClass } from "../widgets/base/kernel-side.js";
import { BASE, domTraits } from "../widgets/base/layout.js";
import { widgetClass, widgetTrait } from "../widgets/base/widget-class.js";
import type { WidgetDefinition } from "../widgets/base/widget-definition.js";
import { controlPicture } from "./control-picture.js";

const CONTROLS = { module: "@jupyter-widgets/controls", version: "2.0.0" };

type Definition<W> = Omit<WidgetDefinition<KernelSide<W>>, "model" | "view">;

/** A widget of `@jupyter-widgets/controls`; the view is named like the model unless told otherwise, null for none. */
export function control<W, E = object>(
  name: string,
  definition: Definition<W> & { view?: string | null },
): WidgetClass<W, E> {
  const { view = `${name}View`, ...rest } = definition;
  const made = widgetClass<W, E>({ ...rest, model: { ...CONTROLS, name: `${name}Model` }, view: { name: view } });
  // What a control shows is in its traits, whatever its kind.
  made.prototype.staticPicture = function (this: object) {
    return controlPicture(name, this);
  };
  return made;
}

/** A style of those controls. */
export function style<W>(name: string, traits: Traits<KernelSide<W>>): WidgetClass<W> {
  return widgetClass<W>({
    model: { ...CONTROLS, name: `${name}Model` },
    view: { ...BASE, name: "StyleView" },
    traits,
  });
}

export const descriptionStyleTraits: Traits<DescriptionStyleState> = { description_width: text() };

export class DescriptionStyle extends style<DescriptionStyleState>("DescriptionStyle", descriptionStyleTraits) {}

type DescribedTraits = Omit<Traits<KernelSide<DescribedState>>, "style">;

/** The traits of a control with a label; its style comes beside them. */
export const describedTraits: DescribedTraits = {
  ...domTraits,
  description: text(),
  description_allow_html: flag(false),
};

/** A trait that holds a style of that class. */
export function styleTrait<W>(kind: WidgetClass<W>) {
  return widgetTrait((state: object) => new kind(state), kind);
}
