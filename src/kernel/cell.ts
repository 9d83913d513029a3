/**
 * Where `language` meets `runtime`: what the code of a compiled cell may ask of the runtime, by name and arguments. The compiler
 * writes no call that does not stand here (`language/compile/cell-code.ts`), the runtime implements every one (`runtime/run.ts`).
 */

/** Holds the value of one variable of the notebook. All cells that mention the name share the box. */
export interface Box {
  v: unknown;
}

/** The object `__cell` of a cell's code. */
export interface Cell {
  /** The box of a variable of the notebook. */
  box(variable: string): Box;
  /** `import.meta` of the cell. */
  readonly meta: { url: string; dirname: string; filename: string; resolve(specifier: string): string };
  /** Notes that a statement of the cell, by index, was completed. */
  finish(statement: number): void;
  /** What `await` at the top level awaits: `value`'s outcome, or an interrupt. */
  wait(value: unknown): unknown;
  /** `import()`. */
  import(specifier: unknown, options?: unknown): Promise<unknown>;
  /** `import` declarations: binds variables, by name, to what the module exports under another. `*` is the whole module. */
  load(specifier: string, names: Record<string, string>, attributes?: Record<string, string>): Promise<void>;
  /** Takes what `using` declares, to dispose it when the cell ends. */
  use(resource: unknown): unknown;
  /** The value of the cell's last expression, once it has one. */
  result?: unknown;
}

/** The function that a cell becomes. It returns a promise when the cell awaits or imports. */
export type CellFunction = (...scope: CellScope) => unknown;

type CellScope = [
  cell: Cell,
  /** Int32Array whose first number is not 0 while something is to stop. */
  stop: Int32Array,
  /** Throws when the running request was interrupted. */
  interrupt: () => void,
  require: NodeJS.Require,
  filename: string,
  dirname: string,
];

/** The names by which a cell's code knows what it is called with. */
export const CELL = "__cell";
export const STOP = "__stop";
export const INTERRUPT = "__interrupt";
export const SCOPE: NameEach<CellScope> = [CELL, STOP, INTERRUPT, "require", "__filename", "__dirname"];

type NameEach<T extends unknown[]> = { [Place in keyof T]: string };

/** A cell that may run, and what becomes of the names it declared. */
export interface CompiledCell {
  /** JavaScript of one function expression, a `CellFunction`; its first line is the wrapper's, the cell begins on the second. */
  code: string;
  /** Source map of the code from its second line on. */
  map: string;
  /** What is wrong with the cell's types, where it runs all the same; `label` is what the cell is called. */
  warning?(label: string): string;
  /** Takes the cell out of the scope of later ones: nothing of it has run. */
  withdraw(): void;
  /** Leaves in scope what the completed statements declared. */
  keepCompleted(isCompleted: (statement: number) => boolean): void;
}

/** How a cell's code names the box of `variable`. */
export const boxName = (variable: string): string => `__v_${variable}`;

/** Whether a name in a cell's code is the compiler's: a box, or what the cell is called with. */
export const isMade = (name: string): boolean => name.startsWith("__v_") || SCOPE.includes(name);

/** The variables whose boxes JavaScript that was made of a cell mentions. */
export function boxesIn(code: string): string[] {
  return [...code.matchAll(/__v_([\p{L}\p{N}_$]+)\.v\b/gu)].map(([, variable]) => variable as string);
}

/** Turns the boxes in a message of the JavaScript engine back into the names that the user wrote. */
export function readableNames(message: string): string {
  return message.replace(
    /\(0 , __v_([\p{L}\p{N}_$]+)\.v\)|__v_([\p{L}\p{N}_$]+)\.v\b/gu,
    (_, called, plain) => called ?? plain,
  );
}
