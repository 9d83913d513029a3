import type { RelevanceFlowState } from "../../comms/states/relevance-flow.js";
import { pictureSection } from "../heatmap/section.js";
import { element } from "../parts/dom.js";
import { explaining } from "../parts/explaining.js";
import { heading } from "../parts/heading.js";
import { titled, WidgetView } from "../parts/view.js";
import { books } from "./books.js";
import { flowList } from "./flow-list.js";
import type { RelevanceFlowModel } from "./model.js";

/** Where relevance goes from the output to the input: bars of every layer's books, and the map of the one that is chosen. */
export class RelevanceFlowView extends WidgetView<RelevanceFlowState, RelevanceFlowModel> {
  override render(): void {
    const model = this.shown;
    const top = this.keep(heading(model));
    const section = this.keep(
      pictureSection(model, { empty: "Choose a layer beside it, and its relevance appears here." }),
    );
    const caption = element("p", { class: "limpid-flow-caption", role: "status" });
    const list = this.keep(flowList((index) => model.choose({ layer: index })));
    const table = books();
    const vacant = element("p", { class: "limpid-flow-vacant" }, "Nothing has been explained yet.");
    const work = this.keep(explaining(model));
    section.element.prepend(caption);
    section.element.querySelector(".limpid-picture")?.append(work.working, work.ended);
    this.lay(
      "relevance-flow",
      top.element,
      element(
        "div",
        { class: "limpid-columns" },
        section.element,
        element(
          "div",
          { class: "limpid-side" },
          titled("Where the relevance goes, output → input", list.element, vacant),
          titled("Books of this layer", table.element),
        ),
      ),
    );

    this.draw(["caption"], () => {
      caption.textContent = model.trait("caption");
    });
    this.draw(["layers", "output"], () => {
      list.set(model.trait("layers"), model.trait("output"));
      list.choose(model.trait("layer"));
      vacant.hidden = model.trait("layers").length > 0;
    });
    this.draw(["layer"], () => list.choose(model.trait("layer")));
    this.draw(["layer", "layers", "output"], () => {
      const layer = model.trait("layers")[model.trait("layer")];
      table.set(layer, model.trait("output"));
      table.element.parentElement!.hidden = layer === undefined;
    });
    this.draw(["running", "progress"], () => work.showProgress(this.el));
    this.draw(["running", "stopped", "error", "layers", "title", "subtitle"], () => work.showEnd());
  }
}
