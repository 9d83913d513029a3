/** What a widget in a report says of itself; the file has it, and the page's script while the widget comes to life. */
import type { ReportView } from "./format.js";

/**
 * What stands in a widget's place: what the file stored, what the page computes, what it computed before its kernel ended, or what the file
 * stored because the page's run did not come to it.
 */
export type ViewState = "stored" | "live" | "ended" | "failed";

export interface LevelWords {
  /** The badge. */
  readonly name: string;
  /** What that means. */
  readonly words: string;
}

/** What a widget can do now, in words. @param why of a run that did not come to it, a clause */
export function levelWords(
  { level, reason = "" }: Pick<ReportView, "level" | "reason">,
  state: ViewState,
  why = "",
): LevelWords {
  if (state === "live") return { name: "Live", words: "computes in this page" };
  if (state === "ended") return { name: "Frozen", words: "the page's kernel was ended: this is what it computed last" };
  if (state === "failed") return { name: "Not live", words: `a picture of when the report was made: ${why}` };
  switch (level) {
    case "live":
      return {
        name: "Not live yet",
        words: "a picture of when the report was made; it is computed again in this page",
      };
    case "precomputed":
      return { name: "Precomputed", words: reason };
    case "frozen":
      return { name: "Frozen", words: reason };
  }
}
