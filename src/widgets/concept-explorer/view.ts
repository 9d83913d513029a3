import { clipLimit } from "../../comms/states/colors.js";
import { type ConceptExplorerState, regionWords } from "../../comms/states/concept-explorer.js";
import { colorBar } from "../heatmap/color-bar.js";
import { smallMap } from "../heatmap/small-map.js";
import { dropdown, segments } from "../parts/choices.js";
import { classSearch } from "../parts/class-search.js";
import { element } from "../parts/dom.js";
import { heading } from "../parts/heading.js";
import { writes } from "../parts/lock.js";
import { regionBox } from "../parts/region-box.js";
import { WidgetView } from "../parts/view.js";
import { endOf, work } from "../parts/work.js";
import { channelList } from "./channel-list.js";
import type { ConceptExplorerModel } from "./model.js";
import { samplesPanel } from "./samples.js";

/** A region of a heatmap, the channels it came through, and the samples that show what these are for. */
export class ConceptExplorerView extends WidgetView<ConceptExplorerState, ConceptExplorerModel> {
  override render(): void {
    const model = this.shown;
    const top = this.keep(heading(model));
    const empty = element("p", { class: "limpid-concept-empty" });
    const run = this.keep(
      work((event) => model.send({ event }), {
        failure: "limpid-concept-error",
        doing: "Computing",
        now: () => model.trait("stage") || "Computing",
        stopHint: "Stop: what is there stays, and can be run on",
        stopped: "what stands above is of what was computed before.",
        again: "Run on",
        againHint: "Compute what is missing",
        retryHint: "Compute once more",
      }),
    );
    const map = this.keep(smallMap("Relevance over the picture"));
    const box = regionBox("Region of the picture", (region) => model.choose({ region }));
    const bar = colorBar(null);
    const seen = segments(
      "Shown",
      "The whole map, or what of it came through the chosen channel",
      [
        { value: "whole", label: "All channels", hint: "The map without a condition" },
        { value: "channel", label: "Chosen channel", hint: "What came through the chosen channel alone" },
      ],
      (value) => model.choose({ seen: value as "whole" | "channel" }),
      { showLabel: false },
    );
    writes(seen.element, "seen");
    const target = classSearch({
      label: "Class",
      hint: "What is explained",
      shown: () => nameOf(model.trait("target")),
      onChoose: (index) => model.choose({ target: index }),
    });
    const nameOf = (index: number) => model.trait("classNames")[index]?.split(",")[0] ?? String(index);
    const layer = dropdown("Layer", "Whose channels are asked about", (value) => model.choose({ layer: value }));
    const region = element("h4", {});
    const all = element("button", { type: "button", class: "limpid-quiet" }, "whole picture");
    all.title = "Ask about the whole picture again";
    all.addEventListener("click", () => model.choose({ region: null }));
    const words = element("span", {});
    region.append(words, all);
    const list = channelList(model);
    const samples = this.keep(samplesPanel(model));
    const body = element(
      "div",
      { class: "limpid-concept-body" },
      element(
        "div",
        { class: "limpid-columns limpid-concept-columns" },
        element(
          "section",
          { class: "limpid-concept-picture", "aria-label": "Picture" },
          element("div", { class: "limpid-concept-frame" }, map.element, box.element),
          bar.element,
          element("div", { class: "limpid-looks" }, seen.element),
        ),
        element(
          "div",
          { class: "limpid-concept-side" },
          element("div", { class: "limpid-settings" }, target.element, layer.element),
          element("section", {}, region, list.element),
        ),
      ),
      samples.element,
    );
    this.lay(
      "concept-explorer",
      top.element,
      run.failure,
      empty,
      body,
      element("div", { class: "limpid-concept-run" }, run.working, run.ended),
    );

    this.draw(["image", "relevance", "channelMap", "seen", "channel"], () => {
      const own = model.trait("channelMap");
      const isChannel = model.trait("seen") === "channel" && own !== null;
      const shown = isChannel ? own : model.trait("relevance");
      const limit = shown === null ? 0 : clipLimit(shown.values, 99.5);
      map.set({ image: model.trait("image"), relevance: shown, limit });
      map.element.setAttribute(
        "aria-label",
        isChannel ? `Relevance through channel ${model.trait("channel")}` : "Relevance over the picture",
      );
      bar.set(limit, true, false);
      seen.set(isChannel ? "channel" : "whole");
      seen.rest(own === null ? "Choose a channel that has a map of its own" : null);
      bar.element.hidden = seen.element.hidden = shown === null;
    });
    this.draw(["image", "region"], () => {
      const [rows = 1, columns = 1] = model.trait("image")?.shape ?? [];
      box.set(rows, columns, model.trait("region"));
      all.disabled = model.trait("region") === null;
    });
    this.draw(["summed", "channels"], () => {
      words.textContent = `Channels within ${regionWords(model.trait("summed"))}`;
    });
    this.draw(["channels", "channel", "others", "rest", "sum"], () => list.show());
    this.draw(["classNames", "outputs", "target"], () => {
      target.offer(model.trait("classNames"), model.trait("outputs"));
      target.show();
    });
    this.draw(["layers", "layer"], () => {
      layer.offer(model.trait("layers").map((name) => ({ value: name, label: name })));
      layer.set(model.trait("layer"));
    });
    this.draw(["relevance", "running", "error"], () => {
      const isThere = model.trait("relevance") !== null;
      empty.hidden = isThere || model.trait("error") !== "";
      empty.textContent = model.running
        ? "The maps of the channels are on their way."
        : "Nothing has been explained yet.";
    });
    this.draw(["running", "progress", "stage"], () => {
      run.showProgress(this.el, model.running, model.trait("progress"));
    });
    this.draw(["running", "stopped", "error"], () => run.showEnd(endOf(model)));
  }
}
