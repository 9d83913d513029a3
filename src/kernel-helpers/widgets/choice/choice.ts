import { currentHost, DISPLAY } from "../../../comms/host.js";
import { agrees, type ChoiceState, choiceState, MOST_ANSWERS, verdictWords } from "../../../comms/states/choice.js";
import { ownWidget } from "../../../comms/states/module.js";
import { ParameterError } from "../../../explainers/errors.js";
import { display } from "../../notebook/display.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import { domWidgetClass } from "../base/layout.js";
import type { ListenOptions } from "../base/listeners.js";
import type { Arrival } from "../base/widget.js";
import { choicePicture } from "./choice-picture.js";

export interface ChoiceOptions<Answer extends string, Multiple extends boolean> {
  /** The right answer, which is also taken where nobody can be asked; of a question with several, all that are right. */
  answer: Multiple extends true ? readonly Answer[] : Answer;
  /** Shown once the question is answered; a part between asterisks is emphasized. */
  explanation?: string;
  /** Whether several answers may be chosen together; default false. */
  multiple?: Multiple;
}

/** What waiting brings: one of the answers, or those that were chosen together, in the order in which they stand. */
export type Chosen<Answer extends string, Multiple extends boolean> = Multiple extends true ? Answer[] : Answer;

/**
 * A question that a cell waits with, so that the reader thinks before he sees. Once it is answered it shows whether that is the stated
 * answer, and the explanation.
 *
 * @throws ParameterError for fewer than two answers, two alike, or a stated answer that is none of them
 * @example const guess = await new Choice("Which map is of the cat?", ["left", "right"], { answer: "left" }).next()
 */
export class Choice<
  const Answer extends string = string,
  const Multiple extends boolean = false,
> extends domWidgetClass<ChoiceState>({
  ...ownWidget("Choice"),
  traits: choiceState,
  constrain(next, names, fail) {
    const { given, answers, multiple } = next;
    if (!names.has("given") || given === null) return;
    const isPlace = (place: unknown) => Number.isInteger(place) && (place as number) in answers;
    const isList = Array.isArray(given) && given.every(isPlace) && new Set(given).size === given.length;
    if (!isList || !(multiple || given.length === 1)) {
      fail("given", `null or ${multiple ? "places" : "the one place"} of what is chosen in answers`);
    }
    next.given = [...given].sort((a, b) => a - b);
  },
}) {
  #isShown = false;

  constructor(
    question: string,
    answers: readonly Answer[],
    { answer, explanation = "", multiple }: ChoiceOptions<NoInfer<Answer>, Multiple>,
  ) {
    if (typeof question !== "string" || question.trim() === "")
      throw new ParameterError("question", question, "a text");
    const isList = Array.isArray(answers) && answers.every((one) => typeof one === "string" && one.trim() !== "");
    if (!isList || answers.length < 2 || answers.length > MOST_ANSWERS || new Set(answers).size < answers.length) {
      throw new ParameterError("answers", answers, `2 to ${MOST_ANSWERS} texts, no two alike`);
    }
    const stated: readonly string[] = multiple ? (answer as readonly Answer[]) : [answer as Answer];
    if (!Array.isArray(stated))
      throw new ParameterError("answer", answer, "a list of answers, as several may be chosen");
    for (const one of stated) {
      if (!answers.includes(one as Answer)) throw ParameterError.notOneOf("answer", one, answers);
    }
    super({
      question,
      answers: [...answers],
      multiple: multiple === true,
      solution: answers.flatMap((one, place) => (stated.includes(one) ? [place] : [])),
      explanation,
    });
    this.watch(() => this.set({ phase: "open" }), "given");
  }

  /**
   * The reader's answer, as soon as there is one; shows the question where it is not on display yet.
   *
   * Where nobody can be asked it is the stated answer, at once: outside a kernel, in the page of a report while its cells run, and where
   * the request to run the cell does not allow input (`allow_stdin` false: nbclient, nbconvert, papermill, `limpid report`).
   *
   * @throws WidgetClosedError when it is closed before it is answered; the reason of the signal when it aborts
   */
  override next(options?: ListenOptions): Promise<Chosen<Answer, Multiple>>;
  override next<K extends keyof ChoiceState & string>(name: K, options?: ListenOptions): Promise<Arrival<this, K>>;
  override async next(first: unknown = {}, options: ListenOptions = {}): Promise<never> {
    if (typeof first === "string") return super.next(first as "given", options) as Promise<never>;
    options = first as ListenOptions;
    if (!this.#isShown) display(this);
    if (this.given === null) {
      if (currentHost()?.hasReader?.() !== true) {
        this.phase = "taken";
        return this.#chosen(this.solution) as never;
      }
      this.phase = "waiting";
      while (this.given === null) await super.next("given", options);
    }
    return this.#chosen(this.given) as never;
  }

  override [DISPLAY]() {
    this.#isShown = true;
    return super[DISPLAY]();
  }

  override staticPicture(): StaticPicture {
    return choicePicture(this);
  }

  /** In plain text: the question, its answers, and what was answered. */
  override toString(): string {
    const { question, answers, given, phase, explanation } = this;
    const lines = answers.map((answer, place) => `  ${given?.includes(place) ? "●" : "○"} ${answer}`);
    if (given !== null || phase === "taken") lines.push([verdictWords(this), explanation].join(" ").trim());
    const said = given === null ? "" : agrees(this) ? " (answered, right)" : " (answered)";
    return [`Choice: ${question}${said}`, ...lines].join("\n");
  }

  #chosen(places: readonly number[]): string | string[] {
    const chosen = places.map((place) => this.answers[place]!);
    return this.multiple ? chosen : chosen[0]!;
  }
}
