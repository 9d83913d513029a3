import { DOMWidgetView } from "@jupyter-widgets/base";
import "limpid/widgets.css";
import { element } from "./dom.js";
import { keepKeys } from "./keys.js";
import { lock } from "./lock.js";
import { LOCKS_CHANGED, type Shown, type TypedModel } from "./model.js";

/** A widget's view: parts that end with it, and what is drawn anew when traits change. */
export abstract class WidgetView<State extends object, Model extends TypedModel<State>> extends DOMWidgetView {
  private readonly ends: (() => void)[] = [];

  /** The model, as what it is. */
  protected get shown(): Model {
    return this.model as unknown as Model;
  }

  /** Puts the parts into the page, and locks those that need a kernel while there is none. */
  protected lay(name: string, ...parts: HTMLElement[]): void {
    this.el.classList.add("limpid-widget", `limpid-${name}`);
    keepKeys(this.el);
    this.el.replaceChildren(...parts);
    const locked = this.keep(lock(this.el, (traits) => this.shown.lockOf(traits)));
    this.listenTo(this.model, `comm_live_update ${LOCKS_CHANGED}`, () => locked.refresh());
  }

  /** A part that ends with the view. */
  protected keep<Part extends { dispose(): void }>(part: Part): Part {
    this.ends.push(() => part.dispose());
    return part;
  }

  /** Runs `show` now, when one of the traits changes, and when the kernel comes or goes. */
  protected draw(names: readonly (keyof Shown<State> & string)[], show: () => void): void {
    this.ends.push(this.shown.watch(names, show));
    this.listenTo(this.model, "comm_live_update", show);
    show();
  }

  override remove() {
    for (const end of this.ends.splice(0)) end();
    return super.remove();
  }
}

/** A part of a widget with its title. */
export const titled = (title: string, ...children: HTMLElement[]): HTMLElement =>
  element("section", {}, element("h4", {}, title), ...children);
