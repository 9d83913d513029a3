/** A variable that a report can be given another value of. */
export interface NotebookParameter {
  readonly name: string;
  /** Its value as the cell has it. */
  readonly text: string;
}

/** What is used of a notebook's file. */
export interface NotebookContent {
  readonly cells: readonly {
    readonly source: string | readonly string[];
    readonly metadata: { readonly tags?: unknown };
  }[];
}

const DECLARED = /^\s*(?:const|let|var)\s+([\p{L}_$][\p{L}\p{N}_$]*)\s*(?::[^=]*)?=(?!=)\s*(.*?)\s*;?\s*(?:\/\/.*)?$/u;

/** The variables that the cell tagged `parameters` declares in a line each; undefined where no cell is tagged. */
export function parametersOf({ cells }: NotebookContent): NotebookParameter[] | undefined {
  const cell = cells.find(({ metadata: { tags } }) => Array.isArray(tags) && tags.includes("parameters"));
  if (cell === undefined) return undefined;
  const source = typeof cell.source === "string" ? cell.source : cell.source.join("");
  return source.split("\n").flatMap((line) => {
    const [, name, text] = DECLARED.exec(line) ?? [];
    return name === undefined || text === undefined ? [] : [{ name, text }];
  });
}
