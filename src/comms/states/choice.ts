import { choice, data, flag, list, nullable, type StateOf, text, viewed, wholeBetween } from "./traits.js";

/** More answers than a reader weighs. */
export const MOST_ANSWERS = 26;

/** A question, and what its reader has answered. */
export const choiceState = {
  question: text(),
  answers: list(text()),
  /** Whether several may be chosen together. */
  multiple: flag(),
  /** Places in `answers` of those that the author holds to be right. */
  solution: list(wholeBetween(0, MOST_ANSWERS - 1, 0)),
  /** What is shown once it is answered. */
  explanation: text(),
  /** Places in `answers` of what the reader chose; null before. */
  given: viewed(nullable(data<readonly number[]>([]))),
  /** `waiting` while a cell waits for the answer, `taken` where nobody could be asked and the stated answer was taken. */
  phase: choice("open", "waiting", "taken"),
};

export interface ChoiceState extends StateOf<typeof choiceState> {}

type Answered = Pick<ChoiceState, "answers" | "solution" | "given">;

/** What is said of one answer once the question is answered: its mark and its words; null of one that is neither right nor chosen. */
export interface AnswerMark {
  right: boolean;
  chosen: boolean;
  words: string;
}

export function markOf({ solution, given }: Pick<Answered, "solution" | "given">, place: number): AnswerMark | null {
  const [right, chosen] = [solution.includes(place), given?.includes(place) ?? false];
  if (right) return { right, chosen, words: chosen ? "✓ right, your answer" : "✓ right" };
  return chosen ? { right, chosen, words: "✗ your answer" } : null;
}

/** Whether the reader's answer is the stated one; null before it is given. */
export function agrees({ solution, given }: Pick<Answered, "solution" | "given">): boolean | null {
  if (given === null) return null;
  return given.length === solution.length && solution.every((place) => given.includes(place));
}

/** The reader's answer beside the stated one, in words. */
export function verdictWords(shown: Answered): string {
  const { answers, solution, given } = shown;
  const named = (places: readonly number[]) => inWords(places.map((place) => `“${answers[place]}”`));
  if (given === null) return `The answer is ${named(solution)}.`;
  if (agrees(shown)) return `Right: ${named(solution)}.`;
  return `You chose ${given.length === 0 ? "none" : named(given)}; the answer is ${named(solution)}.`;
}

function inWords(parts: readonly string[]): string {
  return parts.length < 2 ? (parts[0] ?? "none of them") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}
