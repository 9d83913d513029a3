import { agrees, type ChoiceState, markOf, verdictWords } from "../../comms/states/choice.js";
import { button, buttonRow } from "../parts/buttons.js";
import { element, emphasize, uniqueId } from "../parts/dom.js";
import { writes } from "../parts/lock.js";
import { WidgetView } from "../parts/view.js";
import type { ChoiceModel } from "./model.js";

/** A question with its answers as buttons; once answered, what is right and why. It needs no kernel to say so. */
export class ChoiceView extends WidgetView<ChoiceState, ChoiceModel> {
  private readonly question = element("h3", { class: "limpid-title", id: uniqueId() });
  private readonly hint = element("p", { class: "limpid-choice-hint" });
  private readonly list = element("div", {
    class: "limpid-choice-answers",
    role: "group",
    "aria-labelledby": this.question.id,
  });
  private readonly done = button("Answer", "These are the answers", () => this.answer([...this.picked]));
  private readonly doneRow = buttonRow(this.done);
  private readonly verdict = element("p", { class: "limpid-choice-verdict" });
  private readonly explanation = element("p", {});
  private readonly outcome = element("div", { class: "limpid-choice-outcome", role: "status" });
  /** What is ticked of several, before it is the answer. */
  private readonly picked = new Set<number>();

  override render(): void {
    this.done.classList.add("limpid-primary");
    writes(this.doneRow, "given");
    writes(this.list, "given");
    this.list.addEventListener("keydown", (event) => this.walk(event));
    this.lay(
      "choice",
      element("div", { class: "limpid-heading" }, element("div", {}, this.question)),
      element("div", { class: "limpid-section" }, this.list, this.doneRow, this.hint, this.outcome),
    );
    this.draw(["question"], () => emphasize(this.question, this.shown.trait("question")));
    this.draw(["answers", "multiple"], () => {
      this.picked.clear();
      this.list.replaceChildren(...this.shown.trait("answers").map((words, place) => this.row(words, place)));
      this.show();
    });
    this.draw(["given", "solution", "explanation", "phase"], () => this.show());
  }

  private row(words: string, place: number): HTMLElement {
    const label = element("span", { class: "limpid-choice-words" });
    emphasize(label, words);
    const mark = element("span", { class: "limpid-choice-mark" });
    const made = element("button", { type: "button" }, label, " ", mark);
    made.addEventListener("click", () => this.press(place));
    return element("div", {}, made);
  }

  private press(place: number): void {
    const model = this.shown;
    if (model.trait("given") !== null) return;
    if (!model.trait("multiple")) {
      this.answer([place]);
      return;
    }
    if (!this.picked.delete(place)) this.picked.add(place);
    this.show();
  }

  private answer(places: readonly number[]): void {
    if (this.shown.trait("given") === null) this.shown.choose({ given: [...places].sort((a, b) => a - b) });
  }

  /** Up and down walk over the answers. */
  private walk(event: KeyboardEvent): void {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    const buttons = this.buttons();
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons[(at + by + buttons.length) % buttons.length]?.focus();
    event.preventDefault();
  }

  private buttons(): HTMLButtonElement[] {
    return [...this.list.querySelectorAll("button")];
  }

  private show(): void {
    const model = this.shown;
    const [given, multiple] = [model.trait("given"), model.trait("multiple")];
    const shown = { answers: model.trait("answers"), solution: model.trait("solution"), given };
    const isOver = given !== null;
    for (const [place, made] of this.buttons().entries()) {
      const mark = isOver ? markOf(shown, place) : null;
      const isChosen = isOver ? given.includes(place) : this.picked.has(place);
      made.setAttribute("aria-pressed", String(isChosen));
      if (isOver) made.setAttribute("aria-disabled", "true");
      else made.removeAttribute("aria-disabled");
      made.className = [
        "limpid-choice-answer",
        multiple ? "limpid-choice-several" : "",
        mark?.right ? "limpid-choice-right" : mark ? "limpid-choice-wrong" : "",
      ]
        .filter(Boolean)
        .join(" ");
      made.querySelector(".limpid-choice-mark")!.textContent = mark?.words ?? "";
    }
    this.doneRow.hidden = isOver || !multiple;
    const isWaiting = !isOver && model.trait("phase") === "waiting";
    this.el.classList.toggle("limpid-choice-waiting", isWaiting);
    const waits = isWaiting ? " The notebook goes on then." : "";
    this.hint.textContent = multiple ? `Choose all that are right, then answer.${waits}` : `Choose one.${waits}`;
    this.hint.hidden = isOver;
    this.el.classList.toggle("limpid-choice-over", isOver);
    const right = agrees(shown);
    this.verdict.textContent = isOver ? verdictWords(shown) : "";
    this.verdict.classList.toggle("limpid-choice-agrees", right === true);
    emphasize(this.explanation, isOver ? model.trait("explanation") : "");
    this.outcome.replaceChildren(...(isOver ? [this.verdict, this.explanation] : []));
  }
}
