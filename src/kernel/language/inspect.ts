import ts from "#typescript";
import type { MimeBundle } from "../../comms/host.js";
import type { Cells } from "./compile/cells.js";

interface Description {
  signature: string;
  documentation: string;
}

/** Type and documentation of what stands at `position`, or of the call around it. */
export function inspectAt(cells: Cells, code: string, position: number): MimeBundle | undefined {
  const found = cells.withDraft(code, (fileName) => {
    // With the cursor behind a name, it is that name that is meant.
    return (
      describeName(cells.service, fileName, position) ??
      describeName(cells.service, fileName, Math.max(0, position - 1)) ??
      describeCall(cells.service, fileName, position)
    );
  });
  if (!found) return undefined;
  const { signature, documentation } = found;
  return {
    "text/plain": [signature, documentation.replaceAll(/^```\w*\n?/gm, "").trimEnd()].filter(Boolean).join("\n\n"),
    "text/markdown": [`\`\`\`typescript\n${signature}\n\`\`\``, documentation].filter(Boolean).join("\n\n"),
  };
}

function describeName(service: ts.LanguageService, fileName: string, position: number): Description | undefined {
  const info = service.getQuickInfoAtPosition(fileName, position);
  // Of a name that nothing declares, the compiler says no more than "any".
  if (!info || info.kind === ts.ScriptElementKind.unknown) return undefined;
  return {
    signature: ts.displayPartsToString(info.displayParts),
    documentation: documentationOf(info.documentation, info.tags),
  };
}

function describeCall(service: ts.LanguageService, fileName: string, position: number): Description | undefined {
  const help = service.getSignatureHelpItems(fileName, position, undefined);
  const item = help?.items[help.selectedItemIndex];
  if (!item) return undefined;
  const parameters = item.parameters
    .map(({ displayParts }) => ts.displayPartsToString(displayParts))
    .join(ts.displayPartsToString(item.separatorDisplayParts));
  return {
    signature:
      ts.displayPartsToString(item.prefixDisplayParts) + parameters + ts.displayPartsToString(item.suffixDisplayParts),
    documentation: documentationOf(item.documentation, item.tags),
  };
}

/** Words, then what is known of parameters, result and errors, a line each, and examples as code. */
function documentationOf(text: ts.SymbolDisplayPart[] | undefined, tags: ts.JSDocTagInfo[] | undefined): string {
  const told = (tags ?? []).map(({ name, text: parts }) => ({ name, words: ts.displayPartsToString(parts).trim() }));
  const named = (wanted: string, line: (words: string) => string) =>
    told.flatMap(({ name, words }) => (name === wanted && words !== "" ? [line(words)] : [])).join("\n");
  const blocks = [
    ts.displayPartsToString(text),
    named("param", (words) => `- ${words.replace(/^(\S+)\s*-?\s*/, "`$1`: ")}`),
    named("returns", (words) => `Returns ${words}`),
    named("throws", (words) => `Throws ${words}`),
    named("deprecated", (words) => `Deprecated: ${words}`),
    named("example", (words) => `\`\`\`typescript\n${words.replace(/^```\w*\n|\n```$/g, "")}\n\`\`\``),
  ];
  return blocks.filter(Boolean).join("\n\n");
}
