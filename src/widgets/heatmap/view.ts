import { DOMWidgetView } from "@jupyter-widgets/base";
import "limpid/widgets.css";
import { heading } from "../parts/heading.js";
import { keepKeys } from "../parts/keys.js";
import type { HeatmapModel } from "./model.js";
import { pictureSection, type Section } from "./section.js";

/** A relevance map over its photo, with a scale that can be read and controls of how it is seen. */
export class HeatmapView extends DOMWidgetView {
  private section: Section | undefined;

  override render(): void {
    const model = this.model as HeatmapModel;
    const top = heading();
    const showHeading = () => {
      const [title, subtitle] = [model.trait("title"), model.trait("subtitle")];
      top.set({
        title,
        subtitle,
        output: model.trait("output"),
        total: model.trait("total"),
        signed: model.trait("signed"),
      });
    };
    this.listenTo(model, "change:title change:subtitle change:output change:total change:signed", showHeading);
    showHeading();
    this.section = pictureSection(model);
    this.el.classList.add("limpid-widget", "limpid-heatmap");
    keepKeys();
    this.el.replaceChildren(top.element, this.section.element);
  }

  override remove() {
    this.section?.dispose();
    return super.remove();
  }
}
