import { formatFixed, formatNumber } from "../../comms/format.js";
import { colorOfSeries } from "../../comms/states/plot.js";
import type { UnitCard, UnitConcept } from "../../comms/states/unit-gallery.js";
import { cardKeys } from "../parts/card-keys.js";
import { element } from "../parts/dom.js";
import type { Grid } from "../parts/grid.js";
import { pictureAt } from "../parts/pixels.js";
import { litPicture } from "./lit-picture.js";
import type { UnitGalleryModel } from "./model.js";

/** CSS pixels of a picture on a card, and of one of the open unit. */
const SMALL = 72;
const LARGE = 168;

const chip = (kinds: readonly string[], kind: string): HTMLElement => {
  const made = element("span", { class: "limpid-units-chip", "aria-hidden": "true" });
  made.style.background = colorOfSeries(kinds.indexOf(kind));
  return made;
};

/** The mask of a card's picture. */
function maskOf({ shape, values }: Grid<Uint8Array>, place: number, at: number): Uint8Array {
  const [, kept = 1, size = 1] = shape;
  return values.subarray((place * kept + at) * size, (place * kept + at + 1) * size);
}

function picturesOf(model: UnitGalleryModel, card: UnitCard, place: number, size: number): HTMLElement[] {
  const [pictures, masks] = [model.trait("pictures"), model.trait("masks")];
  if (pictures === null || masks === null) return [];
  return card.pictures.map((picture, at) =>
    litPicture(
      pictureAt(pictures, picture),
      maskOf(masks, place, at),
      model.trait("side"),
      size,
      `${card.names[at]}: largest value ${formatNumber(card.values[at]!)}, on above ${formatNumber(card.threshold)}`,
    ),
  );
}

/** The units of the page; arrow keys walk over them, Enter opens one. */
export function cardGrid(model: UnitGalleryModel): { element: HTMLElement; show(): void; mark(): void } {
  const grid = element("div", { class: "limpid-units-cards", role: "group", "aria-label": "Units" });
  const buttons = () => [...grid.querySelectorAll<HTMLButtonElement>(":scope > button")];
  cardKeys(grid, model);
  const mark = () => {
    const selected = model.trait("selected");
    for (const [place, card] of buttons().entries()) card.setAttribute("aria-expanded", String(place === selected));
  };
  return {
    element: grid,
    mark,
    show() {
      const held = buttons().indexOf(document.activeElement as HTMLButtonElement);
      const kinds = model.trait("kinds");
      grid.replaceChildren(
        ...model.trait("cards").map((card, place) => {
          const { layer, unit, concept, kind, overlap, isDetector } = card;
          const made = element(
            "button",
            { type: "button", class: isDetector ? "limpid-units-card" : "limpid-units-card limpid-units-quiet" },
            element(
              "span",
              { class: "limpid-units-head" },
              element("span", { class: "limpid-units-place" }, `${layer} · unit ${unit}`),
              element("span", { class: "limpid-units-iou" }, `IoU ${formatFixed(overlap, 2)}`),
            ),
            element(
              "span",
              { class: "limpid-units-concept" },
              ...(concept === "" ? ["no concept"] : [chip(kinds, kind), `${concept} `, element("small", {}, kind)]),
            ),
            element("span", { class: "limpid-units-pictures" }, ...picturesOf(model, card, place, SMALL)),
          );
          made.addEventListener("click", () =>
            model.choose({ selected: model.trait("selected") === place ? -1 : place }),
          );
          return made;
        }),
      );
      mark();
      if (held >= 0) buttons()[Math.min(held, buttons().length - 1)]?.focus({ preventScroll: true });
    },
  };
}

/** The open unit: its pictures at large, and what it overlaps. */
export function openUnit(model: UnitGalleryModel): { element: HTMLElement; show(): void } {
  const box = element("section", { class: "limpid-units-open", hidden: true });
  return {
    element: box,
    show() {
      const place = model.trait("selected");
      const card = model.trait("cards")[place];
      box.hidden = card === undefined;
      if (card === undefined) return;
      const { layer, unit, threshold } = card;
      const kinds = model.trait("kinds");
      const least = model.trait("leastOverlap");
      const overlaps = model.trait("overlaps");
      const most = Math.max(least, ...overlaps.map(({ overlap }) => overlap));
      box.setAttribute("aria-label", `Unit ${unit} of ${layer}`);
      const row = ({ kind, name, overlap }: UnitConcept) => {
        const fill = element("span", {});
        fill.style.width = `${(100 * overlap) / most}%`;
        fill.style.background = colorOfSeries(kinds.indexOf(kind));
        const line = element("span", { class: "limpid-units-mark" });
        line.style.left = `${(100 * least) / most}%`;
        return element(
          "li",
          {},
          element("span", { class: "limpid-units-name" }, `${name} `, element("small", {}, kind)),
          element("span", { class: "limpid-units-bar", "aria-hidden": "true" }, fill, line),
          element("span", { class: "limpid-units-count" }, formatFixed(overlap, 3)),
        );
      };
      const words =
        overlaps.length === 0
          ? "It overlaps no concept."
          : `Intersection over union with concepts; the mark is where a detector begins, ${formatFixed(least, 2)}.`;
      box.replaceChildren(
        element("h4", {}, `${layer} · unit ${unit}: where it is on, above ${formatNumber(threshold)}`),
        element("div", { class: "limpid-units-large" }, ...picturesOf(model, card, place, LARGE)),
        element("ul", { class: "limpid-units-overlaps" }, ...overlaps.map(row)),
        element("p", { class: "limpid-units-hint" }, words),
      );
    },
  };
}
