import type { DescribedState, DescriptionStyleState } from "../../comms/states/controls.js";
import type { DOMState } from "../../comms/states/model.js";
import { flag, type StateOf, type Traits, text } from "../../comms/states/traits.js";
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

/** What a control with a label has beside its own traits. */
interface More<T, S extends object> {
  /** The class of its style. */
  style?: WidgetClass<S>;
  /** The name of its view, where it is not the model's. */
  view?: string;
  /** The name of its model, where it is not the control's. */
  model?: string;
  constrain?(next: StateOf<T>, names: ReadonlySet<keyof T>, fail: Fail<T>): void;
}

/** Refuses a value for what was expected. */
export type Fail<T> = (name: keyof T & string, expected: string, known?: readonly string[]) => never;

/** A control with a label: what it has beside label, layout, tooltip and style is in the table of its own traits. */
export function described<T extends object, S extends object = DescriptionStyleState, E = object>(
  name: string,
  own: T,
  { style: kind, model = name, ...more }: More<T, S> = {},
): WidgetClass<DescribedState<S> & StateOf<T>, E> {
  const traits = { ...describedTraits, style: styleTrait((kind ?? DescriptionStyle) as WidgetClass<S>), ...own };
  return control<DescribedState<S> & StateOf<T>, E>(model, { traits, ...more } as unknown as Definition<
    DescribedState<S> & StateOf<T>
  >);
}

/** A control without a label of its own beside it. */
export function shown<T extends object, E = object>(
  name: string,
  own: T,
  more: Omit<More<T, object>, "style"> = {},
): WidgetClass<DOMState & StateOf<T>, E> {
  const { model = name, ...rest } = more;
  return control<DOMState & StateOf<T>, E>(model, {
    traits: { ...domTraits, ...own },
    ...rest,
  } as unknown as Definition<DOMState & StateOf<T>>);
}

/** A trait that holds a style of that class. */
export function styleTrait<W>(kind: WidgetClass<W>) {
  return widgetTrait((state: object) => new kind(state), kind);
}
