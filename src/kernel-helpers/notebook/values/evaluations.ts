import type { MimeBundle } from "../../../comms/host.js";
import type { Evaluation } from "../../../explainers/index.js";
import {
  captionOf,
  failureTable,
  meanMatrix,
  trustTable,
  verdictLines,
  type WordTable,
} from "../../evaluation/in-words.js";
import { block, escaped, softly, type TableCell, tableHtml, tableText } from "./html.js";

/** Shows what `evaluate` gives: the verdict, methods × measures, how far to trust the measures, and what failed. */
export function formatEvaluation(value: unknown): MimeBundle | undefined {
  if (!isEvaluation(value)) return undefined;
  const [first = "", ...lines] = verdictLines(value);
  const parts: [WordTable | undefined, string][] = [
    [meanMatrix(value), captionOf(value)],
    [trustTable(value), "How far to trust each measure (MetaQuantus), from 0 to 1"],
    [failureTable(value), "Cells without a value, or with one that does not mean what it seems to"],
  ];
  const tables = parts.flatMap(([words, caption]) => (words === undefined ? [] : [{ words, caption }]));
  const text = [first, ...lines, ...tables.map(({ words, caption }) => `\n${textOf(words, caption)}`)].join("\n");
  const said = lines.map((line) => `<div>${softly(escaped(line))}</div>`).join("");
  const html = tables
    .map(({ words, caption }) => `<div style="margin-top: 8px">${htmlOf(words, caption)}</div>`)
    .join("");
  return { "text/plain": text, "text/html": block(`<div><b>${escaped(first)}</b></div>${said}${html}`) };
}

const isEvaluation = (value: unknown): value is Evaluation =>
  typeof value === "object" &&
  value !== null &&
  String((value as Partial<Evaluation>).format).startsWith("limpid-evaluation-") &&
  "verdict" in value;

/** Numbers stand on the right. */
const cellsOf = (rows: WordTable): TableCell[][] =>
  rows.map((row) =>
    row.map((text) => ({ text, isNumber: /^[−-]?[\d.,]+(e[−+-]?\d+)?( \(.*\)| ± [\d.]+)?$|^–$/.test(text) })),
  );

const textOf = ([heading = [], ...rows]: WordTable, caption: string) => tableText(heading, cellsOf(rows), caption);
const htmlOf = ([heading = [], ...rows]: WordTable, caption: string) => tableHtml(heading, cellsOf(rows), caption);
