import type { RelevanceFlowState } from "../../comms/states/relevance-flow.js";
import { pictureSection } from "../heatmap/section.js";
import { element } from "../parts/dom.js";
import { heading } from "../parts/heading.js";
import { outcome } from "../parts/outcome.js";
import { progress } from "../parts/progress.js";
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
    const working = this.keep(progress(() => model.send({ event: "stop" })));
    const ended = outcome(() => model.send({ event: "again" }));
    section.element.prepend(caption);
    section.element.querySelector(".limpid-picture")?.append(working.element, ended.element);
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

    const running = () => model.comm_live && model.trait("running");
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
    this.draw(["running", "progress"], () => {
      working.set(running(), model.trait("progress"));
      this.el.setAttribute("aria-busy", String(running()));
    });
    this.draw(["running", "stopped", "error", "layers", "title", "subtitle"], () => {
      const [stopped, live] = [model.trait("stopped"), model.comm_live];
      const failed = model.trait("error") !== "" && model.trait("layers").length === 0;
      const still = model.trait("relevance") ? ` The picture is still of ${model.trait("subtitle")}.` : "";
      if (running() || (stopped === "" && !failed)) ended.set(null);
      else if (stopped !== "") {
        const hint = "Explain with the settings that were given up";
        ended.set({ words: `Stopped: *${stopped}*.${still}`, again: "Run again", hint, live });
      } else ended.set({ words: "", again: "Try again", hint: "Explain once more with these settings", live });
    });
  }
}
