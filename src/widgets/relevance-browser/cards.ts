import { formatNumber, formatPercent } from "../../comms/format.js";
import { clipLimit } from "../../comms/states/colors.js";
import { conservationError, type SampleCard } from "../../comms/states/relevance-browser.js";
import { type SmallMap, smallMap } from "../heatmap/small-map.js";
import { cardKeys } from "../parts/card-keys.js";
import { element } from "../parts/dom.js";
import type { Grid } from "../parts/grid.js";
import { pictureAt } from "../parts/pixels.js";
import type { RelevanceBrowserModel } from "./model.js";

export interface SampleGrid {
  element: HTMLElement;
  /** Makes the cards of the page. */
  show(): void;
  /** Draws the maps anew: they are seen otherwise. */
  look(): void;
  /** Marks the card that is open. */
  mark(): void;
  dispose(): void;
}

/** How a sample was predicted, its output and what became of that. */
export function factsOf(card: SampleCard): string {
  const { output, total, label, right } = card;
  const lost = conservationError(card);
  return [
    output === null ? "" : `output ${formatNumber(output)}`,
    total === null ? "" : `relevance ${formatNumber(total)}`,
    lost === null ? "" : `conservation error ${formatPercent(lost)}`,
    label === "" ? "" : `class ${label}${right === null ? "" : right ? ", predicted" : ", predicted wrongly"}`,
  ]
    .filter((part) => part !== "")
    .join(" · ");
}

/** The samples of the page; arrow keys walk over them, Enter opens one. */
export function sampleGrid(model: RelevanceBrowserModel): SampleGrid {
  const grid = element("div", { class: "limpid-samples-cards", role: "group", "aria-label": "Samples" });
  const buttons = () => [...grid.querySelectorAll<HTMLButtonElement>(":scope > button")];
  cardKeys(grid, model);
  let maps: (SmallMap | null)[] = [];

  const look = () => {
    const [all, pictures] = [model.trait("maps"), model.trait("pictures")];
    for (const [place, map] of maps.entries()) {
      if (map === null) continue;
      const relevance = all === null ? null : mapAt(all, place);
      map.set({
        image: pictures === null || place >= pictures.shape[0]! ? null : pictureAt(pictures, place),
        relevance,
        limit: relevance === null ? 0 : clipLimit(relevance.values, model.trait("percentile")),
        signed: model.trait("signed"),
        mode: model.trait("mode"),
      });
    }
  };
  const mark = () => {
    const selected = model.trait("selected");
    for (const [place, card] of buttons().entries()) {
      card.setAttribute("aria-expanded", String(model.trait("cards")[place]?.index === selected));
    }
  };
  const cardOf = (card: SampleCard): HTMLButtonElement => {
    const { index, id, target, output, right, error } = card;
    const map = error === "" ? smallMap(`Relevance of ${id}`) : null;
    maps.push(map);
    const made = element(
      "button",
      {
        type: "button",
        class: right === false ? "limpid-samples-card limpid-samples-wrong" : "limpid-samples-card",
        title: error === "" ? factsOf(card) : error,
      },
      element(
        "span",
        { class: "limpid-samples-picture" },
        map?.element ?? element("span", { class: "limpid-samples-failed" }, error),
      ),
      element(
        "span",
        { class: "limpid-samples-line" },
        element(
          "span",
          { class: "limpid-samples-target" },
          error !== "" ? "failed" : target === "" ? "output" : target,
          ...(right === false ? [element("span", { class: "limpid-samples-mark" }, " (wrong)")] : []),
        ),
        " ",
        element("span", { class: "limpid-samples-output" }, output === null ? "" : formatNumber(output)),
      ),
      element("span", { class: "limpid-samples-id" }, id),
    );
    made.addEventListener("click", () => model.choose({ selected: model.trait("selected") === index ? -1 : index }));
    return made;
  };
  return {
    element: grid,
    look,
    mark,
    show() {
      const held = buttons().indexOf(document.activeElement as HTMLButtonElement);
      for (const map of maps) map?.dispose();
      maps = [];
      grid.replaceChildren(...model.trait("cards").map(cardOf));
      look();
      mark();
      if (held >= 0) buttons()[Math.min(held, buttons().length - 1)]?.focus({ preventScroll: true });
    },
    dispose() {
      for (const map of maps) map?.dispose();
    },
  };
}

/** The map at `index` of `[count, height, width]`; null where it is none. */
function mapAt({ shape, values }: Grid<Float32Array>, index: number): Grid<Float32Array> | null {
  const [count = 0, height = 0, width = 0] = shape;
  if (index >= count) return null;
  return { shape: [height, width], values: values.subarray(index * height * width, (index + 1) * height * width) };
}
