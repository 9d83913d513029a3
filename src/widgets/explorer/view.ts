import { DOMWidgetView } from "@jupyter-widgets/base";
import "limpid/widgets.css";
import type { BiasChoice } from "../../comms/states/explorer.js";
import { pictureSection, type Section } from "../heatmap/section.js";
import { element } from "../parts/dom.js";
import { heading } from "../parts/heading.js";
import { keepKeys } from "../parts/keys.js";
import { classes } from "./classes.js";
import { layerBars } from "./layers.js";
import type { ExplorerModel } from "./model.js";
import { type Progress, progress } from "./progress.js";
import { settings } from "./settings.js";

const BIASES = { absorb: "biases absorb", ignore: "biases ignored", distribute: "biases shared out" };

/** What becomes of the biases, where the method asks. */
function remarkOf(model: ExplorerModel): string {
  const field = model.trait("form").find(({ name }) => name === "bias");
  return field ? BIASES[(model.trait("parameters")["bias"] ?? field.default) as BiasChoice] : "";
}

/** A photo, what the network sees in it, and why: every control asks the kernel for a new explanation. */
export class ExplorerView extends DOMWidgetView {
  private parts: (Section | Progress)[] = [];

  override render(): void {
    const model = this.model as ExplorerModel;
    const top = heading();
    const section = pictureSection(model);
    const scores = classes((index) => model.ask({ target: index }));
    const form = settings(model);
    const flow = layerBars();
    const working = progress(() => model.stop());
    section.element.firstElementChild?.append(working.element);
    this.parts = [section, form, working];

    const showHeading = () => {
      const remark = remarkOf(model);
      const [title, subtitle] = [model.trait("title"), model.trait("subtitle")];
      top.set({
        title,
        subtitle,
        output: model.trait("output"),
        total: model.trait("total"),
        signed: model.trait("signed"),
        remark,
      });
    };
    const showClasses = () => scores.set(model.trait("classes"), model.trait("target"));
    const showLayers = () => flow.set(model.trait("layers"), model.trait("output"));
    const showWork = () => {
      working.set(model.pending, model.trait("progress"));
      this.el.setAttribute("aria-busy", String(model.pending));
    };
    this.listenTo(model, "change:title change:subtitle change:output change:total change:signed", showHeading);
    this.listenTo(model, "change:classes change:target", showClasses);
    this.listenTo(model, "change:layers change:output", showLayers);
    this.listenTo(model, "change:request change:answered change:progress comm_live_update", showWork);

    this.el.classList.add("limpid-widget", "limpid-explorer");
    keepKeys();
    const part = (title: string, ...children: HTMLElement[]) =>
      element("section", {}, element("h4", {}, title), ...children);
    const explained = part("How it is explained", form.element);
    explained.firstElementChild?.append(form.reset);
    this.el.replaceChildren(
      top.element,
      element(
        "div",
        { class: "limpid-columns" },
        section.element,
        element(
          "div",
          { class: "limpid-side" },
          part("What the network sees", scores.element),
          explained,
          part("Where the relevance goes, output → input", flow.element),
        ),
      ),
    );
    showHeading();
    showClasses();
    showLayers();
    showWork();
  }

  override remove() {
    for (const part of this.parts) part.dispose();
    return super.remove();
  }
}
