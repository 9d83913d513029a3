import { currentHost, DISPLAY, type Renew, SHOWN, type Showing } from "../../../comms/host.js";
import { newId } from "../../../comms/manager.js";
import type { Json, JsonObject } from "../../../comms/message.js";
import { nameOnWire, STORED_WIDGET, WIDGET_VIEW } from "../../../comms/states/module.js";
import { sameData } from "../../../comms/states/traits.js";
import type { WidgetChannel, WidgetModel, WireState } from "../../../comms/widget-channel.js";
import { type WidgetRegistry, widgetRegistry } from "../../../comms/widget-registry.js";
import { givenPicture } from "../../pictures/drawing/given-picture.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import { type Inbox, inboxOf } from "./inbox.js";
import { type Disposer, Listeners, type ListenOptions, type ObserveOptions } from "./listeners.js";
import { Observers } from "./observers.js";
import { pictureChanged, storeForms } from "./stored-forms.js";
import { TraitValues, traitNames, type ValueChange } from "./trait-values.js";
import type { WidgetDefinition } from "./widget-definition.js";

/** A widget was closed while something waited for it, or before it was to be set, shown or put into another. */
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
export interface Change<S, K extends keyof S = keyof S> extends ValueChange<S, K> {
  owner: Widget;
}

/** A message of the widget's own kind from the front end: its content, and the binary frames that came along. */
export type WidgetEvent<P = object> = P & { event: string; buffers: ArrayBufferView[] };

// biome-ignore lint/suspicious/noExplicitAny: a change of whatever state
type AnyChange = Change<any>;

/** Any message of the widget's own kind from the front end. */
export interface WidgetMessage {
  content: JsonObject;
  buffers: ArrayBufferView[];
}

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
  readonly id: string;
  readonly #definition: WidgetDefinition<S>;
  readonly #registry: WidgetRegistry | undefined;
  readonly #channel: WidgetChannel | undefined;
  readonly #changes = new Listeners<AnyChange>();
  readonly #events = new Listeners<WidgetEvent>();
  readonly #messages = new Listeners<WidgetMessage>();
  readonly #observers = new Observers<AnyChange>(this.#changes, (error) => this.#fail(error));
  readonly #ends = new Listeners<void>();
  /** Layouts and styles that were made for this widget and end with it. */
  readonly #owned = new Set<Widget>();
  readonly #values: TraitValues<S>;
  #closed = false;
  /** By `close()`, not by the front end. */
  #closedHere = false;

  protected constructor(definition: WidgetDefinition<S>, initial: object) {
    this.#definition = definition;
    const comms = currentHost()?.comms;
    this.#registry = comms && widgetRegistry(comms);
    this.id = this.#registry?.nextId() ?? newId();
    try {
      this.#values = new TraitValues(definition, initial, this.#name, (value) => {
        if (value instanceof Widget) this.#owned.add(value);
        return value;
      });
    } catch (error) {
      // A widget that does not come about leaves no layout and style behind.
      for (const owned of this.#owned) owned.close();
      throw error;
    }
    this.#channel = this.#registry?.add(this.#model());
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The value of a trait; the same as the property of that name. */
  get<K extends keyof S>(name: K): S[K] {
    return this.#values.get(name);
  }

  /**
   * Sets several traits at once: they are checked together, leave as one update, and observers see all of them set.
   *
   * Throws `TraitError` when a value is of the wrong kind, and then changes nothing.
   *
   * @throws TraitError, WidgetClosedError
   */
  set(values: Partial<S>): void {
    // What the page has closed may still be set: no loop is to fail because somebody removed its view.
    if (this.#closedHere) this.requireOpen(`its ${Object.keys(values).join(", ")} cannot be set`);
    const errors = this.#assign(this.#values.check(values));
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} observers of ${this.#name} failed`);
  }

  /**
   * Calls `handler` with each change of the traits named (of any trait when none is), from here or from the front end.
   *
   * A handler may be asynchronous: views send their next value when it is done, or after ten seconds. Its calls do not overlap: while
   * one goes on, the newest change of each trait waits, in the order in which these traits first changed. With `overlap` each change
   * calls it at once.
   *
   * @example
   * const stop = slider.observe(({ new: gamma }) => { map.relevance = explain(gamma); }, "value");
   */
  observe<W extends Widget, K extends keyof StateOf<W> = keyof StateOf<W>>(
    this: W,
    handler: (change: Change<StateOf<W>, K>) => unknown,
    names?: K | readonly K[],
    options: ObserveOptions = {},
  ): Disposer {
    const some = setOf(names);
    for (const name of some ?? []) this.#values.require(String(name));
    return this.#observers.add(handler as (change: AnyChange) => unknown, some, options);
  }

  /** For the widget's own handlers: they are called with each change at once and see to what overlaps themselves. */
  protected watch<W extends Widget, K extends keyof StateOf<W> = keyof StateOf<W>>(
    this: W,
    handler: (change: Change<StateOf<W>, K>) => unknown,
    names?: K | readonly K[],
  ): Disposer {
    return this.observe(handler, names, { overlap: true });
  }

  /** Ends what `observe` began with the same handler and names; without names, all that it began with that handler. */
  unobserve<W extends Widget, K extends keyof StateOf<W> = keyof StateOf<W>>(
    this: W,
    handler: (change: Change<StateOf<W>, K>) => unknown,
    names?: K | readonly K[],
  ): void {
    this.#observers.remove(handler, setOf(names));
  }

  /** Calls `handler` with each message `{event: name, …}` of the views. */
  on<W extends Widget, K extends keyof EventsOf<W> & string>(
    this: W,
    name: K,
    handler: (event: WidgetEvent<EventsOf<W>[K]>) => unknown,
    options: ListenOptions = {},
  ): Disposer {
    if (!this.#definition.events?.includes(name)) this.#values.unknown(name);
    return this.#events.add((event) => {
      if (event.event === name) return handler(event as WidgetEvent<EventsOf<W>[K]>);
    }, options);
  }

  /** Calls `handler` with each message of the widget's own kind that its views send, whether or not it names an event. */
  onMsg(handler: (message: WidgetMessage) => unknown, options: ListenOptions = {}): Disposer {
    return this.#messages.add(handler, options);
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

  /** @throws WidgetClosedError that ends with why that matters now */
  requireOpen(why: string): void {
    if (this.#closed) throw new WidgetClosedError(`This ${this.#name} is closed: ${why}. Make a new one.`);
  }

  /** Removes the widget and its views. What waits for it ends. */
  close(): void {
    this.#closedHere = true;
    if (this.#closed) return;
    this.#channel?.close();
    this.#end();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** What a notebook shows for the widget: the view, and text; the picture for the file follows by `SHOWN`. */
  [DISPLAY](): Record<string, unknown> | Promise<Record<string, unknown>> {
    this.requireOpen("it has no view to show");
    const bundle: Record<string, unknown> = { "text/plain": String(this) };
    if (this.#channel !== undefined && this.#definition.view.name !== null) {
      this.#registry?.flush();
      bundle[WIDGET_VIEW] = { version_major: 2, version_minor: 0, model_id: this.id };
      bundle[STORED_WIDGET] = { version: 1 };
    }
    return bundle;
  }

  /** Keeps what the notebook's file has of the widget as the widget is. */
  [SHOWN](renew: Renew): Showing {
    return storeForms(this, renew);
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return String(this);
  }

  /** `IntSlider({ value: 3 })`: the class and what differs from its defaults. */
  toString(): string {
    const { traits } = this.#definition;
    const parts = traitNames(this.#definition)
      .filter((name) => {
        const value: unknown = this.get(name);
        return value instanceof Widget ? !this.#owned.has(value) : !sameData(value, traits[name].initial());
      })
      .map((name) => `${name}: ${brief(this.get(name))}`);
    return parts.length === 0 ? `${this.#name}()` : `${this.#name}({ ${parts.join(", ")} })`;
  }

  /** A static picture of the widget by MIME type, for readers whose front end shows no widgets. None by default. */
  protected preview(): Record<string, unknown> {
    return {};
  }

  /** The same as a drawing, which boxes put together; by default the one of `preview`. */
  staticPicture(): StaticPicture | null {
    return givenPicture(this.preview());
  }

  /** The widgets in this one that the drawing shows too. */
  pictured(): Iterable<Widget> {
    return [];
  }

  /** Settles when there is something to draw that a file should have; undefined when that is now. */
  pictureReady(): Promise<unknown> | undefined {
    return undefined;
  }

  /** Milliseconds that changes may wait before they are sent, for a widget of which that costs much; 0 by default. */
  protected patience(): number {
    return 0;
  }

  /** The widget as its channel sees it. */
  #model(): WidgetModel {
    return {
      id: this.id,
      widget: this,
      wireState: (names) => this.#wireState(names),
      echoes: (name) => {
        const trait = this.#values.trait(name);
        return trait !== undefined && trait.synced !== false && trait.echoed !== false;
      },
      acceptUpdate: (state) => this.#acceptUpdate(state),
      patience: () => this.patience(),
      acceptCustom: (content, buffers) => this.#acceptCustom(content, buffers),
      acceptClose: () => this.#end(),
    };
  }

  #wireState(names?: Iterable<string>): WireState {
    const state = this.#values.wireState((names ?? traitNames(this.#definition)) as Iterable<keyof S & string>);
    return names === undefined ? { ...nameOnWire(this.#definition), ...state } : state;
  }

  #acceptUpdate(state: WireState): void {
    const find = (id: string) => this.#registry?.find(id);
    const { accepted, refused, errors } = this.#values.received(state, find);
    for (const error of errors) this.#registry?.comms.report(error);
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
    const errors = this.#notify(this.#messages, [{ content, buffers }]);
    if (typeof event === "string") errors.push(...this.#notify(this.#events, [{ ...content, event, buffers }]));
    for (const error of errors) this.#registry?.comms.report(error);
  }

  /** What a handler fails with that nobody waits for; outside a kernel it is Node's to report. */
  #fail(error: unknown): void {
    const failed = Promise.reject(error);
    this.#registry?.follow(failed);
  }

  #end(): void {
    this.#closed = true;
    for (const owned of this.#owned) owned.close();
    this.#ends.call(undefined, [], []);
    this.#observers.clear();
    for (const listeners of [this.#changes, this.#events, this.#messages, this.#ends]) listeners.clear();
  }

  get #name(): string {
    return this.constructor.name;
  }

  /** Takes checked values, queues what the front end does not know yet, and tells observers; returns their errors. */
  #assign(values: Partial<S>, received: WireState = {}): unknown[] {
    const changes = this.#values.assign(values);
    if (changes.length > 0) pictureChanged(this);
    if (this.#channel !== undefined) {
      const unknownThere = new Set<string>(changes.map(({ name }) => String(name)));
      for (const [name, sent] of Object.entries(received)) {
        if (this.#values.trait(name) === undefined) continue;
        if (sameData(this.#values.onWire(name as keyof S), sent)) unknownThere.delete(name);
        else unknownThere.add(name);
      }
      this.#channel.touch([...unknownThere].filter((name) => this.#values.trait(name)?.synced !== false));
    }
    return this.#notify(
      this.#changes,
      changes.map((change): AnyChange => ({ ...change, owner: this })),
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
    const isTrait = this.#values.trait(name) !== undefined;
    if (!isTrait && !this.#definition.events?.includes(name)) this.#values.unknown(name);
    const inbox = inboxOf<unknown>({
      signal,
      newestOnly: isTrait,
      onWait: () => this.#registry?.releaseMessages(),
      fill: (inbox) => [
        isTrait
          ? this.#changes.add((change) => (change.name === name ? inbox.push(change.new) : undefined))
          : this.#events.add((event) => (event.event === name ? inbox.push(event) : undefined)),
        this.#ends.add(() => inbox.end()),
      ],
    });
    if (this.#closed) inbox.end();
    return inbox;
  }
}

/** The traits that a subscription is for; undefined for all. */
function setOf(names: unknown): ReadonlySet<unknown> | undefined {
  return names === undefined ? undefined : new Set<unknown>(Array.isArray(names) ? names : [names]);
}

function brief(value: unknown): string {
  if (value instanceof Widget) return value.constructor.name;
  const shown = JSON.stringify(value, (_, item: unknown) =>
    item instanceof Widget ? item.constructor.name : ArrayBuffer.isView(item) ? `(${item.byteLength} bytes)` : item,
  );
  return shown === undefined || shown.length <= 60 ? String(shown) : `${shown.slice(0, 60)}…`;
}
