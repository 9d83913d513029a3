import { readFileSync } from "node:fs";
import { join } from "node:path";
import { formatCount } from "../../comms/format.js";
import { type OutputKind, PARTS, type ReportCell, type ReportManifest, type ReportView } from "../format.js";
import { levelWords } from "../level-words.js";
import { cellName, type NotebookCell, type NotebookOutput } from "../notebook.js";
import type { BlobStore } from "./blob-store.js";
import { Highlighter } from "./code.js";
import { contentsHtml } from "./contents.js";
import { jsonElement, Script, styleElement } from "./elements.js";
import { escaped } from "./escaped.js";
import { picturesOf } from "./local-pictures.js";
import { MarkdownRenderer } from "./markdown.js";
import { type OutputContext, outputHtml, outputsLabel, widgetIn } from "./outputs.js";

/**
 * What nothing in a report may do: ask the network, or run. Only the page's own scripts do, by their hashes, and what they make themselves: a
 * handler or a script that a notebook has smuggled in is refused by the browser, wherever it stands.
 */
const policy = (hashes: readonly string[]): string =>
  [
    "default-src 'none'",
    `script-src ${hashes.map((hash) => `'sha256-${hash}'`).join(" ")} 'wasm-unsafe-eval' blob:`,
    "style-src 'unsafe-inline'",
    "img-src data: blob:",
    "font-src data:",
    "connect-src data: blob:",
    "worker-src blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");

/** What a report is made of. */
export interface ReportSource {
  /** The notebook's file name. */
  readonly name: string;
  readonly language: string;
  readonly cells: readonly NotebookCell[];
  /** Where pictures of its text are. */
  readonly folder: string;
  readonly blobs: BlobStore;
  /** What the page knows, but for the cells and the title, which are made here. */
  readonly manifest: Omit<ReportManifest, "cells" | "title" | "blobs">;
  /** How cells go on in the page, by their ids. */
  readonly replay?: ReadonlyMap<string, NonNullable<ReportCell["replay"]>>;
  /** The page's script with its style, where it has widgets. */
  readonly page?: { readonly script: string; readonly style: string };
  readonly ledger?: unknown;
  readonly provenance?: unknown;
  /** Limpid's folder, which has the page's scripts and styles. */
  readonly limpid: string;
}

/**
 * The HTML of a report: one file that loads nothing.
 *
 * The same source gives the same text.
 */
export async function assembled(source: ReportSource): Promise<string> {
  const { cells, folder, blobs, limpid, manifest, language } = source;
  const highlighter = await Highlighter.load();
  const markdown = new MarkdownRenderer(highlighter);
  const viewAt = new Map(manifest.views.map((view, at) => [`${view.cell}/${view.output}`, { view, at }]));
  const reportCells: ReportCell[] = [];
  const parts = cells.map((cell, index) => {
    const pictures = picturesOf(cell, folder);
    if (cell.kind === "markdown") {
      const html = markdown.render(cell.source, pictures);
      return html.trim() === "" ? "" : `<section class="cell prose">${html}</section>`;
    }
    if (cell.kind === "raw") {
      const isEmpty = cell.source.trim() === "";
      return isEmpty ? "" : `<section class="cell raw"><pre tabindex="0">${escaped(cell.source)}</pre></section>`;
    }
    const at = reportCells.length;
    const name = cellName(cell, index);
    const replay = source.replay?.get(cell.id);
    const outputs = cell.outputs.map(kindOf);
    reportCells.push({ index, id: cell.id, name, count: cell.count, outputs, ...(replay && { replay }) });
    const context = (output: number): OutputContext => ({
      markdown,
      pictures,
      widget: (_, fallback) => {
        const found = viewAt.get(`${at}/${output}`);
        return found === undefined ? fallback : viewHtml(found.at, found.view, fallback);
      },
    });
    return codeCellHtml(cell, at, name, highlighter, language, context);
  });
  const title = markdown.headings.find(({ text }) => text !== "")?.text ?? source.name.replace(/\.ipynb$/, "");
  const contents = contentsHtml(markdown.headings);
  const whole: ReportManifest = { ...manifest, title, cells: reportCells, blobs: blobs.list };
  const css = readFileSync(join(limpid, "src", "reports", "assemble", "report.css"), "utf8");
  const reading = readFileSync(join(limpid, "build", "src", "page", "reading.js"), "utf8");
  const scripts = [
    ...(source.page ? [new Script(source.page.script)] : []),
    new Script(reading.replace(/^\/\/# sourceMappingURL=.*$/m, ""), ' type="module"'),
  ];
  // The page makes a script of what draws charts.
  const charts = whole.blobs.find(({ id }) => id === manifest.charts);
  const hashes = [
    ...scripts.map(({ hash }) => hash),
    ...(charts ? [Buffer.from(charts.sha256, "hex").toString("base64")] : []),
  ];
  // Widgets show what was stored before the browser has read what the page computes with, which is most of the file.
  const early = new Set([
    ...manifest.models.flatMap((model) => model.buffers.map(({ blob }) => blob)),
    ...manifest.tables.flatMap((table) => table.blobs),
    ...(charts ? [charts.id] : []),
  ]);
  const hasHeading = markdown.headings.some(({ level }) => level === 1);

  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(hashes)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Limpid ${escaped(manifest.limpid)}">
<meta name="referrer" content="no-referrer">
<title>${escaped(title)}</title>
${source.page ? styleElement(source.page.style) : ""}
${styleElement(css)}
${styleElement(highlighter.css)}
</head>
<body class="limpid-report${contents === "" ? "" : " with-drawer"}">
<a class="skip" href="#limpid-content">Skip to the text</a>
<header class="bar">
<span class="title">${escaped(title)}</span>
<button type="button" data-action="code" aria-pressed="false" aria-label="Show all code" title="Show all code" hidden>${CODE_ICON}<span class="word">Code</span></button>
<button type="button" data-action="theme" aria-pressed="false" aria-label="Dark theme" title="Dark theme" hidden>${THEME_ICON}<span class="word">Dark</span></button>
</header>
<div class="layout${contents === "" ? "" : " with-contents"}">
${contents}
<main id="limpid-content">
<div id="${PARTS.status}" class="status"></div>
${hasHeading ? "" : `<div class="prose"><h1>${escaped(title)}</h1></div>`}
${parts.filter((part) => part !== "").join("\n")}
<footer class="colophon">
${aboutHtml(whole)}
</footer>
</main>
</div>
${jsonElement(PARTS.manifest, whole)}
${source.ledger === undefined ? "" : jsonElement(PARTS.ledger, source.ledger)}
${source.provenance === undefined ? "" : jsonElement(PARTS.provenance, source.provenance, "application/ld+json")}
${blobs.elements((id) => early.has(id))}
${scripts.map(({ element }) => element).join("\n")}
${blobs.elements((id) => !early.has(id))}
</body>
</html>
`;
}

function codeCellHtml(
  cell: NotebookCell,
  at: number,
  name: string,
  highlighter: Highlighter,
  language: string,
  context: (output: number) => OutputContext,
): string {
  const code = cell.source.replace(/\s+$/, "");
  const lines = code.split("\n");
  const first = firstLine(code);
  const count = `${formatCount(lines.length)} ${lines.length === 1 ? "line" : "lines"}`;
  const label = `Code of ${name}, ${count}`;
  const fold =
    code === ""
      ? ""
      : `<details class="code"><summary><span class="unseen">Code of ${escaped(name)}: </span><span class="first-line">${highlighter.html(first, language)}</span><span class="lines">${count}</span></summary><pre class="source" tabindex="0" aria-label="${escaped(label)}"><code>${highlighter.html(code, language)}</code></pre></details>`;
  const outputs = cell.outputs
    .map((output, place) => {
      const displays = "data" in output ? " data-displays" : "";
      return `<div class="output" data-output="${place}"${displays}>${outputHtml(output, context(place))}</div>`;
    })
    .join("\n");
  const shown =
    outputs === ""
      ? ""
      : `<div class="outputs" role="group" aria-label="${escaped(outputsLabel(cell, name))}">${outputs}</div>`;
  // What the text states is asserted there: it is computed and compared as everything is, and shown with the code.
  const kind = cell.tags.includes("checks") ? "cell checks" : "cell";
  return fold + shown === "" ? "" : `<section class="${kind}" data-cell="${at}">${fold}${shown}</section>`;
}

/** The line that says most of folded code: the first that imports nothing. */
function firstLine(code: string): string {
  const rest = code.replace(/^\s*(import\s[^;]*?["'][^"'\n]*["'];?[^\S\n]*\n\s*)+/, "");
  const lines = (rest.trim() === "" ? code : rest).split("\n");
  return (lines.find((line) => line.trim() !== "") ?? "").trim().slice(0, 200);
}

/** Where a widget's view goes; until then, and where none can be, the picture that was stored. */
function viewHtml(at: number, view: ReportView, fallback: string): string {
  const { name, words } = levelWords(view, "stored");
  const badge = `<p class="level" data-level-of="${at}"><strong>${escaped(name)}</strong> <span>${escaped(words)}</span></p>`;
  return `<div class="view" data-view="${at}" data-level="${view.level}">${fallback}</div>${badge}`;
}

function aboutHtml({ notebook, limpid, parameters, run }: ReportManifest): string {
  const given = parameters.map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join(", ");
  const made =
    run === "executed"
      ? "All of its cells were run, from the first to the last, when this page was made."
      : "It shows what the notebook's file held; nothing was run when this page was made.";
  return [
    `<p>Made from ${escaped(notebook.name)} by Limpid ${escaped(limpid)}. ${made}</p>`,
    ...(given === "" ? [] : [`<p>Parameters: ${escaped(given)}</p>`]),
  ].join("\n");
}

const kindOf = (output: NotebookOutput): OutputKind => {
  if (output.output_type === "stream") return output.name;
  if (output.output_type === "error") return "error";
  if (widgetIn(output) !== undefined) return "widget";
  return output.output_type === "execute_result" ? "result" : "display";
};

const CODE_ICON =
  '<svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="m5 4.5-3.5 3.5 3.5 3.5m6-7 3.5 3.5-3.5 3.5m-1.500-8.500-3 10"/></svg>';
const THEME_ICON =
  '<svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linejoin="round" aria-hidden="true"><path d="M13.500 9.500a6 6 0 0 1-7-7 6 6 0 1 0 7 7Z"/></svg>';
