import { DOMWidgetView } from "@jupyter-widgets/base";
import "limpid/widgets.css";
import type { DigitRule, DrawDigitState } from "../../comms/states/draw-digit.js";
import type { Field } from "../../comms/states/field.js";
import { pictureSection, type Section } from "../heatmap/section.js";
import { element } from "../parts/dom.js";
import { form, plainField, range } from "../parts/form.js";
import { heading } from "../parts/heading.js";
import { pictureAt, pixelCanvas } from "../parts/pixels.js";
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
export class DrawDigitView extends DOMWidgetView {
  private section: Section | undefined;

  override render(): void {
    const model = this.model as DrawDigitModel;
    const top = heading();
    let own: Uint8Array | undefined;
    const paper = pad((digit) => {
      own = digit;
      model.draw(digit);
    });
    const scores = bars((target) => model.choose({ target }));
    const section = pictureSection(model, { empty: "Draw a digit, and what speaks for it is shown here." });
    this.section = section;
    const wish = pixelCanvas("The prototype of the explained class");
    const wishTitle = element("h4", {});
    const wishPart = element("section", { class: "limpid-wish" }, wishTitle, wish.element);

    const showHeading = () => {
      const [title, subtitle] = [model.trait("title"), model.trait("subtitle")];
      top.set({
        title,
        subtitle,
        output: model.trait("output"),
        total: model.trait("total"),
        signed: model.trait("signed"),
      });
    };
    const showDigit = () => {
      const digit = model.pixels("digit");
      // What this pad has just told comes back as it is; only what others draw is taken over.
      if (digit?.values !== own) paper.show(digit);
    };
    const showScores = () => scores.set(model.trait("classes"), model.trait("explained"), model.trait("target") >= 0);
    const showWish = () => {
      const found = model.pixels("prototype");
      const name = model.trait("classes").find(({ index }) => index === model.trait("explained"))?.name ?? "";
      wishPart.classList.toggle("limpid-vacant", found === null || name === "");
      wishTitle.textContent =
        name === ""
          ? "What it would rather see"
          : `${/^(8|[aeiou])/i.test(name) ? "An" : "A"} ${name} it would rather see`;
      if (found) wish.draw(found);
    };
    this.listenTo(model, "change:title change:subtitle change:output change:total", showHeading);
    this.listenTo(model, "change:digit", showDigit);
    this.listenTo(model, "change:classes change:explained change:target", showScores);
    this.listenTo(model, "change:prototype change:explained change:classes", showWish);

    const button = (label: string, title: string, act: () => void) => {
      const made = element("button", { type: "button", class: "limpid-button", title }, label);
      made.addEventListener("click", act);
      return made;
    };
    const part = (title: string, ...children: HTMLElement[]) =>
      element("section", {}, element("h4", {}, title), ...children);
    this.el.classList.add("limpid-widget", "limpid-draw-digit");
    this.el.dataset["lmSuppressShortcuts"] = "true";
    this.el.replaceChildren(
      top.element,
      element(
        "div",
        { class: "limpid-draw-columns" },
        element(
          "section",
          { class: "limpid-draw-pad", "aria-label": "Drawing" },
          paper.element,
          element(
            "div",
            { class: "limpid-buttons" },
            button("clear", "Begin anew (Delete)", () => paper.clear()),
            button("undo", "Take back the last stroke (Ctrl Z)", () => paper.undo()),
          ),
          this.samples(model),
        ),
        section.element,
        element(
          "div",
          { class: "limpid-side" },
          part("What the network sees", scores.element),
          part("How it is explained", this.rules(model)),
          wishPart,
        ),
      ),
    );
    showHeading();
    showDigit();
    showScores();
    showWish();
  }

  /** Real digits to put on the pad. */
  private samples(model: DrawDigitModel): HTMLElement {
    const row = element("div", { class: "limpid-samples" });
    const show = () => {
      const digits = model.pixels("samples");
      row.hidden = digits === null;
      if (digits === null) return;
      row.replaceChildren(
        ...Array.from({ length: digits.shape[0]! }, (_, index) => {
          const digit = pictureAt(digits, index);
          const canvas = pixelCanvas(`A real digit, number ${index}`);
          canvas.draw(digit);
          const button = element("button", { type: "button", title: "Put this real digit on the pad" }, canvas.element);
          button.addEventListener("click", () => model.draw(digit.values.slice()));
          return button;
        }),
      );
    };
    this.listenTo(model, "change:samples", show);
    show();
    return row;
  }

  private rules(model: DrawDigitModel): HTMLElement {
    const rules = form((name, value) => model.choose({ [name]: value } as Partial<DrawDigitState>));
    const show = () => {
      rules.offer([rule, parameters[model.trait("rule")]]);
      rules.set({
        rule: model.trait("rule"),
        epsilon: model.trait("epsilon"),
        gamma: model.trait("gamma"),
        alpha: model.trait("alpha"),
      });
    };
    this.listenTo(model, "change:rule change:epsilon change:gamma change:alpha", show);
    show();
    return rules.element;
  }

  override remove() {
    this.section?.dispose();
    return super.remove();
  }
}
