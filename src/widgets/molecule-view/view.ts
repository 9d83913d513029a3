import { sentenceCase } from "../../comms/format.js";
import {
  hasAtomValues,
  hasBondValues,
  itemWords,
  type MoleculeParts,
  type MoleculeViewState,
  shownLimit,
  shownParts,
  shownValue,
  sumWords,
} from "../../comms/states/molecule-view.js";
import { colorBar } from "../heatmap/color-bar.js";
import { checkbox } from "../parts/checkbox.js";
import { segments } from "../parts/choices.js";
import { element } from "../parts/dom.js";
import { heading } from "../parts/heading.js";
import { reads, writes } from "../parts/lock.js";
import { titled, WidgetView } from "../parts/view.js";
import { moleculeList } from "./list.js";
import type { MoleculeViewModel } from "./model.js";
import { moleculePicture } from "./picture.js";

const PARTS = [
  { value: "atoms", label: "Atoms", hint: "Colors and values of the atoms" },
  { value: "bonds", label: "Bonds", hint: "Colors and values of bonds and of other pairs of atoms" },
  { value: "both", label: "Both", hint: "Atoms and bonds on one scale" },
];

/** A molecule in the colors of its parts' relevance: pointed at, turned, and listed beside. */
export class MoleculeViewView extends WidgetView<MoleculeViewState, MoleculeViewModel> {
  override render(): void {
    const model = this.shown;
    const top = this.keep(heading(model, () => sumWords(model.content)));
    const point = (cursor: number) => {
      if (cursor !== model.trait("cursor")) model.choose({ cursor });
    };
    const picture = moleculePicture({ point, turn: (yaw, pitch) => model.choose({ yaw, pitch }) });
    writes(picture.element, "yaw", "pitch", "cursor");
    const list = moleculeList(point);
    writes(reads(list.element), "cursor");
    const reading = element("p", { class: "limpid-molecule-reading", role: "status" });
    const bar = colorBar((hold) => model.choose({ limit: hold ? shownLimit(model.content) : null }));
    writes(bar.element, "limit");
    const parts = segments("Shown", "Which parts have the colors, and stand in the list", PARTS, (value) =>
      model.choose({ parts: value as MoleculeParts, cursor: -1 }),
    );
    writes(parts.element, "parts", "cursor");
    const numbers = checkbox("Values", "Write the values into the drawing", (checked) =>
      model.choose({ numbers: checked }),
    );
    writes(numbers.element, "numbers");
    const note = element("div", { class: "limpid-molecule-note", role: "alert" });
    const caption = element("h4", {});
    const side = element("div", { class: "limpid-side" }, titled("", list.element));
    side.querySelector("h4")!.replaceWith(caption);
    const looks = element("div", { class: "limpid-molecule-looks" }, parts.element, numbers.element);
    const body = element(
      "div",
      { class: "limpid-columns" },
      element("section", { class: "limpid-section" }, picture.element, reading, bar.element, looks),
      side,
    );
    this.lay("molecule-view", top.element, note, body);

    const read = () => {
      const { content } = model;
      const said = itemWords(content, content.cursor);
      const turning = content.flat ? "" : "; drag to turn it";
      reading.textContent = said || `Point at an atom or a bond${turning}.`;
      picture.point(content.cursor);
      list.point(content.cursor);
      bar.mark(content.cursor < 0 ? null : shownValue(content, content.cursor));
    };
    const paint = () => {
      const { content } = model;
      const both = hasAtomValues(content) && hasBondValues(content);
      const valued = hasAtomValues(content) || hasBondValues(content);
      picture.set(content);
      list.set(content);
      bar.element.hidden = !valued;
      bar.set(shownLimit(content), true, content.limit !== null, content.ends);
      parts.element.hidden = !both;
      parts.set(shownParts(content));
      numbers.element.hidden = !valued;
      numbers.set(content.numbers);
      side.hidden = !valued;
      body.classList.toggle("limpid-molecule-alone", !valued);
      const { quantity, unit } = content;
      caption.textContent = sentenceCase(unit === "" ? quantity : `${quantity}, ${unit}`);
      top.show();
      read();
    };
    this.draw(
      [
        ...(["elements", "positions", "flat", "charges", "links", "values", "quantity", "unit", "whole"] as const),
        ...(["ends", "parts", "numbers", "limit", "yaw", "pitch"] as const),
      ],
      paint,
    );
    this.draw(["cursor"], read);
    this.draw(["error", "elements"], () => {
      const error = model.trait("error");
      const isEmpty = model.trait("elements").length === 0;
      note.hidden = error === "" && !isEmpty;
      note.classList.toggle("limpid-error", error !== "");
      note.replaceChildren(
        element("strong", {}, error === "" ? "Nothing to show yet" : "This could not be explained"),
        " ",
        element("span", {}, error || "Give it a molecule, and it appears here."),
      );
      body.hidden = isEmpty;
    });
  }
}
