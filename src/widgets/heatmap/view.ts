import type { HeatmapWidgetState } from "../../comms/states/heatmap.js";
import { heading } from "../parts/heading.js";
import { WidgetView } from "../parts/view.js";
import type { HeatmapModel } from "./model.js";
import { pictureSection } from "./section.js";

/** A relevance map over its photo, with a scale that can be read and controls of how it is seen. */
export class HeatmapView extends WidgetView<HeatmapWidgetState, HeatmapModel> {
  override render(): void {
    const model = this.shown;
    this.lay("heatmap", this.keep(heading(model)).element, this.keep(pictureSection(model)).element);
    this.draw(["compact"], () => this.el.classList.toggle("limpid-compact", model.trait("compact")));
  }
}
