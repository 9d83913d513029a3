import ts from "#typescript";
import type { CellFile } from "./cells.js";

export type Bindings = ReturnType<typeof bindings>;

/** Answers which names of a cell are variables of the notebook: declared at the top level of this or an earlier cell. */
export function bindings(file: CellFile, checker: ts.TypeChecker, isCell: (fileName: string) => boolean) {
  const localOf = (source: CellFile, name: string) => source.locals?.get(ts.escapeLeadingUnderscores(name));

  function isTopLevel(declaration: ts.Declaration, name: string): boolean {
    const source: CellFile = declaration.getSourceFile();
    if (!isCell(source.fileName)) return false;
    return localOf(source, name)?.declarations?.includes(declaration) ?? false;
  }

  function isVariable(symbol: ts.Symbol | undefined, name: string): boolean {
    return symbol?.declarations?.some((d) => !isAmbient(d) && isTopLevel(d, name)) ?? false;
  }

  /** True when an import brings a value, not only a type. Unknown (untyped) imports count as values. */
  function isValueImport(name: ts.Identifier): boolean {
    const symbol = checker.getSymbolAtLocation(name);
    if (!symbol || !(symbol.flags & ts.SymbolFlags.Alias)) return true;
    const aliased = checker.getAliasedSymbol(symbol);
    const known = aliased.flags & (ts.SymbolFlags.Value | ts.SymbolFlags.Type | ts.SymbolFlags.Namespace);
    return known === 0 || (aliased.flags & ts.SymbolFlags.Value) !== 0;
  }

  /**
   * True when `id`, standing where an expression stands, refers to a variable of the notebook. Inside a class its own
   * name stays the class's: static members need it before the declaration is complete.
   */
  function isReference(id: ts.Identifier): boolean {
    const symbol = ts.isShorthandPropertyAssignment(id.parent)
      ? checker.getShorthandAssignmentValueSymbol(id.parent)
      : checker.getSymbolAtLocation(id);
    if (!isVariable(symbol, id.text)) return false;
    const inOwnClass = symbol?.declarations?.some(
      (d) => ts.isClassDeclaration(d) && d.getSourceFile() === file && id.pos >= d.pos && id.end <= d.end,
    );
    return !inOwnClass;
  }

  /** Whether a name that stands nowhere in the text means a variable of the notebook. */
  function isKnown(name: string): boolean {
    return isVariable(checker.resolveName(name, file, ts.SymbolFlags.Value, false), name);
  }

  return {
    isReference,
    isKnown,
    isValueImport,
    /** True for a `var`, `let` or `const` at the top level of this cell, however deep `var` stands in blocks. */
    declares: (name: ts.Identifier): boolean =>
      localOf(file, name.text)?.declarations?.some((d) => d === name.parent) ?? false,
    /** Names of this cell that hold values, and so live on as variables of the notebook. */
    names(): string[] {
      const found: string[] = [];
      for (const [name, symbol] of file.locals ?? []) {
        const declarations = symbol.declarations ?? [];
        const value = symbol.flags & (ts.SymbolFlags.Value | ts.SymbolFlags.ExportValue | ts.SymbolFlags.Alias);
        if (value && declarations.some((d) => !isAmbient(d))) found.push(ts.unescapeLeadingUnderscores(name));
      }
      return found;
    },
  };
}

function isAmbient(declaration: ts.Declaration): boolean {
  return (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Ambient) !== 0;
}
