import type { ModuleWidgetState } from "../../comms/states/module-widget.js";
import { element } from "../parts/dom.js";
import { type Lock, lock } from "../parts/lock.js";
import { LOCKS_CHANGED } from "../parts/model.js";
import { WidgetView } from "../parts/view.js";
import type { ModuleWidgetModel } from "./model.js";

/** A place in the page for what the module of a widget's author draws. */
export class ModuleWidgetView extends WidgetView<ModuleWidgetState, ModuleWidgetModel> {
  private locked: Lock | undefined;
  private ending: (() => unknown) | undefined;
  /** Counts what is drawn: a module that is slow must not draw over a newer one. */
  private drawn = 0;

  override render(): void {
    this.el.classList.add("limpid-module-widget");
    this.draw(["_esm", "_css"], () => void this.show());
    this.listenTo(this.model, `comm_live_update ${LOCKS_CHANGED}`, () => this.locked?.refresh());
  }

  private async show(): Promise<void> {
    const drawn = ++this.drawn;
    this.finish();
    const style = element("style", {}, this.shown.trait("_css"));
    const place = element("div", { class: "limpid-module" });
    // Without the class of Limpid's own widgets: its style sheet is not the author's.
    this.el.replaceChildren(style, place);
    this.locked ??= this.keep(lock(this.el, (traits) => this.shown.lockOf(traits)));
    this.locked.refresh();
    try {
      const module = await this.shown.started();
      if (drawn !== this.drawn) return;
      const { model, end } = this.shown.given();
      const ending = await module.render?.({ model, el: place });
      const finish = () => {
        end();
        ending?.();
      };
      if (drawn === this.drawn) this.ending = finish;
      else finish();
    } catch (error) {
      if (drawn !== this.drawn) return;
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      const words = `The module of ${this.shown.trait("_name")} does not run: ${name}: ${message}`;
      place.replaceChildren(element("div", { class: "limpid-module-error", role: "alert" }, words));
    }
  }

  private finish(): void {
    const { ending } = this;
    this.ending = undefined;
    ending?.();
  }

  override remove() {
    this.drawn += 1;
    this.finish();
    return super.remove();
  }
}
