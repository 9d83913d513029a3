import type { MimeBundle } from "../comms/host.js";
import { WIDGET_VIEW } from "../comms/states/module.js";
import { cellElement, viewElement } from "./document.js";
import type { PageManager } from "./manager.js";
import type { CellError, CellOutputMessage } from "./protocol.js";

/** A widget that the file shows in a cell. */
export interface PlacedView {
  /** Its place in the manifest's list. */
  readonly view: number;
  /** Whether what the page computes goes into its place. */
  readonly live: boolean;
}

interface Output {
  readonly bundle: MimeBundle;
  readonly displayId: string | undefined;
}

/**
 * A cell's place in the page. While the cell runs again its outputs are only collected: the file shows the same ones. When it has ended, its
 * widgets take the places of those that were stored, in their order; what it shows or prints later stands beneath.
 */
export class CellPlace {
  readonly #manager: PageManager;
  readonly #cell: number;
  readonly #views: readonly PlacedView[];
  /** By view, what takes away what it shows. */
  readonly #shown: Map<number, () => void>;
  /** By display, in all cells, where it is. */
  readonly #displays: Map<string, HTMLElement>;
  #outputs: Output[] = [];
  #stale = false;
  #later: HTMLElement | undefined;

  constructor(
    manager: PageManager,
    cell: number,
    views: readonly PlacedView[],
    shown: Map<number, () => void>,
    displays: Map<string, HTMLElement>,
  ) {
    this.#shown = shown;
    this.#displays = displays;
    this.#manager = manager;
    this.#cell = cell;
    this.#views = views;
  }

  /** Forgets what an earlier run showed; what it made live waits for its successor, locked. */
  begin(): void {
    this.#outputs = [];
    this.end();
    for (const place of this.#live()) {
      if (place.dataset["state"] === "failed") place.dataset["state"] = "stored";
      delete place.dataset["why"];
    }
    this.#later?.remove();
    this.#later = undefined;
  }

  /** The kernel that made this cell's widgets live is gone. */
  end(): void {
    for (const place of this.#live()) if (place.dataset["state"] === "live") place.dataset["state"] = "ended";
  }

  /** This run makes nothing live here: widgets of which there is only what was stored say why. */
  leave(why: string): void {
    for (const place of this.#live()) {
      if ((place.dataset["state"] ?? "stored") !== "stored") continue;
      place.dataset["why"] = why;
      place.dataset["state"] = "failed";
    }
  }

  /** Shows beneath the cell why it failed. */
  fail({ ename, evalue, traceback }: CellError): void {
    this.#text(`${traceback.length > 0 ? traceback.join("\n") : `${ename}: ${evalue}`}\n`, "stderr");
  }

  /** The places of what can be live. */
  #live(): HTMLElement[] {
    return this.#views.flatMap(({ view, live }) => (live ? (viewElement(view) ?? []) : []));
  }

  /** Takes an output of the running cell. */
  collect(message: CellOutputMessage): void {
    if (message.type === "clear") {
      this.#stale = message.wait;
      if (!message.wait) this.#outputs = [];
    } else if (message.type === "display" || message.type === "result") {
      const { displayId, update = false } = message.type === "display" ? message.options : {};
      const output = { bundle: message.bundle, displayId };
      const at = update ? this.#outputs.findIndex((other) => other.displayId === displayId) : -1;
      if (at >= 0) this.#outputs[at] = output;
      else if (!update) this.#outputs = this.#stale ? [output] : [...this.#outputs, output];
      this.#stale = false;
    }
  }

  /**
   * Puts the widgets that the cell displays into the places of the stored ones; returns those that have no successor.
   * @param current whether this run goes on
   */
  async settle(current: () => boolean): Promise<PlacedView[]> {
    this.#findDisplays();
    const models = this.#outputs.flatMap(({ bundle }) => modelOf(bundle) ?? []);
    const left: PlacedView[] = [];
    for (const [nth, placed] of this.#views.entries()) {
      const place = viewElement(placed.view);
      const model = models[nth];
      if (!placed.live || place === null) continue;
      if (model === undefined) left.push(placed);
      else {
        // The old one stays until the new one is whole: nothing flashes. A view is only drawn within the page.
        const next = document.createElement("div");
        next.style.cssText = `position: absolute; visibility: hidden; width: ${place.clientWidth}px`;
        place.append(next);
        const remove = await this.#manager.show(model, next);
        await this.#manager.carry(place, model);
        if (!current()) {
          remove();
          next.remove();
          return [];
        }
        this.#shown.get(placed.view)?.();
        this.#shown.set(placed.view, remove);
        next.removeAttribute("style");
        place.replaceChildren(next);
        place.dataset["state"] = "live";
      }
    }
    return left;
  }

  /** Shows what comes after the cell has ended: what its observers print and display. */
  async show(message: CellOutputMessage): Promise<void> {
    switch (message.type) {
      case "clear":
        this.#later?.replaceChildren();
        break;
      case "stream":
        this.#text(message.text, message.name);
        break;
      case "error":
        this.fail(message.error);
        break;
      default: {
        const model = modelOf(message.bundle);
        const { displayId, update = false } = message.type === "display" ? message.options : {};
        const known = update ? this.#displays.get(displayId ?? "") : undefined;
        const item = known?.isConnected ? known : document.createElement("div");
        if (item !== known) this.#beneath().append(item);
        if (displayId !== undefined) this.#displays.set(displayId, item);
        if (model === undefined) await this.#manager.render(message.bundle, item);
        else await this.#manager.show(model, item);
      }
    }
  }

  /** Notes where the file shows what the cell displayed under a name, if it shows as much as was displayed. */
  #findDisplays(): void {
    const places = cellElement(this.#cell)?.querySelectorAll<HTMLElement>(":scope > .outputs > [data-displays]") ?? [];
    if (places.length !== this.#outputs.length) return;
    for (const [nth, { displayId, bundle }] of this.#outputs.entries()) {
      if (displayId !== undefined && modelOf(bundle) === undefined) this.#displays.set(displayId, places[nth]!);
    }
  }

  #text(text: string, name: "stdout" | "stderr"): void {
    const place = this.#beneath();
    const last = place.lastElementChild;
    if (last instanceof HTMLPreElement && last.dataset["stream"] === name) last.append(text);
    else {
      const block = document.createElement("pre");
      block.dataset["stream"] = name;
      block.tabIndex = 0;
      block.textContent = text;
      place.append(block);
    }
  }

  #beneath(): HTMLElement {
    if (this.#later === undefined) {
      this.#later = document.createElement("div");
      this.#later.className = "limpid-later";
      this.#later.setAttribute("role", "group");
      this.#later.setAttribute("aria-label", "What this page's run says and shows besides");
      cellElement(this.#cell)?.append(this.#later);
    }
    return this.#later;
  }
}

const modelOf = (bundle: MimeBundle): string | undefined =>
  (bundle[WIDGET_VIEW] as { model_id: string } | undefined)?.model_id;
