import { DOMWidgetView } from "@jupyter-widgets/base";
import "limpid/widgets.css";
import { element } from "../parts/dom.js";
import { formatFixed } from "../parts/format.js";
import { heading } from "../parts/heading.js";
import { pixelCanvas } from "../parts/pixels.js";
import { controls } from "./controls.js";
import { curve } from "./curve.js";
import { gallery } from "./gallery.js";
import type { ClassPrototypeModel } from "./model.js";

/** How a class looks to a network: the picture as it grows, its curves, what it should be like, and what was kept. */
export class ClassPrototypeView extends DOMWidgetView {
  private parts: { dispose(): void }[] = [];

  override render(): void {
    const model = this.model as ClassPrototypeModel;
    const top = heading();
    const picture = pixelCanvas("The prototype as it grows");
    const note = element("div", { class: "limpid-note", role: "alert" });
    const [first, second] = [curve("activation"), curve("cost")];
    const form = controls(model);
    const kept = gallery(model);
    const buttons = this.buttons(model);
    this.parts = [form, kept];

    const showHeading = () => {
      const [step, probability, rate] = [model.trait("step"), model.trait("probability"), model.trait("rate")];
      const name = model.trait("classNames")[model.trait("target")] ?? "class";
      const remark = [
        model.trait("image") === null ? "" : `step ${step}`,
        probability === null ? "" : `p(${name}) = ${formatFixed(probability, 3)}`,
        rate === null ? "" : `${rate < 10 ? formatFixed(rate, 1) : Math.round(rate)} steps/s`,
      ].filter((part) => part !== "");
      top.set({
        title: model.trait("title"),
        subtitle: model.trait("subtitle"),
        output: null,
        total: null,
        signed: true,
        remark: remark.join(" · "),
      });
    };
    const showPicture = () => {
      const [image, error] = [model.trait("image"), model.trait("error")];
      if (image) picture.draw(image);
      note.hidden = image !== null && error === "";
      note.classList.toggle("limpid-error", error !== "");
      note.replaceChildren(
        element("strong", {}, error ? "This prototype could not be found" : "The picture as it grows"),
        element("span", {}, error || (model.comm_live ? "Starting…" : "Run the cell to start.")),
      );
    };
    const showCurves = () => {
      const { shape, values } = model.curves ?? { shape: [0, 3], values: new Float32Array() };
      const column = (offset: number) => Array.from({ length: shape[0]! }, (_, point) => values[3 * point + offset]!);
      first.draw(model.trait("activationName"), column(0), column(1));
      second.draw("What the prior costs", column(0), column(2));
    };
    this.listenTo(
      model,
      "change:title change:subtitle change:step change:probability change:rate change:target",
      showHeading,
    );
    this.listenTo(model, "change:image change:error comm_live_update", showPicture);
    this.listenTo(model, "change:curves change:activationName", showCurves);

    this.el.classList.add("limpid-widget", "limpid-prototype");
    this.el.dataset["lmSuppressShortcuts"] = "true";
    this.el.replaceChildren(
      top.element,
      element(
        "div",
        { class: "limpid-prototype-columns" },
        element(
          "section",
          { class: "limpid-prototype-picture", "aria-label": "Picture" },
          element("div", { class: "limpid-picture" }, picture.element, note),
          buttons,
        ),
        element("section", { class: "limpid-curves", "aria-label": "Curves" }, first.element, second.element),
        kept.element,
        form.element,
      ),
    );
    showHeading();
    showPicture();
    showCurves();
  }

  private buttons(model: ClassPrototypeModel): HTMLElement {
    const make = (label: string, title: string, act: () => void) => {
      const button = element("button", { type: "button", class: "limpid-button", title }, label);
      button.addEventListener("click", act);
      return button;
    };
    const play = make("", "", () => model.choose({ playing: !model.trait("playing") }));
    play.classList.add("limpid-primary");
    const step = make("step", "One step", () => model.send({ event: "step" }));
    const reset = make("reset", "Begin anew", () => model.send({ event: "reset" }));
    const keep = make("keep", "Keep the picture with its settings", () => model.send({ event: "keep" }));
    const show = () => {
      const playing = model.trait("playing");
      play.textContent = playing ? "❚❚ pause" : "▶ play";
      play.title = playing ? "Pause (Space)" : "Play (Space)";
      step.disabled = playing;
      keep.disabled = model.trait("image") === null;
      for (const button of [play, step, reset, keep]) if (!model.comm_live) button.disabled = true;
    };
    this.listenTo(model, "change:playing change:image comm_live_update", show);
    // Space plays and pauses from anywhere but the controls that use it themselves.
    this.el.addEventListener("keydown", (event) => {
      if (event.key !== " " || /^(BUTTON|INPUT|SELECT)$/.test((event.target as HTMLElement).tagName)) return;
      event.preventDefault();
      model.choose({ playing: !model.trait("playing") });
    });
    show();
    return element("div", { class: "limpid-buttons", role: "group", "aria-label": "Run" }, play, step, reset, keep);
  }

  override remove() {
    for (const part of this.parts) part.dispose();
    return super.remove();
  }
}
