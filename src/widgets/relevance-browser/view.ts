import type { RelevanceBrowserState, SampleClass, SampleOrder } from "../../comms/states/relevance-browser.js";
import { thereWords } from "../../comms/states/relevance-browser.js";
import { button } from "../parts/buttons.js";
import { checkbox } from "../parts/checkbox.js";
import { dropdown, segments } from "../parts/choices.js";
import { element, uniqueId } from "../parts/dom.js";
import { heading } from "../parts/heading.js";
import { WidgetView } from "../parts/view.js";
import { work } from "../parts/work.js";
import { sampleGrid } from "./cards.js";
import type { RelevanceBrowserModel } from "./model.js";
import { openSample } from "./open-sample.js";

const optionsOf = (all: string, classes: readonly SampleClass[]) => [
  { value: "-1", label: all },
  ...classes.map(({ index, name, count }) => ({
    value: String(index),
    label: `${name} (${count.toLocaleString("en")})`,
  })),
];

/** A store of explanations, page by page, with what chooses samples and the one that is open. */
export class RelevanceBrowserView extends WidgetView<RelevanceBrowserState, RelevanceBrowserModel> {
  override render(): void {
    const model = this.shown;
    // Output and total are of the open sample, and stand there.
    const top = this.keep(heading(model));
    const said = element("span", { role: "status" });
    const fill = element("span", {});
    const bar = element(
      "span",
      { class: "limpid-samples-there-bar", role: "progressbar", "aria-label": "Samples that are there" },
      fill,
    );
    const there = element("div", { class: "limpid-samples-there" }, said, bar);
    const which = segments(
      "Shown",
      "Which samples are shown",
      [
        { value: "all", label: "All" },
        { value: "right", label: "Right", hint: "Samples whose own class has the largest output" },
        { value: "wrong", label: "Wrong", hint: "Samples for which another class has a larger output" },
        { value: "failed", label: "Failed", hint: "Samples that could not be read or explained" },
      ],
      (value) => model.choose({ which: value as RelevanceBrowserState["which"] }),
    );
    const target = dropdown("Explained", "The class that was explained", (value) =>
      model.choose({ target: Number(value) }),
    );
    const label = dropdown("Own class", "The class that the data say", (value) =>
      model.choose({ label: Number(value) }),
    );
    const sort = dropdown("Sort by", "How the samples are sorted", (value) =>
      model.choose({ sort: value as SampleOrder, descending: value !== "number" }),
    );
    sort.offer([
      { value: "number", label: "Number", hint: "As they lie in the data" },
      { value: "output", label: "Output", hint: "By the explained output" },
      { value: "total", label: "Total relevance", hint: "By the sum of all relevance" },
      {
        value: "conservation",
        label: "Conservation error",
        hint: "By how far the sum of the relevance is from the output, relative to it",
      },
    ]);
    const descending = checkbox("Largest first", "The order of the samples", (checked) =>
      model.choose({ descending: checked }),
    );
    const id = uniqueId();
    const search = element("input", { type: "search", id, class: "limpid-field", placeholder: "name, or #number" });
    let typed: ReturnType<typeof setTimeout> | undefined;
    search.addEventListener("input", () => {
      clearTimeout(typed);
      typed = setTimeout(() => model.choose({ search: search.value }), 150);
    });
    this.keep({ dispose: () => clearTimeout(typed) });
    const find = element(
      "div",
      { class: "limpid-row", title: "Part of a sample's name, or # and its number" },
      element("label", { for: id }, "Search"),
      element("div", { class: "limpid-fill" }, search),
    );
    const words = element("p", { class: "limpid-samples-found", role: "status" });
    const clear = button("Show all", "Take all filters away", () =>
      model.choose({ target: -1, label: -1, which: "all", search: "" }),
    );
    const back = button("‹", "Page back (Page Up)", () => model.choose({ page: model.trait("page") - 1 }));
    const on = button("›", "Page on (Page Down)", () => model.choose({ page: model.trait("page") + 1 }));
    back.setAttribute("aria-label", "Page back");
    on.setAttribute("aria-label", "Page on");
    const page = element("span", { class: "limpid-samples-page" });
    const cards = this.keep(sampleGrid(model));
    const open = this.keep(openSample(model));
    const hint = element(
      "p",
      { class: "limpid-samples-hint" },
      "Each map has a scale of its own: colors compare places of one map, numbers compare samples.",
    );
    const empty = element("p", { class: "limpid-samples-empty" });
    const run = this.keep(
      work((event) => model.send({ event }), {
        failure: "limpid-samples-error",
        doing: "Reading the store",
        stopHint: "Stop: what was read stays",
        stopped: "the rest of the store was not read.",
        again: "Read on",
        againHint: "Read what is missing",
        retryHint: "Read the store once more",
      }),
    );
    const body = element(
      "div",
      { class: "limpid-samples-body" },
      there,
      element(
        "div",
        { class: "limpid-samples-controls" },
        which.element,
        target.element,
        label.element,
        sort.element,
        descending.element,
        find,
      ),
      element(
        "div",
        { class: "limpid-samples-found-line" },
        words,
        clear,
        element("span", { class: "limpid-samples-pager" }, back, page, on),
      ),
      cards.element,
      hint,
      open.element,
    );
    this.lay(
      "relevance-browser",
      top.element,
      run.failure,
      empty,
      body,
      element("div", { class: "limpid-samples-run" }, run.working, run.ended),
    );

    this.draw(["count", "there", "failed", "growing"], () => {
      const [count, done] = [model.trait("count"), model.trait("there")];
      body.hidden = count === 0 || done === 0;
      const state = {
        count,
        there: done,
        failed: model.trait("failed"),
      };
      const now = model.trait("growing") ? `${thereWords(state)}; more are looked for` : thereWords(state);
      if (said.textContent !== now) said.textContent = now;
      fill.style.width = `${count === 0 ? 0 : (100 * done) / count}%`;
      bar.setAttribute("aria-valuenow", String(count === 0 ? 0 : Math.floor((100 * done) / count)));
    });
    this.draw(["count", "there", "running", "growing", "failure"], () => {
      empty.hidden = model.trait("there") > 0 || model.trait("failure") !== "";
      empty.textContent = model.running
        ? "The store is being read."
        : model.trait("growing")
          ? `None of ${model.trait("count").toLocaleString("en")} samples is there yet: they are shown as the run writes them.`
          : "The store holds no samples yet.";
    });
    this.draw(["which", "judged", "failed"], () => {
      which.set(model.trait("which"));
      which.element.title = model.trait("judged")
        ? "Which samples are shown"
        : "Which samples are shown; the data say no classes of their own, so none is known to be right or wrong";
    });
    this.draw(["targets", "target"], () => {
      target.offer(optionsOf("All classes", model.trait("targets")));
      target.set(String(model.trait("target")));
      target.element.hidden = model.trait("targets").length < 2 && model.trait("target") < 0;
    });
    this.draw(["labels", "label"], () => {
      label.offer(optionsOf("All classes", model.trait("labels")));
      label.set(String(model.trait("label")));
      label.element.hidden = model.trait("labels").length === 0 && model.trait("label") < 0;
    });
    this.draw(["sort"], () => sort.set(model.trait("sort")));
    this.draw(["descending"], () => descending.set(model.trait("descending")));
    this.draw(["search"], () => {
      if (document.activeElement !== search) search.value = model.trait("search");
    });
    this.draw(["words", "pageWords", "page", "pages", "target", "label", "which", "search"], () => {
      const [current, pages] = [model.trait("page"), model.trait("pages")];
      words.textContent = model.trait("words");
      page.textContent = model.trait("pageWords");
      const live = model.comm_live;
      back.disabled = !live || current <= 0;
      on.disabled = !live || current >= pages - 1;
      clear.hidden =
        model.trait("target") < 0 &&
        model.trait("label") < 0 &&
        model.trait("which") === "all" &&
        model.trait("search") === "";
    });
    this.draw(["cards", "maps", "pictures"], () => cards.show());
    this.draw(["mode", "percentile", "signed"], () => cards.look());
    this.draw(["cards"], () => {
      hint.hidden = model.trait("cards").length === 0;
    });
    this.draw(["selected"], () => cards.mark());
    this.draw(["opened"], () => open.show());
    this.draw(["running", "progress"], () => {
      run.showProgress(this.el, model.running, model.trait("progress"));
    });
    this.draw(["running", "stopped", "failure"], () =>
      run.showEnd({
        running: model.running,
        stopped: model.trait("stopped"),
        error: model.trait("failure"),
        live: model.comm_live,
      }),
    );
  }
}
