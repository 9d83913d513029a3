import {
  type ConceptBarsState,
  type ConceptStatistic,
  conceptWords,
  testWords,
} from "../../comms/states/concept-bars.js";
import { segments } from "../parts/choices.js";
import { element, emphasize } from "../parts/dom.js";
import { heading } from "../parts/heading.js";
import { writes } from "../parts/lock.js";
import { pictureStrip } from "../parts/picture-strip.js";
import { remarks } from "../parts/remarks.js";
import { titled, WidgetView } from "../parts/view.js";
import { endOf, work } from "../parts/work.js";
import { conceptRows } from "./bars.js";
import { enoughCurve } from "./enough.js";
import type { ConceptBarsModel } from "./model.js";

/** Concepts by layers, and the chosen one at large: its pictures, what its direction ranks first and last, and how many sets suffice. */
export class ConceptBarsView extends WidgetView<ConceptBarsState, ConceptBarsModel> {
  override render(): void {
    const model = this.shown;
    const top = this.keep(heading(model));
    const verdict = element("p", { class: "limpid-tcav-verdict", role: "status" });
    const statistic = segments(
      "Shown",
      "Whether the inputs that a concept moves up are counted, or how far it moves them",
      [
        { value: "derivative", label: "Magnitude", hint: "The mean derivative of the output along the concept" },
        {
          value: "sign",
          label: "Sign count",
          hint: "The TCAV score: share of inputs whose output rises along the concept",
        },
      ],
      (value) => model.choose({ statistic: value as ConceptStatistic }),
    );
    writes(statistic.element, "statistic");
    const rows = conceptRows(model);
    const test = element("p", { class: "limpid-tcav-hint" });
    const chosen = element("h4", { class: "limpid-tcav-chosen" });
    const examples = pictureStrip("Pictures of the concept");
    const first = pictureStrip("Inputs that lie furthest towards it");
    const last = pictureStrip("Inputs that lie furthest from it");
    const enough = enoughCurve();
    const warnings = remarks("limpid-tcav-warnings", "limpid-tcav-hint");
    const empty = element("div", { class: "limpid-tcav-empty" });
    const run = this.keep(
      work((event) => model.send({ event }), {
        failure: "limpid-tcav-error",
        doing: "Comparing concepts",
        stopHint: "Stop: what was computed so far is lost",
        stopped: "concepts can be compared when all directions are there.",
        again: "Run again",
        againHint: "Compare from the beginning",
        retryHint: "Compare once more",
      }),
    );
    const detail = element(
      "div",
      { class: "limpid-tcav-detail", role: "group", "aria-label": "The chosen concept" },
      chosen,
      examples.element,
      first.element,
      last.element,
      titled("How many random sets are enough", enough.element),
    );
    const body = element(
      "div",
      { class: "limpid-tcav-body" },
      verdict,
      element("div", { class: "limpid-tcav-controls" }, statistic.element),
      element(
        "div",
        { class: "limpid-tcav-columns" },
        element("div", {}, rows.element, test, warnings.element),
        detail,
      ),
    );
    this.lay(
      "concept-bars",
      top.element,
      run.failure,
      empty,
      body,
      element("div", { class: "limpid-tcav-run" }, run.working, run.ended),
    );

    const state = () => ({
      cells: model.trait("cells"),
      concepts: model.trait("concepts"),
      layers: model.trait("layers"),
      statistic: model.trait("statistic"),
      significance: model.trait("significance"),
      target: model.trait("target"),
      randomSets: model.trait("randomSets"),
      correction: model.trait("correction"),
      inputs: model.trait("inputs"),
      against: model.trait("against"),
    });
    const about = ["concepts", "significance", "target", "randomSets", "inputs", "correction", "against"] as const;
    this.draw(["cells", "layers", "statistic", ...about], () => {
      emphasize(verdict, conceptWords(state()));
      test.textContent = testWords(state());
      body.hidden = model.trait("cells").length === 0;
    });
    this.draw(["statistic"], () => statistic.set(model.trait("statistic")));
    this.draw(["cells", "layers", "statistic", "significance", "correction", "layer", "concept"], () => rows.show());
    this.draw(["layer", "concept", "examples", "first", "last"], () => {
      const [layer, concept] = [model.trait("layer"), model.trait("concept")];
      emphasize(chosen, `*${concept}* at ${layer}`);
      examples.show(model.trait("examples"), (index) => `Picture ${index + 1} of ${concept}`);
      first.show(model.trait("first"), (index) => `Number ${index + 1} towards ${concept}`);
      last.show(model.trait("last"), (index) => `Number ${index + 1} away from ${concept}`);
    });
    this.draw(["enough", "statistic"], () => {
      enough.set(model.trait("enough"), model.trait("statistic"));
      enough.element.parentElement!.hidden = model.trait("enough").length === 0;
    });
    this.draw(["warnings"], () => warnings.set(model.trait("warnings")));
    this.draw(["cells", "running", "error"], () => {
      empty.hidden = model.trait("cells").length > 0 || model.trait("error") !== "";
      empty.textContent = model.running ? "Concepts are compared with random pictures." : "Nothing was computed.";
    });
    this.draw(["running", "progress"], () => {
      run.showProgress(this.el, model.running, model.trait("progress"));
    });
    this.draw(["running", "stopped", "error"], () => run.showEnd(endOf(model)));
  }
}
