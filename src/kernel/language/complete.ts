import type ts from "typescript";
import type { Completion } from "../interpreter.js";
import type { Cells } from "./compile/cells.js";

/** More than this many suggestions help nobody. */
const LIMIT = 500;

const SETTINGS: ts.GetCompletionsAtPositionOptions = {
  includeCompletionsForModuleExports: false,
  includeCompletionsWithInsertText: false,
  includeExternalModuleExports: false,
};

/** What may stand at `position` in `code`, the likeliest first. */
export function complete(cells: Cells, code: string, position: number): Completion {
  return cells.withDraft(code, (fileName) => {
    const found = cells.service.getCompletionsAtPosition(fileName, position, SETTINGS);
    // Inside a module's name entries say themselves what they replace.
    const own = found?.entries.find(({ replacementSpan }) => replacementSpan !== undefined)?.replacementSpan;
    const span = found?.optionalReplacementSpan ?? own ?? wordBefore(code, position);
    const typed = code.slice(span.start, position);
    const entries = (found?.entries ?? [])
      .flatMap((entry) => {
        const rank = rankOf(entry.name, typed);
        return rank === undefined ? [] : [{ entry, key: `${rank}${entry.sortText}` }];
      })
      .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
      .slice(0, LIMIT)
      .map(({ entry }) => entry);
    return {
      matches: entries.map(({ name, kind }) => ({ text: name, kind })),
      start: span.start,
      end: Math.max(position, span.start + span.length),
    };
  });
}

/** 0 for the same beginning, 1 for the same but for case, 2 for a name that contains what was typed. */
function rankOf(name: string, typed: string): number | undefined {
  if (name.startsWith(typed)) return 0;
  const lower = name.toLowerCase();
  if (lower.startsWith(typed.toLowerCase())) return 1;
  return typed.length > 1 && lower.includes(typed.toLowerCase()) ? 2 : undefined;
}

function wordBefore(code: string, position: number): ts.TextSpan {
  const word = /[\p{L}\p{N}_$]*$/u.exec(code.slice(0, position))?.[0] ?? "";
  return { start: position - word.length, length: word.length };
}
