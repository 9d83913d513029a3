/** What the code of a compiled cell says of the notebook's variables. Nothing here needs Node.js: the page asks, too. */
import { boxesIn } from "../kernel/cell.js";

/** What a compiled cell imports, as it is written. */
export const specifiersIn = (code: string): string[] =>
  [...code.matchAll(/__cell\.(?:load|import)\("([^"\n]+)"/g)].map(([, specifier]) => specifier!);

/** The variables that a cell binds to what it imports, by name the module. */
export function importedIn(code: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, specifier, names] of code.matchAll(/__cell\.load\("([^"\n]*)", \{([^{}]*)\}/g)) {
    for (const [, quoted, plain] of names!.matchAll(/(?:"([^"\n]+)"|([\p{L}\p{N}_$]+))\s*:/gu)) {
      found.set((quoted ?? plain)!, specifier!);
    }
  }
  return found;
}

/**
 * The cells that cannot go on without `missing` ones, by the place in the list the variable and the cell that would have had to make it. A
 * cell that did not run may have changed everything that it mentions, except what is imported.
 */
export function dependents(
  codes: readonly (string | undefined)[],
  missing: ReadonlySet<number>,
): Map<number, { variable: string; cell: number }> {
  const imported = new Set(codes.flatMap((code, at) => (code && !missing.has(at) ? [...importedIn(code).keys()] : [])));
  const lost = new Map<string, number>();
  const found = new Map<number, { variable: string; cell: number }>();
  codes.forEach((code, at) => {
    const mentioned = new Set(boxesIn(code ?? ""));
    // What a cell imports it has, whatever bound the name before.
    if (!missing.has(at)) for (const name of importedIn(code ?? "").keys()) lost.delete(name);
    const variable = [...mentioned].find((name) => lost.has(name));
    if (!missing.has(at) && variable === undefined) return;
    if (!missing.has(at)) found.set(at, { variable: variable!, cell: lost.get(variable!)! });
    for (const name of mentioned) if (!imported.has(name) && !lost.has(name)) lost.set(name, at);
  });
  return found;
}
