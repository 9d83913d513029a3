import { formatFixed } from "../../comms/format.js";
import type { ClassPrototypeState } from "../../comms/states/class-prototype.js";
import { button, buttonRow } from "../parts/buttons.js";
import { element } from "../parts/dom.js";
import { heading } from "../parts/heading.js";
import { pixelCanvas } from "../parts/pixels.js";
import { WidgetView } from "../parts/view.js";
import { controls } from "./controls.js";
import { curve } from "./curve.js";
import { gallery } from "./gallery.js";
import type { ClassPrototypeModel } from "./model.js";

/** How a class looks to a network: the picture as it grows, its curves, what it should be like, and what was kept. */
export class ClassPrototypeView extends WidgetView<ClassPrototypeState, ClassPrototypeModel> {
  override render(): void {
    const model = this.shown;
    const top = this.keep(heading(model, () => progressWords(model)));
    const picture = pixelCanvas("The prototype as it grows");
    const note = element("div", { class: "limpid-note", role: "alert" });
    const [first, second] = [curve("activation"), curve("cost")];
    const form = this.keep(controls(model));
    const kept = this.keep(gallery(model));

    this.draw(["image", "step", "probability", "rate", "subject"], top.show);
    this.draw(["image", "error"], () => {
      const [image, error] = [model.trait("image"), model.trait("error")];
      if (image) picture.draw(image);
      note.hidden = image !== null && error === "";
      note.classList.toggle("limpid-error", error !== "");
      note.replaceChildren(
        element("strong", {}, error ? "This prototype could not be found" : "The picture as it grows"),
        element("span", {}, error || (model.comm_live ? "Starting…" : "Run the cell to start.")),
      );
    });
    this.draw(["curves", "activationName"], () => {
      const { shape, values } = model.trait("curves") ?? { shape: [0, 3], values: new Float32Array() };
      const column = (offset: number) => Array.from({ length: shape[0]! }, (_, point) => values[3 * point + offset]!);
      first.draw(model.trait("activationName"), column(0), column(1));
      second.draw("What the prior costs", column(0), column(2));
    });

    this.lay(
      "prototype",
      top.element,
      element(
        "div",
        { class: "limpid-prototype-columns" },
        element(
          "section",
          { class: "limpid-prototype-picture", "aria-label": "Picture" },
          element("div", { class: "limpid-picture" }, picture.element, note),
          this.buttons(),
        ),
        element("section", { class: "limpid-curves", "aria-label": "Curves" }, first.element, second.element),
        kept.element,
        form.element,
      ),
    );
  }

  private buttons(): HTMLElement {
    const model = this.shown;
    const play = button("", "", () => model.choose({ playing: !model.trait("playing") }));
    play.classList.add("limpid-primary");
    const step = button("Step", "One step", () => model.send({ event: "step" }));
    const reset = button("Reset", "Begin anew", () => model.send({ event: "reset" }));
    const keep = button("Keep", "Keep the picture with its settings", () => model.send({ event: "keep" }));
    this.draw(["playing", "image"], () => {
      const playing = model.trait("playing");
      play.textContent = playing ? "❚❚ Pause" : "▶ Play";
      play.title = playing ? "Pause (Space)" : "Play (Space)";
      play.disabled = reset.disabled = !model.comm_live;
      step.disabled = playing || !model.comm_live;
      keep.disabled = model.trait("image") === null || !model.comm_live;
    });
    // Space plays and pauses from anywhere but the controls that use it themselves.
    this.el.addEventListener("keydown", (event) => {
      if (event.key !== " " || /^(BUTTON|INPUT|SELECT)$/.test((event.target as HTMLElement).tagName)) return;
      event.preventDefault();
      model.choose({ playing: !model.trait("playing") });
    });
    const row = buttonRow(play, step, reset, keep);
    row.role = "group";
    row.ariaLabel = "Run";
    return row;
  }
}

/** How far the run is: `step 40 · p(3) = 0.998 · 25 steps/s`. */
function progressWords(model: ClassPrototypeModel): string {
  const [step, probability, rate] = [model.trait("step"), model.trait("probability"), model.trait("rate")];
  const parts = [
    model.trait("image") === null ? "" : `step ${step}`,
    probability === null ? "" : `p(${model.trait("subject")}) = ${formatFixed(probability, 3)}`,
    rate === null ? "" : `${rate < 10 ? formatFixed(rate, 1) : Math.round(rate)} steps/s`,
  ];
  return parts.filter((part) => part !== "").join(" · ");
}
