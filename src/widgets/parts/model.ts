import { DOMWidgetModel, type ISerializers, type WidgetModel } from "@jupyter-widgets/base";
import type { Bytes, Floats, WireArray } from "../../comms/states/array.js";
import { nameOnWire, ownWidget } from "../../comms/states/module.js";
import { initialState, type StateOf, type Trait } from "../../comms/states/traits.js";
import type { Grid } from "./grid.js";
import { NEEDS_KERNEL } from "./lock.js";

type Values = Float32Array | Uint8Array;

/** From the bytes that came over the wire (a DataView) to a typed array, copied only where it is not aligned. */
function readArray(wire: WireArray | null): Grid<Values> | null {
  if (!wire) return null;
  const { buffer, byteOffset, byteLength } = wire.data;
  if (wire.dtype === "uint8") return { shape: wire.shape, values: new Uint8Array(buffer, byteOffset, byteLength) };
  const values =
    byteOffset % 4 === 0
      ? new Float32Array(buffer, byteOffset, byteLength / 4)
      : new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
  return { shape: wire.shape, values };
}

/** Back to bytes, for a notebook that is saved with its widgets. Tight: the whole ArrayBuffer of a view is stored. */
function writeArray(grid: Grid<Values> | null): WireArray | null {
  if (!grid) return null;
  const dtype = grid.values instanceof Float32Array ? "float32" : "uint8";
  return { shape: grid.shape, dtype, data: new DataView(grid.values.slice().buffer) };
}

export const arraySerializer: ISerializers[string] = { deserialize: readArray, serialize: writeArray };

/** What traits of type `State` are in the browser: arrays on the wire are typed arrays here. */
export type Shown<State> = {
  [Name in keyof State]: [State[Name]] extends [Bytes | null]
    ? Grid<Uint8Array> | null
    : [State[Name]] extends [Floats | null]
      ? Grid<Float32Array> | null
      : State[Name];
};

/** A widget manager that knows more of what answers than whether a model has a comm: that of a report. */
export interface LockingManager {
  /** Why controls of a model that write these traits are locked, null where they are not; null traits are not told. */
  lockOf(model: WidgetModel, traits: readonly string[] | null): string | null;
}

/** The event by which such a manager tells a model that its answer is another now. */
export const LOCKS_CHANGED = "limpid:locks";

/** A widget model whose traits have the types that the kernel gives them. */
export abstract class TypedModel<State extends object> extends DOMWidgetModel {
  /** What its reader has changed of how it is seen. */
  private readonly looks = new Set<string>();

  trait<Name extends keyof State & string>(name: Name): Shown<State>[Name] {
    return this.get(name) as Shown<State>[Name];
  }

  /** Whether a trait is only of how things are seen, as the shared state says. */
  protected isViewed(_trait: string): boolean {
    return false;
  }

  /**
   * Why a control that writes these traits is locked, null where it is not: without a kernel, only what is seen can change.
   *
   * @param traits null of a control that does not say what it writes
   */
  lockOf(traits: readonly string[] | null): string | null {
    if (traits?.every((trait) => this.isViewed(trait))) return null;
    const manager = this.widget_manager as unknown as Partial<LockingManager>;
    if (manager.lockOf !== undefined) return manager.lockOf(this, traits);
    return this.comm_live ? null : NEEDS_KERNEL;
  }

  /** What a change writes, as controls name it. */
  protected written(change: Partial<Shown<State>>): readonly string[] {
    return Object.keys(change);
  }

  /**
   * Sets traits and tells the kernel. While it is busy, the manager keeps only the newest values for it. Where they are locked,
   * nothing is set: it would make the widget say other settings than its picture was made with.
   */
  choose(change: Partial<Shown<State>>): void {
    if (this.lockOf(this.written(change)) !== null) return;
    for (const name of Object.keys(change)) if (this.isViewed(name)) this.looks.add(name);
    this.set(change);
    this.save_changes();
  }

  /** From now on is seen as the reader has changed the model whose place it takes: an answer, the strength of an overlay. */
  succeed(earlier: TypedModel<State>): void {
    if (earlier.get("_model_name") !== this.get("_model_name") || earlier.looks.size === 0) return;
    this.choose(
      Object.fromEntries([...earlier.looks].map((name) => [name, earlier.get(name)])) as Partial<Shown<State>>,
    );
  }

  /** Calls `run` when one of the traits changes; returns what undoes it. */
  watch(names: readonly (keyof State & string)[], run: () => void): () => void {
    const events = names.map((name) => `change:${name}`).join(" ");
    this.on(events, run);
    return () => this.off(events, run);
  }
}

/** A class of such models, with all that Jupyter's has. */
export type ModelClass<State extends object> = Pick<typeof DOMWidgetModel, keyof typeof DOMWidgetModel> &
  (new (
    ...given: ConstructorParameters<typeof DOMWidgetModel>
  ) => TypedModel<State>);

/**
 * The browser's half of the widget of that name: its traits and what they start as are those of the shared state.
 *
 * @param serializers of traits that hold arrays within other data
 * @example class HeatmapModel extends modelOf("Heatmap", heatmapState) {}
 */
export function modelOf<T extends { [name: string]: Trait<unknown> }>(
  name: string,
  state: T,
  serializers: ISerializers = {},
): ModelClass<StateOf<T>> {
  const arrays = Object.keys(state).filter((trait) => state[trait]!.binary);
  return class extends TypedModel<StateOf<T>> {
    protected override isViewed(trait: string): boolean {
      return state[trait]?.viewed === true;
    }

    override defaults() {
      return { ...super.defaults(), ...initialState(state), ...nameOnWire(ownWidget(name)) };
    }

    static override serializers: ISerializers = {
      ...DOMWidgetModel.serializers,
      ...Object.fromEntries(arrays.map((trait) => [trait, arraySerializer])),
      ...serializers,
    };
  };
}
