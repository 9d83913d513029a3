import type { HeatmapState } from "../../comms/states/heatmap.js";
import { element } from "../parts/dom.js";
import { writes } from "../parts/lock.js";
import { looks } from "../parts/looks.js";
import type { TypedModel } from "../parts/model.js";
import { colorBar } from "./color-bar.js";
import { picture } from "./picture.js";

export interface Section {
  element: HTMLElement;
  dispose(): void;
}

/** Picture, color bar and the controls of how it is seen, bound to a model that has a heatmap's traits. */
export function pictureSection(
  model: TypedModel<HeatmapState>,
  {
    empty = "Set image or relevance, and it appears here.",
    ends = () => [],
  }: {
    empty?: string;
    /** What the two ends of the color bar mean, where that is not what the values' signs say. */
    ends?: () => readonly string[];
  } = {},
): Section {
  const shown = picture({
    read: (value) => bar.mark(value),
    click: (row, column, value) => model.send({ event: "click", row, column, value }),
    painted: () => bar.set(shown.limit, model.trait("signed"), model.trait("limit") !== null, ends()),
  });
  const bar = colorBar((hold) => model.choose({ limit: hold ? shown.limit : null }));
  writes(bar.element, "limit");
  const note = element("div", { class: "limpid-note", role: "alert", hidden: true });
  const look = looks((chosen) => model.choose(chosen), { showLabel: false });

  shown.element.append(note);
  const section = element(
    "section",
    { class: "limpid-section" },
    shown.element,
    bar.element,
    element("div", { class: "limpid-looks" }, ...look.elements),
  );

  const showContent = () => {
    shown.update({
      image: model.trait("image"),
      relevance: model.trait("relevance"),
      signed: model.trait("signed"),
      mode: model.trait("mode"),
    });
  };
  const showControls = () => {
    look.show(
      { mode: model.trait("mode"), opacity: model.trait("opacity"), percentile: model.trait("percentile") },
      {
        photoless: model.trait("image") === null,
        held: model.trait("limit") === null ? null : "The scale is held",
      },
    );
  };
  const showNote = () => {
    const error = model.trait("error");
    const isEmpty = !model.trait("image") && !model.trait("relevance");
    note.hidden = error === "" && !isEmpty;
    note.classList.toggle("limpid-error", error !== "");
    section.classList.toggle("limpid-bare", !model.trait("relevance"));
    note.replaceChildren(
      element("strong", {}, error ? "This could not be explained" : "Nothing to show yet"),
      element("span", {}, error || empty),
    );
  };
  // Several stand beside each other in other widgets: each is found by its name.
  const showName = () => {
    const title = model.trait("title").replaceAll("*", "");
    section.setAttribute("aria-label", title === "" ? "Picture" : `Picture: ${title}`);
  };
  const showLimit = () => shown.update({ percentile: model.trait("percentile"), limit: model.trait("limit") });
  const undo = [
    model.watch(["image"], () => shown.update({ image: model.trait("image") })),
    model.watch(["relevance"], () => shown.update({ relevance: model.trait("relevance") })),
    model.watch(["signed", "mode"], () => shown.update({ signed: model.trait("signed"), mode: model.trait("mode") })),
    model.watch(["opacity"], () => shown.update({ opacity: model.trait("opacity") })),
    model.watch(["percentile", "limit"], showLimit),
    model.watch(["image", "mode", "opacity", "percentile", "limit"], showControls),
    model.watch(["error", "image", "relevance"], showNote),
    model.watch(["title"], showName),
  ];
  showContent();
  shown.update({ opacity: model.trait("opacity") });
  showLimit();
  showControls();
  showNote();
  showName();

  return {
    element: section,
    dispose() {
      for (const dispose of undo) dispose();
      shown.dispose();
    },
  };
}
