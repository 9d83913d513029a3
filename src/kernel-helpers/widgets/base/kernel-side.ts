import type { ModelReference } from "../../../comms/states/model.js";
import type { Widget } from "./widget.js";

/** A value of a state as the kernel holds it: the widget where the wire has a reference to one. */
type KernelValue<V> =
  V extends ModelReference<infer T>
    ? object extends T
      ? Widget
      : Widget<KernelSide<T>> & KernelSide<T>
    : V extends readonly unknown[]
      ? { [I in keyof V]: KernelValue<V[I]> }
      : V;

/** A wire state as the properties of a kernel-side widget. */
export type KernelSide<W> = { [K in keyof W]: KernelValue<W[K]> };

/** What a widget can be created with: any of its traits, and plain objects in the place of layouts and styles. */
export type InitialState<W> = {
  [K in keyof W]?: W[K] extends ModelReference<infer T> ? KernelValue<W[K]> | Partial<T> : KernelValue<W[K]>;
};

export type WidgetClass<W, E = object> = new (initial?: InitialState<W>) => Widget<KernelSide<W>, E> & KernelSide<W>;
