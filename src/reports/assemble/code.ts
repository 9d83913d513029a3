import { createHighlighterCore, type HighlighterCore } from "shiki/core";
import { createJavaScriptRegexEngine } from "shiki/engine/javascript";
import { escaped } from "./escaped.js";

/** Languages by the names that notebooks and fences give them. */
const NAMES: Record<string, string> = {
  ...{ typescript: "typescript", ts: "typescript", mts: "typescript", tsx: "typescript" },
  ...{ javascript: "typescript", js: "typescript", mjs: "typescript", jsx: "typescript" },
  ...{ python: "python", py: "python", ipython: "python", python3: "python" },
  ...{ json: "json", bash: "shellscript", sh: "shellscript", shell: "shellscript", console: "shellscript" },
};
/** Longer code stands as it is: a grammar may need long for what nobody wrote by hand. */
const LONGEST = 100_000;
const LONGEST_LINE = 5000;
const [LIGHT, DARK] = ["github-light-default", "github-dark-default"];

/** Of a page's own background the theme's color of remarks stands out too little. */
const DARKER = { "#6e7781": "#57606a" };

/** They take a third of a second to read. */
let grammars: Promise<HighlighterCore> | undefined;

/** Highlights code, and knows the style sheet of what it has highlighted: a class a pair of colors, so that pages stay small. */
export class Highlighter {
  readonly #core: HighlighterCore;
  readonly #classes = new Map<string, string>();

  private constructor(core: HighlighterCore) {
    this.#core = core;
  }

  static async load(): Promise<Highlighter> {
    grammars ??= createHighlighterCore({
      themes: [import("shiki/themes/github-light-default.mjs"), import("shiki/themes/github-dark-default.mjs")],
      langs: [
        import("shiki/langs/typescript.mjs"),
        import("shiki/langs/python.mjs"),
        import("shiki/langs/json.mjs"),
        import("shiki/langs/shellscript.mjs"),
      ],
      engine: createJavaScriptRegexEngine(),
    });
    return new Highlighter(await grammars);
  }

  /** The inside of a `code` element. */
  html(code: string, language: string): string {
    const wanted = language.toLowerCase();
    const lang = Object.hasOwn(NAMES, wanted) ? NAMES[wanted] : undefined;
    if (lang === undefined || code.length > LONGEST || /[^\n]{5000}/.test(code)) return escaped(code);
    const { tokens } = this.#core.codeToTokens(code, {
      lang,
      themes: { light: LIGHT!, dark: DARK! },
      defaultColor: false,
      colorReplacements: { [LIGHT!]: DARKER },
      tokenizeMaxLineLength: LONGEST_LINE,
      // A limit in time would color the same code otherwise on a slower machine.
      tokenizeTimeLimit: 0,
    });
    return tokens
      .map((line) =>
        line
          .map(({ content, htmlStyle }) => {
            const name = this.#class(htmlStyle ?? {});
            return name === undefined ? escaped(content) : `<span class="${name}">${escaped(content)}</span>`;
          })
          .join(""),
      )
      .join("\n");
  }

  /** The class of a pair of colors; none where it is that of plain text. */
  #class(style: Record<string, string>): string | undefined {
    const light = style["--shiki-light"];
    const dark = style["--shiki-dark"];
    const extra = ["font-style", "font-weight"].flatMap((name) => {
      const value = style[`--shiki-light-${name}`];
      return value === undefined ? [] : [`${name}:${value}`];
    });
    if (light === undefined || dark === undefined) return undefined;
    const { fg } = this.#core.getTheme(LIGHT!);
    if (light.toLowerCase() === fg.toLowerCase() && extra.length === 0) return undefined;
    const css = [`--l:${light}`, `--d:${dark}`, ...extra].join(";");
    const known = this.#classes.get(css);
    if (known !== undefined) return known;
    const name = `k${this.#classes.size}`;
    this.#classes.set(css, name);
    return name;
  }

  /** Rules for the classes that were given. */
  get css(): string {
    const rules = [...this.#classes].map(([css, name]) => `.${name}{${css};color:light-dark(var(--l),var(--d))}`);
    return rules.join("\n");
  }
}
