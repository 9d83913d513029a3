import { currentHost, DISPLAY } from "../comms/host.js";
import { newId } from "../comms/manager.js";
import type { Json, JsonObject } from "../comms/message.js";
import type { ModelReference } from "../comms/states/model.js";
import type { WidgetChannel, WidgetModel, WireState } from "../comms/widget-channel.js";
import { type WidgetRegistry, widgetRegistry } from "../comms/widget-registry.js";
import { type Disposer, Inbox, Listeners, type ListenOptions } from "./listeners.js";
import { invalid, isRecord, sameData, type Trait, TraitError } from "./traits.js";

/** A widget was closed while something waited for it. */
export class WidgetClosedError extends Error {
  override name = "WidgetClosedError";
}

declare const STATE: unique symbol;
declare const EVENTS: unique symbol;

// Methods take their receiver as a type parameter and never mention the class's own: so they can be called on a list
// of different widgets, with the traits that these have in common.
type StateOf<W extends Widget> = W[typeof STATE];
type EventsOf<W extends Widget> = W[typeof EVENTS];

/** What waiting for a trait or an event brings. */
export type Arrival<W extends Widget, K> = K extends keyof StateOf<W>
  ? StateOf<W>[K]
  : K extends keyof EventsOf<W>
    ? WidgetEvent<EventsOf<W>[K]>
    : never;

/** A trait has got a new value. */
export interface Change<S, K extends keyof S = keyof S> {
  name: K;
  old: S[K];
  new: S[K];
  owner: Widget;
}

/** A message of the widget's own kind from the front end: its content, and the binary frames that came along. */
export type WidgetEvent<P = object> = P & { event: string; buffers: ArrayBufferView[] };

// biome-ignore lint/suspicious/noExplicitAny: a change of whatever state
type AnyChange = Change<any>;

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

export type Traits<S> = { [K in keyof S]: Trait<S[K]> };

/** What distinguishes one kind of widget from another. */
export interface WidgetDefinition<S> {
  /** The class in the browser: npm package, semantic version or range, name. */
  model: { module: string; version: string; name: string };
  /** The view's class; null when it is never shown by itself. The module defaults to the model's. */
  view: { module?: string; version?: string; name: string | null };
  traits: Traits<S>;
  /** Names of the messages that the view sends as `{event: name, …}`. */
  events?: readonly string[];
  /**
   * Corrects proposed values that depend on each other, in place: all traits as they would be, the names that were set,
   * and `fail` for what cannot be corrected. Runs before anything is changed.
   */
  constrain?(next: S, names: ReadonlySet<keyof S>, fail: (name: keyof S, expected: string) => never): void;
}

export type WidgetClass<W, E = object> = new (initial?: InitialState<W>) => Widget<KernelSide<W>, E> & KernelSide<W>;

/**
 * A widget: traits that the kernel and its views in the browser share.
 *
 * Traits are read and assigned as properties. Outside a kernel a widget works the same, with nobody to see it.
 * Make a kind of widget with `widgetClass`.
 */
// biome-ignore lint/suspicious/noExplicitAny: just "Widget" is a widget of whatever kind
export abstract class Widget<S = any, E = any> {
  /** For the compiler only: the traits, and the events by name. */
  declare readonly [STATE]: S;
  declare readonly [EVENTS]: E;
  /** The model id, which is the comm's. */
  readonly id: string = newId();
  readonly #definition: WidgetDefinition<S>;
  readonly #registry: WidgetRegistry | undefined;
  readonly #channel: WidgetChannel | undefined;
  readonly #changes = new Listeners<AnyChange>();
  readonly #events = new Listeners<WidgetEvent>();
  readonly #ends = new Listeners<void>();
  /** Layouts and styles that were made for this widget and end with it. */
  readonly #owned = new Set<Widget>();
  #values: S;
  #closed = false;

  protected constructor(definition: WidgetDefinition<S>, initial: object) {
    this.#definition = definition;
    const values = {} as S;
    for (const name of traitNames(definition)) {
      if (!Object.hasOwn(initial, name)) values[name] = this.#own(definition.traits[name].initial());
    }
    const given = this.#check(initial);
    this.#values = this.#constrain({ ...values, ...given }, given);
    const comms = currentHost()?.comms;
    if (comms !== undefined) {
      this.#registry = widgetRegistry(comms);
      this.#channel = this.#registry.add(this.#model());
    }
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The value of a trait; the same as the property of that name. */
  get<K extends keyof S>(name: K): S[K] {
    return this.#values[name];
  }

  /**
   * Sets several traits at once: they are checked together, leave as one update, and observers see all of them set.
   *
   * Throws `TraitError` when a value is of the wrong kind, and then changes nothing.
   */
  set(values: Partial<S>): void {
    const errors = this.#assign(this.#check(values));
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} observers of ${this.#name} failed`);
  }

  /**
   * Calls `handler` with each change of the traits named (of any trait when none is), from here or from the front end.
   *
   * A handler may be asynchronous: views send their next value when it is done.
   *
   * @example
   * const stop = slider.observe(({ new: gamma }) => { map.relevance = explain(gamma); }, "value");
   */
  observe<W extends Widget, K extends keyof StateOf<W> = keyof StateOf<W>>(
    this: W,
    handler: (change: Change<StateOf<W>, K>) => unknown,
    names?: K | readonly K[],
    options: ListenOptions = {},
  ): Disposer {
    if (names === undefined) return this.#changes.add(handler as (change: AnyChange) => unknown, options);
    const wanted = new Set<unknown>(Array.isArray(names) ? names : [names]);
    for (const name of wanted) this.#requireTrait(String(name));
    return this.#changes.add((change) => {
      if (wanted.has(change.name)) return handler(change as Change<StateOf<W>, K>);
    }, options);
  }

  /** Calls `handler` with each message `{event: name, …}` of the views. */
  on<W extends Widget, K extends keyof EventsOf<W> & string>(
    this: W,
    name: K,
    handler: (event: WidgetEvent<EventsOf<W>[K]>) => unknown,
    options: ListenOptions = {},
  ): Disposer {
    if (!this.#definition.events?.includes(name)) this.#unknown(name);
    return this.#events.add((event) => {
      if (event.event === name) return handler(event as WidgetEvent<EventsOf<W>[K]>);
    }, options);
  }

  /**
   * The next value that a trait gets, or the next event of that name. A cell can wait for its reader with it.
   *
   * Rejects with the signal's reason when it aborts, and with `WidgetClosedError` when the widget is closed.
   *
   * @example
   * const gamma = await slider.next("value");
   */
  async next<W extends Widget, K extends (keyof StateOf<W> | keyof EventsOf<W>) & string>(
    this: W,
    name: K,
    options: ListenOptions = {},
  ): Promise<Arrival<W, K>> {
    const inbox = this.#inbox(name, options);
    try {
      const result = await inbox.next();
      if (result.done) throw new WidgetClosedError(`${this.#name} was closed while ${name} was waited for`);
      return result.value as Arrival<W, K>;
    } finally {
      inbox.end();
    }
  }

  /**
   * The events of that name, or the values of that trait, from now on, for `for await`. Events queue up while the loop's body
   * works; of a trait's values only the newest is kept. Closing the widget ends the loop, the signal's abort throws its reason.
   *
   * @example
   * for await (const click of heatmap.events("click")) console.log(click.row, click.column);
   */
  events<W extends Widget, K extends (keyof StateOf<W> | keyof EventsOf<W>) & string>(
    this: W,
    name: K,
    options: ListenOptions = {},
  ): AsyncIterableIterator<Arrival<W, K>, undefined> {
    return this.#inbox(name, options) as AsyncIterableIterator<Arrival<W, K>, undefined>;
  }

  /** Sends a message of the widget's own kind to its views. */
  send(content: Json, buffers: readonly ArrayBufferView[] = []): void {
    this.#channel?.custom(content, buffers);
  }

  /** Keeps changes back while `body` runs, also when it is asynchronous, then sends them as one update. */
  holdSync<T>(body: () => T): T {
    return this.#channel === undefined ? body() : this.#channel.hold(body);
  }

  /** Removes the widget and its views. What waits for it ends. */
  close(): void {
    if (this.#closed) return;
    this.#channel?.close();
    this.#end();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** What a notebook shows for the widget: the view, a picture for readers without the extension, and text. */
  [DISPLAY](): Record<string, unknown> | Promise<Record<string, unknown>> {
    const bundle: Record<string, unknown> = { "text/plain": String(this), ...this.preview() };
    if (this.#channel !== undefined && this.#definition.view.name !== null && !this.#closed) {
      this.#registry?.flush();
      bundle["application/vnd.jupyter.widget-view+json"] = { version_major: 2, version_minor: 0, model_id: this.id };
    }
    return bundle;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return String(this);
  }

  /** `IntSlider({ value: 3 })`: the class and what differs from its defaults. */
  toString(): string {
    const { traits } = this.#definition;
    const parts = traitNames(this.#definition)
      .filter((name) => {
        const value: unknown = this.#values[name];
        return value instanceof Widget ? !this.#owned.has(value) : !sameData(value, traits[name].initial());
      })
      .map((name) => `${name}: ${brief(this.#values[name])}`);
    return parts.length === 0 ? `${this.#name}()` : `${this.#name}({ ${parts.join(", ")} })`;
  }

  /** A static picture of the widget by MIME type, for readers whose front end shows no widgets. None by default. */
  protected preview(): Record<string, unknown> {
    return {};
  }

  /** The widget as its channel sees it. */
  #model(): WidgetModel {
    return {
      id: this.id,
      widget: this,
      wireState: (names) => this.#wireState(names),
      echoes: (name) => {
        const trait = this.#traitNamed(name);
        return trait !== undefined && trait.synced !== false && trait.echoed !== false;
      },
      acceptUpdate: (state) => this.#acceptUpdate(state),
      acceptCustom: (content, buffers) => this.#acceptCustom(content, buffers),
      acceptClose: () => this.#end(),
    };
  }

  #wireState(names?: Iterable<string>): WireState {
    const { model, view, traits } = this.#definition;
    const state: WireState = {};
    if (names === undefined) {
      state["_model_module"] = model.module;
      state["_model_module_version"] = model.version;
      state["_model_name"] = model.name;
      state["_view_module"] = view.module ?? model.module;
      state["_view_module_version"] = view.version ?? model.version;
      state["_view_name"] = view.name;
      state["_view_count"] = null;
    }
    for (const name of (names ?? traitNames(this.#definition)) as Iterable<keyof S & string>) {
      const trait = traits[name];
      if (trait.synced === false) continue;
      const value = this.#values[name];
      state[name] = trait.toWire === undefined ? value : trait.toWire(value);
    }
    return state;
  }

  #acceptUpdate(state: WireState): void {
    const find = (id: string) => this.#registry?.find(id);
    const accepted: Partial<S> = {};
    const refused: string[] = [];
    for (const [name, sent] of Object.entries(state)) {
      const trait = this.#traitNamed(name);
      // A newer front end may send traits that are unknown here; as in ipywidgets they are left alone.
      if (trait === undefined || trait.synced === false) continue;
      try {
        const value = trait.fromWire === undefined ? sent : trait.fromWire(sent, find);
        Object.assign(accepted, this.#check({ [name]: value }));
      } catch (error) {
        this.#registry?.comms.report(error);
        refused.push(name);
      }
    }
    try {
      for (const error of this.#assign(accepted, state)) this.#registry?.comms.report(error);
    } catch (error) {
      this.#registry?.comms.report(error);
      refused.push(...Object.keys(accepted));
    }
    // The view shows what it sent: give it back what holds.
    this.#channel?.touch(refused);
  }

  #acceptCustom(content: JsonObject, buffers: ArrayBufferView[]): void {
    const { event } = content;
    if (typeof event !== "string") return;
    this.#notify(this.#events, [{ ...content, event, buffers }]).forEach((error) => {
      this.#registry?.comms.report(error);
    });
  }

  #end(): void {
    this.#closed = true;
    for (const owned of this.#owned) owned.close();
    this.#ends.call(undefined, [], []);
    for (const listeners of [this.#changes, this.#events, this.#ends]) listeners.clear();
  }

  get #name(): string {
    return this.constructor.name;
  }

  #traitNamed(name: string): Trait<S[keyof S]> | undefined {
    const { traits } = this.#definition;
    return Object.hasOwn(traits, name) ? traits[name as keyof S] : undefined;
  }

  #requireTrait(name: keyof S): void {
    if (this.#traitNamed(String(name)) === undefined) this.#unknown(String(name));
  }

  #unknown(name: string): never {
    const { traits, events = [] } = this.#definition;
    const known = [...Object.keys(traits).filter((key) => !key.startsWith("_")), ...events].join(", ");
    throw new TypeError(`${this.#name} has no trait or event named "${name}"; it has ${known}`);
  }

  #own<T>(value: T): T {
    if (value instanceof Widget) this.#owned.add(value);
    return value;
  }

  #check(values: object): Partial<S> {
    const checked: Partial<S> = {};
    for (const [name, value] of Object.entries(values) as [keyof S, unknown][]) {
      this.#requireTrait(name);
      // Like a missing option: `new IntSlider({ max: options.max })`.
      if (value === undefined) {
        checked[name] = this.#own(this.#definition.traits[name].initial());
        continue;
      }
      const trait = this.#definition.traits[name];
      const held = trait.check(value);
      if (held === invalid) throw new TraitError(this.#name, String(name), value, trait.expected);
      checked[name] = isRecord(value) ? this.#own(held) : held;
    }
    return checked;
  }

  #constrain(next: S, given: Partial<S>): S {
    const names = new Set(Object.keys(given) as (keyof S)[]);
    const proposed = { ...next };
    this.#definition.constrain?.(next, names, (name, expected) => {
      throw new TraitError(this.#name, String(name), proposed[name], expected);
    });
    return next;
  }

  /** Takes checked values, queues what the front end does not know yet, and tells observers; returns their errors. */
  #assign(values: Partial<S>, received: WireState = {}): unknown[] {
    const old = this.#values;
    const next = this.#constrain({ ...old, ...values }, values);
    const { traits } = this.#definition;
    const changed = traitNames(this.#definition).filter((name) => {
      const assigned = traits[name].mutable === true && Object.hasOwn(values, name) && isObject(next[name]);
      return assigned || !sameData(old[name], next[name]);
    });
    this.#values = next;
    if (this.#channel !== undefined) {
      const unknownThere = new Set<string>(changed);
      for (const [name, sent] of Object.entries(received)) {
        const trait = this.#traitNamed(name);
        if (trait === undefined) continue;
        const value = next[name as keyof S];
        if (sameData(trait.toWire === undefined ? value : trait.toWire(value), sent)) unknownThere.delete(name);
        else unknownThere.add(name);
      }
      this.#channel.touch([...unknownThere].filter((name) => this.#traitNamed(name)?.synced !== false));
    }
    return this.#notify(
      this.#changes,
      changed.map((name): AnyChange => ({ name, old: old[name], new: next[name], owner: this })),
    );
  }

  #notify<T>(listeners: Listeners<T>, events: T[]): unknown[] {
    const promises: PromiseLike<unknown>[] = [];
    const errors: unknown[] = [];
    for (const event of events) listeners.call(event, promises, errors);
    // Outside a kernel a failing asynchronous handler is Node's to report.
    for (const promise of promises) this.#registry?.follow(promise);
    return errors;
  }

  #inbox(name: string, { signal }: ListenOptions): Inbox<unknown> {
    const isTrait = this.#traitNamed(name) !== undefined;
    if (!isTrait && !this.#definition.events?.includes(name)) this.#unknown(name);
    const disposers: Disposer[] = [];
    const inbox = new Inbox<unknown>({
      newestOnly: isTrait,
      onWait: () => this.#registry?.releaseMessages(),
      onEnd: () => {
        for (const dispose of disposers) dispose();
      },
    });
    if (this.#closed) {
      inbox.end();
      return inbox;
    }
    disposers.push(this.#ends.add(() => inbox.end()));
    if (isTrait) {
      disposers.push(this.#changes.add((change) => (change.name === name ? inbox.push(change.new) : undefined)));
    } else {
      disposers.push(this.#events.add((event) => (event.event === name ? inbox.push(event) : undefined)));
    }
    if (signal !== undefined) {
      const abort = () => inbox.end({ reason: signal.reason });
      if (signal.aborted) abort();
      else {
        signal.addEventListener("abort", abort, { once: true });
        disposers.push(() => signal.removeEventListener("abort", abort));
      }
    }
    return inbox;
  }
}

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

const PREFIX = "IPY_MODEL_";

/** A trait that holds a widget. With `make`, an object literal is turned into one, and it starts as `make({})`. */
export function widgetTrait<T extends Widget>(make: (state: object) => T, kind: new (state: never) => T): Trait<T> {
  return {
    ...anyWidgetTrait,
    expected: `a ${kind.name} or an object with some of its traits`,
    initial: () => make({}),
    check: (value) => (value instanceof kind ? value : isRecord(value) ? make(value) : invalid),
  } as Trait<T>;
}

/** A trait that holds any widget. */
export const anyWidgetTrait: Trait<Widget> = {
  expected: "a widget",
  initial: () => {
    throw new TypeError("this trait holds a widget, and none was given");
  },
  check: (value) => (value instanceof Widget ? value : invalid),
  toWire: (value) => PREFIX + value.id,
  fromWire: (value, find) =>
    typeof value === "string" && value.startsWith(PREFIX) ? find(value.slice(PREFIX.length)) : value,
};

function traitNames<S>(definition: WidgetDefinition<S>): (keyof S & string)[] {
  return Object.keys(definition.traits) as (keyof S & string)[];
}

function isObject(value: unknown): boolean {
  return value !== null && typeof value === "object";
}

function brief(value: unknown): string {
  if (value instanceof Widget) return value.constructor.name;
  const shown = JSON.stringify(value, (_, item: unknown) =>
    item instanceof Widget ? item.constructor.name : ArrayBuffer.isView(item) ? `(${item.byteLength} bytes)` : item,
  );
  return shown === undefined || shown.length <= 60 ? String(shown) : `${shown.slice(0, 60)}…`;
}
