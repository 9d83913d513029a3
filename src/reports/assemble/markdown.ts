import { randomBytes } from "node:crypto";
import katexPlugin from "@vscode/markdown-it-katex";
import katex from "katex";
import MarkdownIt, { type PluginWithOptions } from "markdown-it";
import type { Highlighter } from "./code.js";
import { escaped } from "./escaped.js";
import { anchor, type Pictures, picture, sanitized } from "./sanitize.js";

/** A heading of the notebook, for the table of contents. */
export interface Heading {
  readonly level: number;
  readonly id: string;
  /** Its words as HTML without links. */
  readonly html: string;
  /** Its words alone. */
  readonly text: string;
}

/** Mathematics may not load, link, define without end, or be larger than the page. */
const MATH = { output: "mathml", throwOnError: false, trust: false, strict: "ignore", maxSize: 40, maxExpand: 500 };
/** Longer mathematics, or text, is shown as it was written: parsers of both take long for what nobody wrote by hand. */
const LONGEST_MATH = 10_000;
const LONGEST_TEXT = 500_000;

// CommonJS, whose types are those of another form of markdown-it.
const mathematics = (katexPlugin.default ?? katexPlugin) as unknown as PluginWithOptions<object>;

interface Environment {
  readonly pictures: Pictures;
}

/**
 * Markdown as JupyterLab shows it: mathematics, tables, highlighted fences, HTML.
 *
 * What is ours (mathematics, highlighted code, pictures) is kept aside while the rest is sanitized, and put back after.
 */
export class MarkdownRenderer {
  readonly #markdown: MarkdownIt;
  readonly #highlighter: Highlighter;
  /** No text of a notebook can hold this by design. */
  readonly #sign = `slot${randomBytes(12).toString("hex")}n`;
  #slots: string[] = [];
  readonly #headings: Heading[] = [];
  readonly #taken = new Map<string, number>();

  constructor(highlighter: Highlighter) {
    this.#highlighter = highlighter;
    const markdown = new MarkdownIt({ html: true, linkify: true });
    markdown.use(mathematics, { katex, enableBareBlocks: true, ...MATH });
    const { rules } = markdown.renderer;
    for (const name of [
      "math_inline",
      "math_inline_block",
      "math_inline_bare_block",
      "math_block",
      "math_block_bare",
    ]) {
      const rule = rules[name];
      if (rule === undefined) continue;
      rules[name] = (tokens, at, ...rest) => {
        const { content } = tokens[at]!;
        const html = content.length > LONGEST_MATH ? `<code>${escaped(content)}</code>` : rule(tokens, at, ...rest);
        return this.#slot(name === "math_inline" ? html : `<div class="math">${html}</div>`);
      };
    }
    rules["fence"] = (tokens, at) => this.#fence(tokens[at]!.content, tokens[at]!.info);
    rules["code_block"] = (tokens, at) => this.#fence(tokens[at]!.content, "");
    rules["image"] = (tokens, at, options, env: Environment) => {
      const token = tokens[at]!;
      const alt = markdown.renderer.renderInlineAsText(token.children ?? [], options, env);
      const found = env.pictures(token.attrGet("src") ?? "");
      if ("url" in found) return this.#slot(picture(found.url, alt));
      return this.#slot(`<em class="missing">${escaped(alt === "" ? found.reason : `${alt}: ${found.reason}`)}</em>`);
    };
    this.#markdown = markdown;
  }

  /** The headings of all that was rendered so far, in its order. */
  get headings(): readonly Heading[] {
    return this.#headings;
  }

  /** A cell's text as HTML. Raw HTML in it is sanitized. */
  render(source: string, pictures: Pictures): string {
    if (source.length > LONGEST_TEXT) return `<pre>${escaped(source)}</pre>`;
    this.#slots = [];
    const env: Environment = { pictures };
    const { renderer, options } = this.#markdown;
    const tokens = this.#markdown.parse(source, env);
    for (const [at, token] of tokens.entries()) {
      if (token.type !== "heading_open") continue;
      const children = tokens[at + 1]?.children ?? [];
      const text = children
        .map(({ type, content }) =>
          /^(text|code_inline|math_inline)$/.test(type) ? content : type === "softbreak" ? " " : "",
        )
        .join("")
        .trim();
      const plain = children.filter(({ type }) => !/^(link_|image|html_)/.test(type));
      const html = this.#finished(renderer.render(plain, options, env), pictures);
      const id = this.#free(text);
      // Given a prefix when it is sanitized, as every name of the notebook's.
      token.attrSet("id", id);
      this.#headings.push({ level: Number(token.tag.slice(1)), id: anchor(id), html, text });
    }
    return this.#finished(renderer.render(tokens, options, env), pictures);
  }

  #finished(html: string, pictures: Pictures): string {
    const slots = new RegExp(`${this.#sign}(\\d+)e`, "g");
    return sanitized(html, pictures).replace(slots, (_, at) => this.#slots[Number(at)] ?? "");
  }

  #slot(html: string): string {
    this.#slots.push(html);
    return `${this.#sign}${this.#slots.length - 1}e`;
  }

  #fence(content: string, info: string): string {
    const language = /^[\w+#-]*/.exec(info.trim())?.[0] ?? "";
    return this.#slot(
      `<pre class="source" tabindex="0"><code>${this.#highlighter.html(content.replace(/\n$/, ""), language)}</code></pre>\n`,
    );
  }

  /** An id that no heading had before, made as JupyterLab makes it, so that links of the notebook lead there. */
  #free(text: string): string {
    const slug = text.slice(0, 80).replaceAll(/\s+/g, "-") || "section";
    const before = this.#taken.get(slug) ?? 0;
    this.#taken.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before + 1}`;
  }
}
