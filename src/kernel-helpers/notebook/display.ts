import {
  currentHost,
  DISPLAY,
  type DisplayOptions,
  formatted,
  type MimeBundle,
  type Showing,
  shownFor,
  tellShown,
} from "../../comms/host.js";
import { newId } from "../../comms/manager.js";
import type { JsonObject } from "../../comms/message.js";
import { AsyncLocalStorage } from "../platform/async-context.js";
import { inspect } from "../platform/inspect.js";
import { stockDisplay } from "../platform/stock-kernel.js";

const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom");

/** A displayed output that can be replaced. */
export interface DisplayHandle {
  readonly displayId: string;
  /** Shows `value` in the place of what was displayed. */
  update(value: unknown): void;
  /** Nothing: what it stands for is on display already. */
  [DISPLAY](): undefined;
  [INSPECT](): string;
}

/** Where `display` and `clearOutput` go. */
export interface DisplayTarget {
  display(bundle: MimeBundle, options: DisplayOptions): void;
  /** Whether widgets are shown as pictures, drawn anew when they change. */
  readonly keepsPictures?: boolean;
  clearOutput(wait: boolean): void;
}

const redirected = new AsyncLocalStorage<DisplayTarget>();

/** In tslab's own kernel values show themselves as in ours, and widgets as pictures. */
function stockKernel(): DisplayTarget | undefined {
  const write = stockDisplay();
  if (write === undefined) return undefined;
  return {
    keepsPictures: true,
    display(data, { metadata = {}, displayId = newId(), update = false }) {
      write({ data, metadata, transient: { display_id: displayId } }, update);
    },
    clearOutput: () => {},
  };
}

/** Said once, where widgets are pictures. */
let isToldStatic = false;
function tellStatic(): void {
  if (isToldStatic) return;
  isToldStatic = true;
  console.log(
    "Widgets are pictures in this kernel. For live ones run `npx limpid install --user` in a terminal and choose the kernel Limpid (TypeScript).",
  );
}

/** Outside a kernel, text goes to standard output. */
const terminal: DisplayTarget = {
  display: (bundle) => console.log(bundle["text/plain"] ?? inspect(bundle)),
  clearOutput: () => {},
};

function target(): DisplayTarget {
  return redirected.getStore() ?? currentHost() ?? stockKernel() ?? terminal;
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
      if (place !== host && !place.keepsPictures) return;
      if (host?.keepsOutputs === false) {
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
      if (showing && place.keepsPictures) tellStatic();
      if (showing) host?.hold?.(showing.stored);
    };
    const bundle = bundleOf(shown);
    if (bundle instanceof Promise) bundle.then(put, (error: unknown) => console.error(error));
    else put(bundle);
  };
  show(shownFor(value), false);
  return {
    displayId,
    update: (next) => show(shownFor(next), true),
    [DISPLAY]: () => undefined,
    [INSPECT]: () => `Display ${displayId}`,
  };
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
  if (typeof value === "string") {
    const known = currentHost()?.format(value);
    return known !== undefined && "image/svg+xml" in known
      ? { ...known, "text/plain": value }
      : { "text/plain": value };
  }
  return currentHost()?.format(value) ?? formatted(value) ?? { "text/plain": inspect(value) };
}
