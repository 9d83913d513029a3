import { dirname } from "node:path";
import type ts from "#typescript";
import type { Completion } from "../interpreter.js";
import type { Cells } from "./compile/cells.js";
import { modulesFor, pathsFor } from "./specifiers.js";
import { stringAt, type TypedString } from "./string-place.js";

/** More than this many suggestions help nobody. */
const LIMIT = 500;

const SETTINGS: ts.GetCompletionsAtPositionOptions = {
  includeCompletionsForModuleExports: false,
  includeCompletionsWithInsertText: false,
  includeExternalModuleExports: false,
};

/** Texts that may stand in a place, as the values of the notebook know them. */
type NamesAt = (place: Pick<TypedString, "property" | "beside">) => readonly string[];

/** Names of what a value of the notebook holds: of `["model", "layers"]` what may stand behind `model.layers.` */
type MembersOf = (chain: readonly string[]) => readonly string[];

/** The running notebook, as far as it completes what its types do not. */
export interface Values {
  readonly namesAt: NamesAt;
  readonly membersOf: MembersOf;
}

/** Names joined by dots before the cursor, and the beginning of one more. */
const CHAIN = /(?<![\p{L}\p{N}_$.)\]])((?:[\p{L}_$][\p{L}\p{N}_$]*\??\.)+)[\p{L}\p{N}_$]*$/u;

/** What may stand at `position` in `code`, the likeliest first. */
export function complete(cells: Cells, code: string, position: number, { namesAt, membersOf }: Values): Completion {
  return cells.withDraft(code, (fileName) => {
    const typedString = stringAt(cells.service.getProgram()!.getSourceFile(fileName)!, position);
    const found = cells.service.getCompletionsAtPosition(fileName, position, SETTINGS);
    const names =
      typedString === undefined
        ? []
        : [
            ...namesAt(typedString),
            ...pathsFor(dirname(fileName), code.slice(typedString.start, position)),
            ...modulesFor(code.slice(0, typedString.start)),
          ];
    const chain = typedString === undefined ? CHAIN.exec(code.slice(0, position))?.[1] : undefined;
    const members = chain === undefined ? [] : membersOf(chain.split(/\??\./).slice(0, -1));
    // Inside a module's name entries say themselves what they replace.
    const own = found?.entries.find(({ replacementSpan }) => replacementSpan !== undefined)?.replacementSpan;
    const text = names.length === 0 ? undefined : spanOf(typedString!);
    const span = text ?? found?.optionalReplacementSpan ?? own ?? wordBefore(code, position);
    const typed = code.slice(span.start, position);
    // Of a value whose type says nothing, the compiler knows all words of the cell.
    const isKnown = chain === undefined || found?.isMemberCompletion === true;
    const known = (isKnown ? (found?.entries ?? []) : []).map(({ name, kind, sortText }) => ({ name, kind, sortText }));
    const added = [
      ...names.map((name) => ({ name, kind: "string", sortText: "" })),
      ...members.map((name) => ({ name, kind: "property", sortText: "11" })),
    ].filter(({ name }) => !known.some((entry) => entry.name === name));
    const entries = [...known, ...added]
      .flatMap((entry) => {
        const rank = rankOf(entry.name, typed);
        return rank === undefined ? [] : [{ entry, key: `${rank}${entry.sortText}` }];
      })
      .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
      .slice(0, LIMIT)
      .map(({ entry }) => entry);
    return {
      matches: entries.map(({ name, kind }) => ({ text: text ? escaped(name, typedString!.quote) : name, kind })),
      start: span.start,
      end: Math.max(position, span.start + span.length),
    };
  });
}

const spanOf = ({ start, end }: TypedString): ts.TextSpan => ({ start, length: end - start });

/** A text as it stands between quotes. */
const escaped = (text: string, quote: string): string => text.replaceAll("\\", "\\\\").replaceAll(quote, `\\${quote}`);

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
