import { type DigitRule, type DrawDigitState, wishWords } from "../../comms/states/draw-digit.js";
import type { Field } from "../../comms/states/field.js";
import { pictureSection } from "../heatmap/section.js";
import { button, buttonRow } from "../parts/buttons.js";
import { element } from "../parts/dom.js";
import { form, plainField, range } from "../parts/form.js";
import { heading } from "../parts/heading.js";
import type { Shown } from "../parts/model.js";
import { pictureAt, pixelCanvas } from "../parts/pixels.js";
import { titled, WidgetView } from "../parts/view.js";
import { bars } from "./bars.js";
import type { DrawDigitModel } from "./model.js";
import { pad } from "./pad.js";

const rule = plainField("rule", "Rule", "How relevance is shared among the inputs of a layer", {
  kind: "choice",
  choices: [
    { value: "epsilon", label: "ε", hint: "In proportion to each contribution, small sums stabilized by ε" },
    { value: "gamma", label: "γ", hint: "What speaks for counts more, by γ" },
    { value: "alphaBeta", label: "αβ", hint: "α times what speaks for, minus β = α − 1 times what speaks against" },
  ],
});

/** The one parameter of each rule. */
const parameters: Record<DigitRule, Field> = {
  epsilon: plainField("epsilon", "ε", "A larger ε drops weak and contradictory evidence", range(1e-6, 10, 0.25, true)),
  gamma: plainField("gamma", "γ", "A larger γ makes smoother, more positive maps", range(0, 2, 0.05)),
  alphaBeta: plainField(
    "alpha",
    "α",
    "β = α − 1: a larger α sets more for and more against each other",
    range(1, 4, 0.1),
  ),
};

/** Draw, and see at once what the network takes it for, why, and what it would rather see. */
export class DrawDigitView extends WidgetView<DrawDigitState, DrawDigitModel> {
  override render(): void {
    const model = this.shown;
    const top = this.keep(heading(model));
    let own: Uint8Array | undefined;
    const paper = pad((digit) => {
      own = digit;
      model.draw(digit);
    });
    const scores = bars((target) => model.choose({ target }));
    const section = this.keep(pictureSection(model, { empty: "Draw a digit, and what speaks for it is shown here." }));
    const wish = pixelCanvas("The prototype of the explained class");
    const wishTitle = element("h4", {});
    const wishNote = element("p", { class: "limpid-wish-note" }, "It is drawn once the pen rests.");
    const wishPart = element("section", { class: "limpid-wish" }, wishTitle, wish.element, wishNote);

    this.draw(["digit"], () => {
      const digit = model.trait("digit");
      // What this pad has just told comes back as it is; only what others draw is taken over.
      if (digit?.values !== own) paper.show(digit);
    });
    this.draw(["classes", "explained", "target"], () =>
      scores.set(model.trait("classes"), model.trait("explained"), model.trait("target") >= 0),
    );
    this.draw(["prototype", "explained", "classes"], () => {
      const found = model.trait("prototype");
      const name = model.trait("classes").find(({ index }) => index === model.trait("explained"))?.name ?? "";
      wishPart.classList.toggle("limpid-vacant", found === null || name === "");
      wishTitle.textContent = wishWords({ classes: model.trait("classes"), explained: model.trait("explained") });
      wishNote.hidden = found !== null || name === "";
      if (found) wish.draw(found);
    });

    this.lay(
      "draw-digit",
      top.element,
      element(
        "div",
        { class: "limpid-draw-columns" },
        element(
          "section",
          { class: "limpid-draw-pad", "aria-label": "Drawing" },
          paper.element,
          buttonRow(
            button("Clear", "Begin anew (Delete)", () => paper.clear()),
            button("Undo", "Take back the last stroke (Ctrl Z)", () => paper.undo()),
          ),
          this.samples(),
        ),
        section.element,
        element(
          "div",
          { class: "limpid-side" },
          titled("What the network sees", scores.element),
          titled("How it is explained", this.rules()),
          wishPart,
        ),
      ),
    );
  }

  /** Real digits to put on the pad. */
  private samples(): HTMLElement {
    const model = this.shown;
    const row = element("div", { class: "limpid-samples" });
    this.draw(["samples"], () => {
      const digits = model.trait("samples");
      row.hidden = digits === null;
      if (digits === null) return;
      row.replaceChildren(
        ...Array.from({ length: digits.shape[0]! }, (_, index) => {
          const digit = pictureAt(digits, index);
          const canvas = pixelCanvas(`A real digit, number ${index}`);
          canvas.draw(digit);
          const put = element("button", { type: "button", title: "Put this real digit on the pad" }, canvas.element);
          put.addEventListener("click", () => model.draw(digit.values.slice()));
          return put;
        }),
      );
    });
    return row;
  }

  private rules(): HTMLElement {
    const model = this.shown;
    const rules = form((name, value) => model.choose({ [name]: value } as Partial<Shown<DrawDigitState>>));
    this.draw(["rule", "epsilon", "gamma", "alpha"], () => {
      rules.offer([rule, parameters[model.trait("rule")]]);
      rules.set({
        rule: model.trait("rule"),
        epsilon: model.trait("epsilon"),
        gamma: model.trait("gamma"),
        alpha: model.trait("alpha"),
      });
    });
    return rules.element;
  }
}
