import type { ExplorerState } from "../../comms/states/explorer.js";
import { pictureSection } from "../heatmap/section.js";
import { element } from "../parts/dom.js";
import { heading } from "../parts/heading.js";
import { progress } from "../parts/progress.js";
import { titled, WidgetView } from "../parts/view.js";
import { activations } from "./activations.js";
import { classes } from "./classes.js";
import { layerBars } from "./layers.js";
import type { ExplorerModel } from "./model.js";
import { outcome } from "./outcome.js";
import { photoBar } from "./photo/photo-bar.js";
import { settings } from "./settings.js";

/** A photo, what the network sees in it, and why: every control asks the kernel for a new explanation. */
export class ExplorerView extends WidgetView<ExplorerState, ExplorerModel> {
  override render(): void {
    const model = this.shown;
    const top = this.keep(heading(model, () => model.trait("remark")));
    const section = this.keep(pictureSection(model, { ends: () => model.trait("ends") }));
    const scores = this.keep(classes(model));
    const photo = this.keep(photoBar(model, this.el));
    const inside = this.keep(activations(model));
    const form = this.keep(settings(model));
    const flow = layerBars((layer) => model.choose({ activationLayer: layer }));
    const working = this.keep(progress(() => model.stop()));
    const ended = outcome(model);
    section.element.firstElementChild?.append(working.element, ended.element);
    section.element.append(photo.element);
    const layer = titled("What a layer computes", inside.element);
    layer.classList.add("limpid-beneath");

    this.draw(["remark"], top.show);
    this.draw(["layers", "output"], () => flow.set(model.trait("layers"), model.trait("output")));
    this.draw(["stopped", "error", "request", "answered", "title", "subtitle"], ended.show);
    this.draw(["request", "answered", "progress"], () => {
      working.set(model.pending, model.trait("progress"));
      this.el.setAttribute("aria-busy", String(model.pending));
    });

    const explained = titled("How it is explained", form.element);
    explained.firstElementChild?.append(form.reset);
    this.lay(
      "explorer",
      top.element,
      element(
        "div",
        { class: "limpid-columns" },
        section.element,
        element(
          "div",
          { class: "limpid-side" },
          titled("What the network sees", scores.element),
          explained,
          titled("Where the relevance goes, output → input", flow.element),
        ),
        layer,
      ),
    );
  }
}
