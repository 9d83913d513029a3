/**
 * What a cell sees of those before it, in a number of steps that does not grow: a name is looked up in some cells, and then in a table of
 * what all before them declare.
 */
import ts from "#typescript";
import { bindSourceFile } from "./growth.js";

/** Fields of a source file that the compiler keeps to itself, but that give cells their scope. */
export interface CellFile extends ts.SourceFile {
  locals?: Map<ts.__String, ts.Symbol>;
  /** Set by the language service. */
  version?: string;
}

/** So many cells are looked through one by one. */
const CELLS = 32;
/** Behind so many, what earlier ones inferred is inferred in their order: from the last one, it could be too deep. */
const DEEP = 100;

const MEANINGS = ts.SymbolFlags.Value | ts.SymbolFlags.Type | ts.SymbolFlags.Namespace;

/** Fields of a source file's module that the compiler keeps to itself. */
interface ScopeFile extends CellFile {
  symbol?: ts.Symbol;
}

/** What all cells up to one declare. A name may be a value of one cell and a type of another: hence more than one table, the later first. */
type Fold = readonly ScopeFile[];

/** The scopes of the cells of one program, which are put into each other in their order. */
export function scopes(program: ts.Program) {
  /** Of the first cells, of twice as many, and so on. */
  const folds: Fold[] = [];

  /** The names that later cells see of a file, each with one meaning or more. */
  function* declared(file: ScopeFile): Iterable<[ts.__String, ts.Symbol]> {
    for (const [name, symbol] of file.locals ?? []) {
      if (symbol.flags !== ts.SymbolFlags.ExportValue) yield [name, symbol];
    }
    for (const [name, symbol] of file.symbol?.exports ?? []) {
      if (name !== ts.InternalSymbolName.Default && symbol.flags !== ts.SymbolFlags.Alias) yield [name, symbol];
    }
  }

  const meaningsOf = (symbol: ts.Symbol): number =>
    MEANINGS &
    (symbol.flags & ts.SymbolFlags.Alias ? program.getTypeChecker().getAliasedSymbol(symbol).flags : symbol.flags);

  /** `cells` are the last ones, the latest first. */
  function fold(earlier: Fold | undefined, cells: readonly ScopeFile[]): Fold {
    const known = new Map<ts.__String, { meanings: number; symbols: ts.Symbol[] }>();
    const add = (name: ts.__String, symbol: ts.Symbol): void => {
      const found = known.get(name) ?? { meanings: 0, symbols: [] };
      const meanings = meaningsOf(symbol);
      if ((meanings & ~found.meanings) === 0 || found.symbols.includes(symbol)) return;
      found.symbols.push(symbol);
      found.meanings |= meanings;
      known.set(name, found);
    };
    for (const file of cells) for (const [name, symbol] of declared(file)) add(name, symbol);
    for (const table of earlier ?? []) for (const [name, symbol] of table.locals ?? []) add(name, symbol);
    const depth = Math.max(1, ...[...known.values()].map(({ symbols }) => symbols.length));
    const tables = Array.from({ length: depth }, (_, index) => {
      const table = emptyModule();
      table.locals = new Map(
        [...known].flatMap(([name, { symbols }]) => (symbols[index] ? [[name, symbols[index]] as const] : [])),
      );
      return table;
    });
    tables.forEach((table, index) => {
      nest(table, tables[index + 1]);
    });
    return tables;
  }

  function emptyModule(): ScopeFile {
    const file: ScopeFile = ts.createSourceFile("__limpid_scope.ts", "export {};", ts.ScriptTarget.Latest);
    bindSourceFile(file, program.getCompilerOptions());
    return file;
  }

  return {
    /** Puts the cell `fileAt(index)` into the scope of those before it, which have been put into theirs. */
    enter(index: number, fileAt: (index: number) => ScopeFile): void {
      const isFirst = index % CELLS === 0;
      if (isFirst && index > 0) {
        const earlier = index / CELLS - 1;
        const cells = Array.from({ length: CELLS }, (_, place) => fileAt(index - 1 - place));
        // Made anew: since it was, the last cell may have become another.
        folds[earlier] = fold(folds[earlier - 1], cells);
      }
      nest(fileAt(index), isFirst ? folds[index / CELLS - 1]?.[0] : fileAt(index - 1));
    },
    /** Lets the checker infer what cells declare, in their order. */
    infer(files: readonly ts.SourceFile[]): void {
      if (files.length < DEEP) return;
      const checker = program.getTypeChecker();
      for (const file of files) {
        for (const [, symbol] of declared(file)) {
          if (!(symbol.flags & ts.SymbolFlags.Value)) continue;
          for (const call of checker.getTypeOfSymbol(symbol).getCallSignatures()) call.getReturnType();
        }
      }
    },
  };
}

const nest = (file: ts.SourceFile, scope: ts.SourceFile | undefined): void => {
  (file as { parent: ts.Node | undefined }).parent = scope;
};
