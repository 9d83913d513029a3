import { existsSync } from "node:fs";
import { join } from "node:path";
import { cellName, type Notebook, type NotebookCell } from "../../src/reports/notebook.js";

/** What the first cell of every notebook tells its reader. */
const HEAD = ["You will see", "Takes", "Try"];
/** Questions that a notebook may ask before it goes on. */
const QUESTIONS = 4;

/** A tag that a cell's author gives. */
export const has = ({ tags }: NotebookCell, tag: "checks" | "heavy" | "parameters"): boolean => tags.includes(tag);

/**
 * What of a notebook's source departs from how notebooks of this package are written: its head, its questions, links beside it that lead
 * nowhere, cells of checks that check nothing, and numbers that the text states and no cell holds.
 */
export function departures(notebook: Notebook, folder: string): string[] {
  const { cells } = notebook;
  const code = cells.filter(({ kind }) => kind === "code");
  const saved = cells.some(({ outputs, count }) => outputs.length > 0 || count !== null);
  const questions = code.reduce((sum, { source }) => sum + [...source.matchAll(/\bnew Choice\(/g)].length, 0);
  return [
    ...(saved ? ["it holds what an earlier run left: clear all outputs"] : []),
    // The index shows nothing of its own.
    ...(notebook.name === "README.ipynb" ? [] : headFaults(cells[0])),
    ...(questions > QUESTIONS ? [`it asks ${questions} questions; ${QUESTIONS} are the most`] : []),
    ...cells.flatMap((cell, at) => {
      const name = cellName(cell, at);
      if (cell.kind === "markdown")
        return deadLinks(cell.source, folder).map((link) => `${name} links to ${link}, which is not there`);
      if (has(cell, "checks") && !/\bexpectClose\(|\bthrow\b/.test(cell.source))
        return [`${name} is tagged checks and checks nothing`];
      return [];
    }),
    ...unasserted(cells),
  ];
}

function headFaults(first: NotebookCell | undefined): string[] {
  const text = first?.kind === "markdown" ? first.source : "";
  const missing = [
    ...(/^# \S/.test(text) ? [] : ["a title (# …)"]),
    ...HEAD.filter((words) => !text.includes(`**${words}**`)).map((words) => `**${words}**`),
  ];
  return missing.length > 0 ? [`its first cell lacks ${missing.join(", ")}`] : [];
}

/** Links to files beside the notebook that are not there; `#…` behind a name is a place in it. */
function deadLinks(text: string, folder: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !/^(#|[a-z]+:)/i.test(link))
    .filter((link) => !existsSync(join(folder, decodeURIComponent(link.replace(/#.*$/, "")))));
}

/** Decimal numbers and percentages that the text states and that no code cell holds, as they stand or as a share of 1. */
function unasserted(cells: readonly NotebookCell[]): string[] {
  const known = new Set(cells.flatMap(({ kind, source }) => (kind === "code" ? literals(source) : [])));
  return cells.flatMap((cell, at) =>
    cell.kind === "markdown"
      ? statedNumbers(cell.source)
          .filter(({ value }) => !known.has(value) && !known.has(Number((value / 100).toPrecision(12))))
          .map(
            ({ text }) =>
              `${cellName(cell, at)} states ${text}, which no cell asserts: hold it in a cell tagged checks`,
          )
      : [],
  );
}

const literals = (code: string): number[] =>
  [...code.matchAll(/(?<![\w.])\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?/g)].map(([text]) => Number(text.replaceAll("_", "")));

/**
 * The decimal numbers and percentages of a text. A number of others is none: one in a sentence with a source (a link to the web, or the
 * word "published"), in a column headed so, in code, or the level of an interval; nor is one of how long the notebook takes.
 */
export function statedNumbers(text: string): { readonly text: string; readonly value: number }[] {
  const plain = text
    .replace(/```[\s\S]*?```/g, " ")
    .replace(/`[^`\n]*`/g, " ")
    .replace(/^.*\*\*Takes\*\*.*$/gm, " ");
  return plain
    .split(/\n\s*\n|\n(?=\s*(?:[-*] |\d+\. ))/)
    .flatMap((block) =>
      /^\s*\|/.test(block) ? tableCells(block) : block.replace(/\s*\n\s*/g, " ").split(/(?<=[.!?;])\s+(?=\S)/),
    )
    .filter((sentence) => !/published|\]\(https?:/i.test(sentence))
    .map((sentence) => (/interval|confidence/i.test(sentence) ? sentence.replace(/\b9[59]\s?%/g, " ") : sentence))
    .flatMap((sentence) => [
      ...sentence.matchAll(/(?<![\w.−-])(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(\s?%)?(?![\w.]*\d)/g),
    ])
    .filter(([, digits, percent]) => percent !== undefined || digits!.includes("."))
    .map(([all, digits]) => ({ text: all, value: Number(digits!.replaceAll(",", "")) }));
}

/** The cells of a table, but for the columns that are headed "published". */
function tableCells(block: string): string[] {
  const rows = block
    .trim()
    .split("\n")
    .map((row) =>
      row
        .trim()
        .replace(/^\||\|$/g, "")
        .split("|"),
    );
  const others = rows[0]!.map((head) => /published/i.test(head));
  return rows.flatMap((row) => row.filter((_, column) => !others[column]));
}
