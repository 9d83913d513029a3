import { formatNumber, formatSigned } from "../../comms/format.js";
import type { LayerWalkState } from "../../comms/states/layer-walk.js";
import { pictureSection } from "../heatmap/section.js";
import { button } from "../parts/buttons.js";
import { element } from "../parts/dom.js";
import { explaining } from "../parts/explaining.js";
import { heading } from "../parts/heading.js";
import { writes } from "../parts/lock.js";
import { titled, WidgetView } from "../parts/view.js";
import { flowList } from "../relevance-flow/flow-list.js";
import { barList } from "./bar-list.js";
import { formula } from "./formula.js";
import type { LayerWalkModel } from "./model.js";

/** Three levels of relevance: layers with sums, one unit's shares, the formula of one share; and the way that was walked. */
export class LayerWalkView extends WidgetView<LayerWalkState, LayerWalkModel> {
  override render(): void {
    const model = this.shown;
    const top = this.keep(heading(model));
    const section = this.keep(
      pictureSection(model, { empty: "Choose a layer beside it, and its relevance appears here." }),
    );
    const caption = element("p", { class: "limpid-flow-caption", role: "status" });
    const way = element("nav", { class: "limpid-walk-way", "aria-label": "The way so far" });
    const layers = this.keep(flowList((index) => model.choose({ layer: index })));
    const vacant = element("p", { class: "limpid-flow-vacant" }, "Nothing has been explained yet.");
    const units = barList("Units of this layer with most relevance", (index) =>
      model.choose({ unit: model.trait("units")[index]!.unit }),
    );
    const shares = writes(element("div", {}), "share");
    const follow = (index: number) => {
      if ((model.trait("node")?.shares[index]?.to ?? -1) >= 0) model.send({ event: "follow", share: index });
    };
    const list = barList("What its inputs get", (index) => model.choose({ share: index }), follow);
    shares.append(list.element);
    const sum = element("p", { class: "limpid-walk-sum" });
    const about = element("p", { class: "limpid-walk-about" });
    const why = element("p", { class: "limpid-walk-about", role: "alert" });
    const on = button("Walk on to it", "Take the unit apart that got this share (Enter in the list)", () =>
      follow(model.trait("share")),
    );
    const written = formula();
    writes(written.element);
    const work = this.keep(explaining(model));
    section.element.prepend(caption);
    section.element.querySelector(".limpid-picture")?.append(work.working, work.ended);
    const first = titled("1 · Layers and their sums, output → input", layers.element, vacant);
    const beside = titled("Units of this layer with most relevance", units.element);
    const second = titled("2 · One unit shares out its relevance", about, why, shares, sum);
    const third = titled("3 · One share, in numbers", written.element, on);
    this.lay(
      "layer-walk",
      top.element,
      way,
      element(
        "div",
        { class: "limpid-columns" },
        element("div", { class: "limpid-walk-left-side" }, section.element, beside),
        element("div", { class: "limpid-side" }, first, second, third),
      ),
    );

    this.draw(["caption"], () => {
      caption.textContent = model.trait("caption");
    });
    this.draw(["path"], () => {
      const path = model.trait("path");
      way.hidden = path.length === 0;
      way.replaceChildren(
        element(
          "ol",
          {},
          ...path.map(({ layerName, name, relevance }, step) => {
            const words = [
              element("strong", {}, layerName),
              " ",
              element("span", {}, name),
              " ",
              element("span", { class: "limpid-walk-note" }, formatSigned(relevance)),
            ];
            if (step === path.length - 1) return element("li", { "aria-current": "step" }, ...words);
            const made = element(
              "button",
              { type: "button", class: "limpid-walk-step", title: "Go back to this unit" },
              ...words,
            );
            made.addEventListener("click", () => model.send({ event: "back", step }));
            return element("li", {}, made);
          }),
        ),
      );
    });
    this.draw(["layers", "output"], () => {
      layers.set(model.trait("layers"), model.trait("output"));
      layers.choose(model.trait("layer"));
      vacant.hidden = model.trait("layers").length > 0;
    });
    this.draw(["layer"], () => layers.choose(model.trait("layer")));
    this.draw(["units", "unit"], () => {
      const all = model.trait("units");
      beside.hidden = all.length === 0;
      units.set(
        all.map(({ name, relevance }) => ({
          words: name,
          note: "",
          value: relevance,
          hint: `${name}: relevance ${formatNumber(relevance, 4)}`,
        })),
        all.findIndex(({ unit }) => unit === model.trait("unit")),
      );
    });
    this.draw(["node", "apart", "share", "layer"], () => {
      const [node, chosen] = [model.trait("node"), model.trait("share")];
      const share = node?.shares[chosen];
      const isInput = model.trait("layer") >= 0 && node === null && model.trait("apart") === "";
      second.hidden = node === null && !isInput && model.trait("apart") === "";
      third.hidden = share === undefined;
      shares.hidden = sum.hidden = node === null;
      why.hidden = model.trait("apart") === "";
      why.textContent = model.trait("apart");
      about.textContent =
        node !== null
          ? `${node.layer}, ${node.name}: it computed ${formatNumber(node.value, 4)} and has relevance ${formatNumber(node.relevance, 4)}, which the rule ${node.rule} shares out over the ${node.seen} ${node.seen === 1 ? "input" : "inputs"} that it sees.`
          : isInput
            ? "Here the walk ends: the input keeps what it got."
            : "";
      list.set(
        (node?.shares ?? []).map(({ layer, name, share: value, activation, weight }) => ({
          ...{ words: layer, note: name, value },
          hint: `${layer}, ${name}: gets ${formatNumber(value, 4)}; it is ${formatNumber(activation, 4)}${weight === null ? "" : `, its weight ${formatNumber(weight, 4)}`}`,
        })),
        chosen,
      );
      if (node !== null) {
        const { others, kept, relevance } = node;
        sum.textContent = [
          others.count === 0 ? "" : `${others.count} others ${formatSigned(others.share)}`,
          `biases, empty parts and ε keep ${formatNumber(kept)}`,
          `together ${formatNumber(relevance, 4)}`,
        ]
          .filter((part) => part !== "")
          .join(" · ");
      }
      written.set(node, share);
      on.hidden = share === undefined || share.to < 0;
    });
    this.draw(["running", "progress"], () => work.showProgress(this.el));
    this.draw(["running", "stopped", "error", "layers", "title", "subtitle"], () => work.showEnd());
  }
}
