import type { CommManager } from "./manager.js";
import type { JsonObject } from "./message.js";
import { widgetRegistry } from "./widget-registry.js";

/** The method by which notebooks ask a value how it is shown: it returns a MIME bundle, or nothing. */
export const DISPLAY: unique symbol = Symbol.for("Jupyter.display");

/**
 * The method by which a value that has been displayed hears of it, so that it can renew what the notebook's file keeps of it:
 * it is given a function that puts other forms in the place of the first.
 */
export const SHOWN: unique symbol = Symbol.for("limpid.shown");

/** A value on display whose stored forms follow it. */
export interface Showing {
  /** Settles when the file has the first forms. */
  readonly stored: Promise<void>;
  /** No more renewals: something else stands in its place. */
  end(): void;
}

/** Puts forms by MIME type in the place of what is displayed, with their metadata. */
export type Renew = (forms: MimeBundle, metadata: JsonObject) => void;

/** Tells a value that it is displayed; undefined when it does not want to know. */
export function tellShown(value: unknown, renew: Renew): Showing | undefined {
  return (value as { [SHOWN]?: (renew: Renew) => Showing } | null | undefined)?.[SHOWN]?.(renew);
}

/** MIME type → data, as in a Jupyter `display_data` message. */
export type MimeBundle = { [mime: string]: unknown };

export interface DisplayOptions {
  metadata?: JsonObject;
  /** Display identifier: a later `updateDisplay` with the same one replaces the output in place. */
  displayId?: string;
  /** Replace the outputs shown under `displayId` instead of adding one. */
  update?: boolean;
}

/** Takes what is printed to one of the two streams. */
export type ConsoleWrite = (stream: "stdout" | "stderr", text: string) => void;

/**
 * What a running kernel offers to the code of a cell. The kernel puts its instance at
 * `globalThis[Symbol.for("limpid.host")]`; outside a kernel there is none.
 */
export interface Host {
  readonly comms: CommManager;
  display(bundle: MimeBundle, options?: DisplayOptions): void;
  clearOutput(wait?: boolean): void;
  /** The forms of a value as a cell's result shows them, for values without a `Symbol.for("Jupyter.display")` of their own. */
  format(value: unknown): MimeBundle;
  /** Handles the widget messages that wait right now, so that a synchronous loop can see a moved slider; returns how many. */
  poll(): number;
  /** Keeps the running cell from ending before `work` is done: what it still publishes belongs to it. */
  hold?(work: Promise<unknown>): void;
  /** Runs `body`; what it and what it starts print to the console goes to `write` in place of the cell's output. */
  captureConsole?<T>(write: ConsoleWrite, body: () => T): T;
  /** Throws when the request that the calling code works for was interrupted. */
  check(): void;
  /** Whether somebody can answer what the calling code asks; where notebooks are executed without a reader, nobody can. */
  hasReader?(): boolean;
  /** False where no file keeps what is displayed: nothing needs to be drawn for it. */
  readonly keepsOutputs?: boolean;
}

const HOST = Symbol.for("limpid.host");

/** Makes `host` the one that cells see, ready to be asked for its widgets. Called once, by the kernel. */
export function provideHost(host: Host): void {
  widgetRegistry(host.comms);
  (globalThis as { [HOST]?: Host })[HOST] = host;
}

/** The kernel this code runs in, or undefined outside one (a plain Node process, a test, the command line). */
export function currentHost(): Host | undefined {
  return (globalThis as { [HOST]?: Host })[HOST];
}

/** Says how a value is shown; undefined for one that it does not know. */
export type Formatter = (value: unknown) => MimeBundle | undefined;

const FORMATTERS = Symbol.for("limpid.formatters");
type WithFormatters = { [FORMATTERS]?: Set<Formatter> };

/** Has values of some kind shown by `formatter` wherever a value does not show itself; the kernel knows of no such kind. */
export function addFormatter(formatter: Formatter): void {
  (globalThis as WithFormatters)[FORMATTERS] ??= new Set();
  (globalThis as WithFormatters)[FORMATTERS]!.add(formatter);
}

/** What the first of these that knows a value makes of it. */
function firstOf<T>(all: Iterable<(value: unknown) => T | undefined> | undefined, value: unknown): T | undefined {
  for (const one of all ?? []) {
    try {
      const made = one(value);
      if (made !== undefined) return made;
    } catch {
      // A value that cannot be shown well is shown plainly.
    }
  }
  return undefined;
}

/** A value as one of the formatters shows it; undefined where none knows it. */
export const formatted = (value: unknown): MimeBundle | undefined =>
  firstOf((globalThis as WithFormatters)[FORMATTERS], value);

const STAND_INS = Symbol.for("limpid.standIns");
/** What is shown in the place of a value; undefined for one that it does not know. */
export type StandIn = (value: unknown) => object | undefined;
type WithStandIns = { [STAND_INS]?: Set<StandIn> };

/** Has something else, as a widget, shown in the place of values of some kind that do not show themselves. */
export function addStandIn(standIn: StandIn): void {
  (globalThis as WithStandIns)[STAND_INS] ??= new Set();
  (globalThis as WithStandIns)[STAND_INS]!.add((value) => (DISPLAY in (value as object) ? undefined : standIn(value)));
}

/** What is shown of a value: something in its place, or itself. */
export function shownFor(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return firstOf((globalThis as WithStandIns)[STAND_INS], value) ?? value;
}

/** Where in a cell's code a text is being typed. */
export interface StringPlace {
  /** The property that it becomes the value of, itself or in a list: `target` in `{ target: "…" }` and `x.target = "…"`; else empty. */
  readonly property: string;
  /** The values of the variables beside it, the nearest first: what the calls around it are given, and whose property it becomes. */
  readonly beside: readonly unknown[];
  /** The values of all variables of the notebook. */
  readonly all: readonly unknown[];
}

/** What may stand in a place, where that depends on values that only a running notebook has: names of a model's classes. */
export type Completer = (place: StringPlace) => readonly string[];

const COMPLETERS = Symbol.for("limpid.completers");
type WithCompleters = { [COMPLETERS]?: Set<Completer> };

/** Has texts completed by what `completer` knows of values, beside what the compiler knows of types. */
export function addCompleter(completer: Completer): void {
  (globalThis as WithCompleters)[COMPLETERS] ??= new Set();
  (globalThis as WithCompleters)[COMPLETERS]!.add(completer);
}

/** All that may stand in a place, as the completers know it. */
export function completionsAt(place: StringPlace): string[] {
  return [...((globalThis as WithCompleters)[COMPLETERS] ?? [])].flatMap((completer) => {
    try {
      return completer(place);
    } catch {
      // A value that cannot be asked completes nothing.
      return [];
    }
  });
}
