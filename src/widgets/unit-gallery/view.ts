import { formatShort } from "../../comms/format.js";
import { colorOfSeries } from "../../comms/states/plot.js";
import type { UnitGalleryState } from "../../comms/states/unit-gallery.js";
import { button } from "../parts/buttons.js";
import { dropdown, segments } from "../parts/choices.js";
import { element, uniqueId } from "../parts/dom.js";
import { heading } from "../parts/heading.js";
import { remarks } from "../parts/remarks.js";
import { titled, WidgetView } from "../parts/view.js";
import { endOf, work } from "../parts/work.js";
import { bars } from "./bars.js";
import { cardGrid, openUnit } from "./cards.js";
import type { UnitGalleryModel } from "./model.js";

/** Units as cards, with counts of detectors by layer and by concept that filter them. */
export class UnitGalleryView extends WidgetView<UnitGalleryState, UnitGalleryModel> {
  override render(): void {
    const model = this.shown;
    const top = this.keep(heading(model));
    const byLayer = bars("Detectors by layer", (layer) => model.choose({ layer }));
    const byConcept = bars("Detectors by concept", (value) => {
      const [kind = "", concept = ""] = value === "" ? ["", ""] : JSON.parse(value);
      model.choose({ kind, concept });
    });
    const kinds = element("div", { class: "limpid-units-kinds", role: "group", "aria-label": "Kinds of concepts" });
    const which = segments(
      "Units",
      "Whether units that detect nothing are shown, too",
      [
        { value: "detectors", label: "Detectors", hint: "Units that overlap a concept enough" },
        { value: "all", label: "All", hint: "Also units that detect nothing" },
      ],
      (value) => model.choose({ which: value as "detectors" | "all" }),
    );
    const sort = dropdown("Sort by", "How the units are sorted", (value) =>
      model.choose({ sort: value as UnitGalleryState["sort"] }),
    );
    sort.offer([
      { value: "overlap", label: "Overlap", hint: "From the clearest detector on" },
      { value: "layer", label: "Layer and unit" },
      { value: "concept", label: "Concept", hint: "By kind and name, then by overlap" },
      { value: "value", label: "Largest value", hint: "By how far the largest value lies above the threshold" },
    ]);
    const id = uniqueId();
    const search = element("input", {
      type: "search",
      id,
      class: "limpid-field",
      placeholder: "layer, concept or number",
    });
    let typed: ReturnType<typeof setTimeout> | undefined;
    search.addEventListener("input", () => {
      clearTimeout(typed);
      typed = setTimeout(() => model.choose({ search: search.value }), 150);
    });
    this.keep({ dispose: () => clearTimeout(typed) });
    const find = element(
      "div",
      { class: "limpid-row", title: "Part of a layer's or a concept's name, or the number of a unit" },
      element("label", { for: id }, "Search"),
      element("div", { class: "limpid-fill" }, search),
    );
    const words = element("p", { class: "limpid-units-found", role: "status" });
    const back = button("‹", "Page back (Page Up)", () => model.choose({ page: model.trait("page") - 1 }));
    const on = button("›", "Page on (Page Down)", () => model.choose({ page: model.trait("page") + 1 }));
    back.setAttribute("aria-label", "Page back");
    on.setAttribute("aria-label", "Page on");
    const page = element("span", { class: "limpid-units-page" });
    const clear = button("Show all", "Take all filters away", () =>
      model.choose({ layer: "", kind: "", concept: "", search: "" }),
    );
    const cards = cardGrid(model);
    const open = openUnit(model);
    const hint = element("p", { class: "limpid-units-hint" });
    const warnings = remarks("limpid-units-warnings", "limpid-units-hint");
    const empty = element("div", { class: "limpid-units-empty" });
    const run = this.keep(
      work((event) => model.send({ event }), {
        failure: "limpid-units-error",
        doing: "Dissecting",
        stopHint: "Stop: what was counted so far is lost",
        stopped: "units can be told when all pictures were seen.",
        again: "Run again",
        againHint: "Dissect from the beginning",
        retryHint: "Dissect once more",
      }),
    );
    const body = element(
      "div",
      { class: "limpid-units-body" },
      kinds,
      element(
        "div",
        { class: "limpid-units-counts" },
        titled("Detectors by layer", byLayer.element),
        titled("Detectors by concept", byConcept.element),
      ),
      element("div", { class: "limpid-units-controls" }, which.element, sort.element, find),
      element(
        "div",
        { class: "limpid-units-line" },
        words,
        clear,
        element("span", { class: "limpid-units-pager" }, back, page, on),
      ),
      cards.element,
      open.element,
      hint,
      warnings.element,
    );
    this.lay(
      "unit-gallery",
      top.element,
      run.failure,
      empty,
      body,
      element("div", { class: "limpid-units-run" }, run.working, run.ended),
    );

    this.draw(["layers", "layer", "kinds"], () => {
      const all = model.trait("kinds");
      byLayer.set(
        model.trait("layers").map(({ name, units, byKind, concepts, rotated, rotatedConcepts }) => {
          const sum = byKind.reduce((counted, count) => counted + count, 0);
          const own = byKind.map((count, kind) => `${count} of ${all[kind]}`).join(", ");
          const control = rotated === null ? "" : `. A random rotation has ${rotated}, of ${rotatedConcepts}`;
          return {
            ...{ value: name, label: name, mark: rotated, words: `${sum} / ${units}` },
            parts: byKind.map((size, color) => ({ size, color })),
            hint: `${sum} of ${units} units are detectors (${own}), of ${concepts} different concepts${control}`,
          };
        }),
        model.trait("layer"),
      );
      body.hidden = model.trait("layers").length === 0;
    });
    this.draw(["concepts", "concept", "kind", "kinds"], () => {
      const all = model.trait("kinds");
      byConcept.set(
        model.trait("concepts").map(({ kind, name, detectors }) => ({
          ...{ value: JSON.stringify([kind, name]), label: name, mark: null, words: String(detectors) },
          parts: [{ size: detectors, color: all.indexOf(kind) }],
          hint: `${detectors} units detect ${name} (${kind})`,
        })),
        model.trait("concept") === "" ? "" : JSON.stringify([model.trait("kind"), model.trait("concept")]),
      );
    });
    this.draw(["kinds", "kind", "layers"], () => {
      const chosen = model.trait("kind");
      // Not of another view of it, which has the same kinds.
      const focused = kinds.querySelector<HTMLElement>(":focus")?.dataset["kind"];
      const isRotated = model.trait("layers").some(({ rotated }) => rotated !== null);
      kinds.replaceChildren(
        ...model.trait("kinds").map((kind, index) => {
          const chip = element("span", { class: "limpid-units-chip", "aria-hidden": "true" });
          chip.style.background = colorOfSeries(index);
          const hintOf = kind === chosen ? "Show all kinds" : `Show what detects a ${kind}`;
          const made = element(
            "button",
            { type: "button", "aria-pressed": String(kind === chosen), title: hintOf, "data-kind": kind },
            chip,
            kind,
          );
          made.addEventListener("click", () => model.choose({ kind: kind === chosen ? "" : kind, concept: "" }));
          return made;
        }),
        ...(isRotated
          ? [
              element(
                "span",
                {
                  class: "limpid-units-key",
                  title: "It holds as much, but has no reason to be understood unit by unit",
                },
                element("span", { class: "limpid-units-mark", "aria-hidden": "true" }),
                "a random rotation of the layer",
              ),
            ]
          : []),
      );
      if (focused === undefined) return;
      kinds.querySelector<HTMLElement>(`[data-kind="${CSS.escape(focused)}"]`)?.focus();
    });
    this.draw(["which"], () => which.set(model.trait("which")));
    this.draw(["sort"], () => sort.set(model.trait("sort")));
    this.draw(["search"], () => {
      if (document.activeElement !== search) search.value = model.trait("search");
    });
    this.draw(["words", "pageWords", "page", "pages", "layer", "kind", "concept", "search"], () => {
      const [current, pages] = [model.trait("page"), model.trait("pages")];
      words.textContent = model.trait("words");
      page.textContent = model.trait("pageWords");
      const live = model.comm_live;
      back.disabled = !live || current <= 0;
      on.disabled = !live || current >= pages - 1;
      clear.hidden = (["layer", "kind", "concept", "search"] as const).every((name) => model.trait(name) === "");
    });
    this.draw(["cards", "pictures", "masks", "side", "kinds"], () => cards.show());
    this.draw(["selected"], () => cards.mark());
    this.draw(["selected", "cards", "overlaps", "pictures", "masks"], () => open.show());
    this.draw(["share", "leastOverlap"], () => {
      hint.textContent = `Lit: where the unit is on, at its largest ${formatShort(100 * model.trait("share"))}\u202f% of values. A detector overlaps its concept by more than ${formatShort(model.trait("leastOverlap"))} (intersection over union).`;
    });
    this.draw(["warnings"], () => warnings.set(model.trait("warnings")));
    this.draw(["layers", "running", "error"], () => {
      empty.hidden = model.trait("layers").length > 0 || model.trait("error") !== "";
      empty.textContent = model.running ? "Units are counted when all pictures were seen." : "Nothing was dissected.";
    });
    this.draw(["running", "progress"], () => {
      run.showProgress(this.el, model.running, model.trait("progress"));
    });
    this.draw(["running", "stopped", "error"], () => run.showEnd(endOf(model)));
  }
}
