import {
  currentHost,
  DISPLAY,
  type DisplayOptions,
  formatted,
  type MimeBundle,
  type Showing,
  tellShown,
} from "../../comms/host.js";
import { newId } from "../../comms/manager.js";
import type { JsonObject } from "../../comms/message.js";
import { AsyncLocalStorage } from "../platform/async-context.js";
import { inspect } from "../platform/inspect.js";

/** A displayed output that can be replaced. */
export interface DisplayHandle {
  readonly displayId: string;
  /** Shows `value` in the place of what was displayed. */
  update(value: unknown): void;
  /** Nothing: what it stands for is on display already. */
  [DISPLAY](): undefined;
}

/** Where `display` and `clearOutput` go. */
export interface DisplayTarget {
  display(bundle: MimeBundle, options: DisplayOptions): void;
  clearOutput(wait: boolean): void;
}

const redirected = new AsyncLocalStorage<DisplayTarget>();

/** Outside a kernel, text goes to standard output. */
const terminal: DisplayTarget = {
  display: (bundle) => console.log(bundle["text/plain"] ?? inspect(bundle)),
  clearOutput: () => {},
};

function target(): DisplayTarget {
  return redirected.getStore() ?? currentHost() ?? terminal;
}

/** Lets what `body` displays, and what it starts displays later, go to another place than the running cell. */
export function displayTo<T>(place: DisplayTarget, body: () => T): T {
  return redirected.run(place, body);
}

/**
 * Shows a value below the running cell: widgets live, other values that know how to show themselves
 * (`Symbol.for("Jupyter.display")`, at once or by a promise) as they do, the rest as the kernel shows a cell's result.
 * Outside a kernel its text goes to standard output.
 *
 * @example
 * const status = display("loading …");
 * status.update("ready");
 */
export function display(value: unknown, options: { metadata?: JsonObject } = {}): DisplayHandle {
  const displayId = newId();
  const place = target();
  const host = currentHost();
  let showing: Showing | undefined;
  const show = (shown: unknown, update: boolean) => {
    const put = (bundle: MimeBundle | undefined) => {
      showing?.end();
      showing = undefined;
      if (!bundle) return;
      place.display(bundle, { ...options, displayId, update });
      // Only a notebook keeps what is renewed; another place would draw everything in it anew.
      if (place !== host) return;
      if (host.keepsOutputs === false) {
        const ready = whenDrawn(shown);
        if (ready) host.hold?.(ready);
        return;
      }
      showing = tellShown(shown, (forms, metadata) => {
        place.display(
          { ...bundle, ...forms },
          { metadata: { ...options.metadata, ...metadata }, displayId, update: true },
        );
      });
      if (showing) host.hold?.(showing.stored);
    };
    const bundle = bundleOf(shown);
    if (bundle instanceof Promise) bundle.then(put, (error: unknown) => console.error(error));
    else put(bundle);
  };
  show(value, false);
  return { displayId, update: (next) => show(next, true), [DISPLAY]: () => undefined };
}

/** When a value that has been displayed shows what it was made to show; undefined for one that does so at once. */
export function whenDrawn(value: unknown): Promise<unknown> | undefined {
  return (value as { pictureReady?(): Promise<unknown> | undefined } | null | undefined)?.pictureReady?.();
}

/** Removes what is displayed below the cell; with `wait`, when there is something new to show in its place. */
export function clearOutput({ wait = false } = {}): void {
  target().clearOutput(wait);
}

/** The forms of a value by MIME type; undefined when it has shown itself. */
function bundleOf(value: unknown): MimeBundle | undefined | Promise<MimeBundle | undefined> {
  const own = (value as { [DISPLAY]?: () => MimeBundle } | null | undefined)?.[DISPLAY];
  if (typeof own === "function") return own.call(value);
  if (typeof value === "string") return { "text/plain": value };
  return currentHost()?.format(value) ?? formatted(value) ?? { "text/plain": inspect(value) };
}
