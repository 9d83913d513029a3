import { formatCount } from "../../comms/format.js";
import { WIDGET_VIEW } from "../../comms/states/module.js";
import { isRecord } from "../../comms/states/traits.js";
import { joined, type NotebookBundle, type NotebookCell, type NotebookOutput } from "../notebook.js";
import { ansiHtml } from "./ansi.js";
import { escaped } from "./escaped.js";
import type { MarkdownRenderer } from "./markdown.js";
import { type Pictures, picture, sanitized } from "./sanitize.js";

/** What is shown of a text at most, in characters and lines; of more, the beginning and the end. */
const LONGEST = 60_000;
const MOST_LINES = 2000;
/** Larger HTML and pictures are left out, in characters. */
const LARGEST_HTML = 4_000_000;
const LARGEST_PICTURE = 16_000_000;
/** A drawing with more takes browsers longer than its pixels. */
const LARGEST_DRAWING = 1_500_000;

const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/** HTML that does more than stand there. */
const ACTIVE = /<(script|iframe|object|embed|video|audio|form|canvas|link)\b/i;

/** What an output is rendered with. */
export interface OutputContext {
  readonly markdown: MarkdownRenderer;
  readonly pictures: Pictures;
  /** The element of a displayed widget, around what is shown where its view cannot be. */
  readonly widget: (model: string, fallback: string) => string;
}

/** The model of the widget that an output displays; undefined where it displays none. */
export function widgetIn(output: NotebookOutput): string | undefined {
  if (!("data" in output)) return undefined;
  const view = output.data[WIDGET_VIEW];
  return isRecord(view) && typeof view["model_id"] === "string" ? view["model_id"] : undefined;
}

/** An output as HTML. */
export function outputHtml(output: NotebookOutput, context: OutputContext): string {
  switch (output.output_type) {
    case "stream":
      return textHtml(output.text, output.name === "stderr" ? "text stderr" : "text");
    case "error": {
      const { ename, evalue, traceback } = output;
      return textHtml(traceback.length > 0 ? traceback.join("\n") : `${ename}: ${evalue}`, "text error");
    }
    default: {
      const model = widgetIn(output);
      if (model === undefined) return bundleHtml(output.data, output.metadata, context);
      return context.widget(model, widgetPicture(output.data, output.metadata));
    }
  }
}

/** The picture that the notebook has of a widget, with its words. */
function widgetPicture(data: NotebookBundle, metadata: Readonly<Record<string, unknown>>): string {
  const words = joined(data["text/plain"]);
  return drawing(data, metadata, words) ?? raster(data, metadata, words) ?? textHtml(words, "text");
}

function bundleHtml(
  data: NotebookBundle,
  metadata: Readonly<Record<string, unknown>>,
  { markdown, pictures }: OutputContext,
): string {
  const words = joined(data["text/plain"]);
  const html = joined(data["text/html"]);
  const isLarge = html.length > LARGEST_HTML;
  const safe = html === "" || isLarge ? "" : sanitized(html, pictures);
  const active = ACTIVE.test(html)
    ? remark("what this output would run or load in a notebook is left out of this page")
    : "";
  if (/<img|[^\s<>](?![^<>]*>)/.test(safe)) return `<div class="html">${safe}</div>${active}`;
  const image = drawing(data, metadata, words) ?? raster(data, metadata, words);
  if (image !== undefined) return image;
  const text = joined(data["text/markdown"]);
  if (text !== "") return `<div class="prose">${markdown.render(text, pictures)}</div>`;
  const latex = joined(data["text/latex"]).trim();
  if (latex !== "") {
    return `<div class="prose">${markdown.render(/^(\$|\\begin)/.test(latex) ? latex : `$$\n${latex}\n$$`, pictures)}</div>`;
  }
  const note = isLarge ? remark(`${formatCount(html.length)} characters of HTML are left out of this page`) : active;
  if (words !== "") return textHtml(words, "text") + note;
  const json = data["application/json"];
  if (json !== undefined) return textHtml(JSON.stringify(json, undefined, 2) ?? "", "text") + note;
  const types = Object.keys(data).map((type) => type.slice(0, 80));
  return (
    note || (types.length === 0 ? "" : remark(`an output that cannot be shown here: ${types.slice(0, 5).join(", ")}`))
  );
}

function drawing(data: NotebookBundle, metadata: Readonly<Record<string, unknown>>, words: string): string | undefined {
  const svg = joined(data["image/svg+xml"]);
  if (svg === "" || svg.length > LARGEST_DRAWING) return undefined;
  const url = `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
  return picture(url, alternative(words), sizeIn(metadata["image/svg+xml"]));
}

function raster(data: NotebookBundle, metadata: Readonly<Record<string, unknown>>, words: string): string | undefined {
  const type = PICTURES.find((mime) => typeof data[mime] === "string" || Array.isArray(data[mime]));
  if (type === undefined) return undefined;
  const base64 = joined(data[type]).replaceAll(/[^A-Za-z\d+/=]/g, "");
  if (base64.length > LARGEST_PICTURE)
    return remark(`a picture of ${formatCount(base64.length)} characters is left out of this page`);
  return picture(`data:${type};base64,${base64}`, alternative(words), sizeIn(metadata[type]));
}

/** What a picture says to who does not see it: what `inspect` writes of bytes says nothing. */
const alternative = (words: string): string =>
  words === "" || /^(<|image\/)/.test(words) ? "picture that this cell shows" : words.slice(0, 2000);

const sizeIn = (value: unknown): { width?: number; height?: number } => (isRecord(value) ? value : {});

/** Text of a terminal, shortened where it is long. */
function textHtml(text: string, classes: string): string {
  const { head, tail, left } = shortened(text);
  const pre = (part: string) => `<pre class="${classes}" tabindex="0">${ansiHtml(part)}</pre>`;
  if (left === 0) return pre(head);
  return pre(head) + remark(`${formatCount(left)} characters are left out here`) + pre(tail);
}

/** The beginning and the end of a text, cut at ends of lines where there are some. */
function shortened(text: string): { head: string; tail: string; left: number } {
  const lines = text.length <= LONGEST ? countLines(text) : 0;
  if (text.length <= LONGEST && lines <= MOST_LINES) return { head: text, tail: "", left: 0 };
  let head = text.slice(0, (2 * LONGEST) / 3);
  let tail = text.slice(-LONGEST / 3);
  head = firstLines(head, (2 * MOST_LINES) / 3);
  tail = lastLines(tail, MOST_LINES / 3);
  if (head.length + tail.length >= text.length) return { head: text, tail: "", left: 0 };
  return { head, tail, left: text.length - head.length - tail.length };
}

const countLines = (text: string): number => text.split("\n").length;

function firstLines(text: string, most: number): string {
  const lines = text.split("\n");
  const kept = lines.length > 1 ? lines.slice(0, Math.min(lines.length - 1, Math.floor(most))) : lines;
  return kept.join("\n");
}

function lastLines(text: string, most: number): string {
  const lines = text.split("\n");
  const kept = lines.length > 1 ? lines.slice(Math.max(1, lines.length - Math.floor(most))) : lines;
  return kept.join("\n");
}

const remark = (words: string): string => `<p class="remark" role="note">${escaped(words)}</p>`;

/** What a code cell put out, in words for who jumps over it. */
export const outputsLabel = (cell: NotebookCell, name: string): string =>
  cell.outputs.length === 1 ? `Output of ${name}` : `Outputs of ${name}`;
