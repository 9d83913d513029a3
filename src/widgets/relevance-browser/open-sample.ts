import { formatNumber } from "../../comms/format.js";
import { pictureSection } from "../heatmap/section.js";
import { button } from "../parts/buttons.js";
import { element } from "../parts/dom.js";
import { titled } from "../parts/view.js";
import { factsOf } from "./cards.js";
import type { RelevanceBrowserModel } from "./model.js";

/** The sample that is open: its map at large, its numbers, and the relevance of each layer. */
export function openSample(model: RelevanceBrowserModel): { element: HTMLElement; show(): void; dispose(): void } {
  const map = pictureSection(model, { empty: "This sample has no picture and no map." });
  const name = element("h4", { class: "limpid-samples-name" });
  const close = button("Close", "Close this sample (Escape)", () => model.choose({ selected: -1 }));
  const facts = element("p", { class: "limpid-samples-facts", role: "status" });
  const rows = element("ul", { class: "limpid-samples-layers", "aria-label": "Relevance by layer" });
  const layers = titled("Relevance by layer, from the output to the input", rows);
  const none = element("p", { class: "limpid-samples-hint" }, "This method sends no relevance from layer to layer.");
  const box = element(
    "section",
    { class: "limpid-samples-open", hidden: true },
    element("div", { class: "limpid-samples-head" }, name, close),
    element(
      "div",
      { class: "limpid-columns" },
      map.element,
      element("div", { class: "limpid-side" }, facts, layers, none),
    ),
  );
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    model.choose({ selected: -1 });
  });
  return {
    element: box,
    dispose: () => map.dispose(),
    show() {
      const opened = model.trait("opened");
      box.hidden = opened === null;
      if (opened === null) return;
      const { id, target, error } = opened;
      box.setAttribute("aria-label", `Sample ${id}`);
      name.textContent = target === "" ? id : `${id}, explained for ${target}`;
      facts.textContent = error === "" ? factsOf(opened) : "It has no relevance.";
      layers.hidden = opened.layers.length === 0;
      none.hidden = opened.layers.length > 0 || error !== "";
      const largest = Math.max(...opened.layers.map(({ sum }) => Math.abs(sum)), Number.MIN_VALUE);
      rows.replaceChildren(
        ...opened.layers.map((layer) => {
          const fill = element("span", { class: layer.sum < 0 ? "limpid-samples-against" : "" });
          fill.style.width = `${(100 * Math.abs(layer.sum)) / largest}%`;
          return element(
            "li",
            {},
            element("span", { class: "limpid-samples-layer", title: layer.name }, layer.name),
            element("span", { class: "limpid-samples-bar", "aria-hidden": "true" }, fill),
            element("span", { class: "limpid-samples-sum" }, formatNumber(layer.sum)),
          );
        }),
      );
    },
  };
}
