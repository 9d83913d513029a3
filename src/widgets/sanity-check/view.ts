import type { DOMWidgetView } from "@jupyter-widgets/base";
import {
  type MapSimilarity,
  type SanityCheckState,
  similaritiesOf,
  similarityWords,
} from "../../comms/states/sanity-check.js";
import { checkbox } from "../parts/checkbox.js";
import { dropdown, segments } from "../parts/choices.js";
import { element } from "../parts/dom.js";
import { heading } from "../parts/heading.js";
import { stepChart } from "../parts/step-chart.js";
import { stepSlider } from "../parts/step-slider.js";
import { titled, WidgetView } from "../parts/view.js";
import { endOf, work } from "../parts/work.js";
import type { SanityCheckModel } from "./model.js";

/** A slider through a model that forgets: the map at that step beside the original's, and how alike they are. */
export class SanityCheckView extends WidgetView<SanityCheckState, SanityCheckModel> {
  private views: { model: unknown; view: Promise<DOMWidgetView> }[] = [];
  private readonly places = [element("div", {}), element("div", {})];

  override render(): void {
    const model = this.shown;
    const top = this.keep(heading(model, () => this.facts()));
    const slider = stepSlider({
      label: "Randomized",
      hint: "How many layers have lost what they learned; from the original model on the left",
      words: (at, names) => (at === 0 ? "original model" : `${at} of ${names.length - 1}: ${names[at] ?? ""}`),
      onStep: (step) => model.choose({ step }),
    });
    const method = dropdown("Method", "Whose maps are shown; the curves are of all", (value) =>
      model.choose({ method: value }),
    );
    const similarity = segments(
      "Similarity",
      "How two maps are compared",
      [
        { value: "spearman", label: "Spearman", hint: "Rank correlation of the values" },
        { value: "ssim", label: "SSIM", hint: "Structural similarity: means, contrasts and correlations of windows" },
        { value: "hog", label: "HOG", hint: "Correlation of histograms of oriented gradients: of shapes and edges" },
      ],
      (value) => model.choose({ similarity: value as MapSimilarity }),
    );
    const absolute = checkbox(
      "Sizes only",
      "Shows and compares absolute values: maps of edges look alike without their signs, whatever the model knows",
      (checked) => model.choose({ absolute: checked }),
    );
    const chart = stepChart({
      label: "Similarity to the original",
      top: 1,
      named: true,
      onStep: (step) => model.choose({ step }),
    });
    const charted = titled("How alike to the original", chart.element);
    const words = element("p", { class: "limpid-sanity-words", role: "status" });
    const run = this.keep(
      work((event) => model.send({ event }), {
        failure: "limpid-sanity-failure",
        doing: "Randomizing",
        stopHint: "Stop: the steps that are there stay, and can be run on",
        stopped: "the steps that are there stay.",
        again: "Run on",
        againHint: "Compute the steps that are missing",
        retryHint: "Compute the steps that are missing",
      }),
    );
    this.lay(
      "sanity-check",
      top.element,
      run.failure,
      element("div", { class: "limpid-sanity-maps" }, ...this.places),
      element(
        "div",
        { class: "limpid-sanity-body" },
        slider.element,
        words,
        charted,
        element("div", { class: "limpid-sanity-controls" }, method.element, similarity.element, absolute.element),
        element("div", { class: "limpid-sanity-run" }, run.working, run.ended),
      ),
    );

    this.draw(["steps", "step"], () => slider.set(model.trait("steps"), model.trait("step")));
    this.draw(["methods", "method"], () => {
      method.offer(model.trait("methods"));
      method.set(model.trait("method"));
    });
    this.draw(["similarity"], () => similarity.set(model.trait("similarity")));
    this.draw(["absolute"], () => absolute.set(model.trait("absolute")));
    this.draw(["curves", "similarity", "absolute", "steps", "step", "method"], () => {
      const settings = { similarity: model.trait("similarity"), absolute: model.trait("absolute") };
      const lines = model.trait("curves").map((curve) => ({
        name: curve.method,
        values: similaritiesOf(curve, settings),
        chosen: curve.method === model.trait("method"),
        error: curve.error,
      }));
      chart.set(lines, model.trait("steps"), model.trait("step"));
      const measured = `${similarityWords[settings.similarity]}${settings.absolute ? " of sizes without signs" : ""}`;
      charted.querySelector("h4")!.textContent = `How alike to the original: ${measured}`;
    });
    this.draw(["words"], () => {
      words.textContent = model.trait("words");
    });
    this.draw(["running", "progress", "done"], () => {
      top.show();
      run.showProgress(this.el, model.running, model.trait("progress"));
    });
    this.draw(["running", "stopped", "error"], () => run.showEnd(endOf(model)));
    this.draw(["original", "randomized"], () => void this.showMaps());
  }

  override remove() {
    for (const { view } of this.views) void view.then((made) => made.remove());
    return super.remove();
  }

  /** `12 of 60 layers`, while there are fewer than all. */
  private facts(): string {
    const [done, count] = [this.shown.trait("done"), this.shown.trait("steps").length];
    return count === 0 || done === count ? "" : `${Math.max(0, done - 1)} of ${count - 1} layers`;
  }

  private async showMaps(): Promise<void> {
    const { maps } = this.shown;
    if (maps.every((map, at) => map === (this.views[at]?.model ?? null))) return;
    for (const { view } of this.views) void view.then((made) => made.remove());
    const views = maps.flatMap((map) =>
      map === null ? [] : [{ model: map, view: this.create_child_view(map) as Promise<DOMWidgetView> }],
    );
    this.views = views;
    const made = await Promise.all(views.map(({ view }) => view));
    if (this.views !== views) return;
    for (const [at, place] of this.places.entries()) place.replaceChildren(...(made[at] ? [made[at].el] : []));
  }
}
