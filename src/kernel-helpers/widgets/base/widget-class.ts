import { MODEL_REFERENCE } from "../../../comms/references.js";
import { invalid, isRecord, type Trait } from "../../../comms/states/traits.js";
import type { InitialState, KernelSide, WidgetClass } from "./kernel-side.js";
import { traitNames } from "./trait-values.js";
import { Widget } from "./widget.js";
import type { WidgetDefinition } from "./widget-definition.js";

/**
 * A kind of widget, to be extended: its traits become properties.
 *
 * @example
 * class Thermometer extends widgetClass<{ celsius: number }>({
 *   model: { module: "my-widgets", version: "^1.0.0", name: "ThermometerModel" },
 *   view: { name: "ThermometerView" },
 *   traits: { celsius: number(20) },
 * }) {}
 * const thermometer = new Thermometer({ celsius: 37 });
 * thermometer.celsius += 1;
 */
export function widgetClass<W, E = object>(definition: WidgetDefinition<KernelSide<W>>): WidgetClass<W, E> {
  class DefinedWidget extends Widget<KernelSide<W>, E> {
    constructor(initial: InitialState<W> = {}) {
      super(definition, initial);
    }
  }
  for (const name of traitNames(definition)) {
    Object.defineProperty(DefinedWidget.prototype, name, {
      get(this: DefinedWidget) {
        return this.get(name);
      },
      set(this: DefinedWidget, value: KernelSide<W>[typeof name]) {
        this.set({ [name]: value } as unknown as Partial<KernelSide<W>>);
      },
      enumerable: true,
      configurable: true,
    });
  }
  return DefinedWidget as unknown as WidgetClass<W, E>;
}

/** A widget on the wire; what is no such reference stays as it is. */
export const widgetReference = {
  toWire: (widget: Widget): string => MODEL_REFERENCE + widget.id,
  fromWire: (sent: unknown, find: (id: string) => unknown): unknown =>
    // An id that no widget has stays what it is, which no trait takes.
    typeof sent === "string" && sent.startsWith(MODEL_REFERENCE)
      ? (find(sent.slice(MODEL_REFERENCE.length)) ?? sent)
      : sent,
};

/** A trait that holds a widget. With `make`, an object literal is turned into one, and it starts as `make({})`. */
export function widgetTrait<T extends Widget>(make: (state: object) => T, kind: new (state: never) => T): Trait<T> {
  return {
    ...anyWidgetTrait,
    expected: `a ${kind.name} or an object with some of its traits`,
    initial: () => make({}),
    check: (value) => (value instanceof kind ? open(value) : isRecord(value) ? make(value) : invalid),
  } as Trait<T>;
}

function open<T extends Widget>(widget: T): T {
  widget.requireOpen("it cannot be part of another widget");
  return widget;
}

/** A trait that holds any widget. */
export const anyWidgetTrait: Trait<Widget> = {
  expected: "a widget",
  initial: () => {
    throw new TypeError("this trait holds a widget, and none was given");
  },
  check: (value) => (value instanceof Widget ? open(value) : invalid),
  ...widgetReference,
};
