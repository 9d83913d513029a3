import { escaped } from "./escaped.js";

interface Style {
  readonly foreground?: string;
  readonly background?: string;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly strike?: boolean;
  readonly inverse?: boolean;
}

/** So many changes of style are shown; a text that has more is no text for eyes. */
const MOST = 5000;

/** Sequences that a terminal obeys: colors, the rest of CSI, OSC with its text, and single escapes. */
const SEQUENCES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are told by control characters.
  /\x1b\[([\d;:]{0,64})m|(?:\x1b\[|\x9b)[\d;:?<=>!]{0,64}[ -/]{0,8}[@-~]?|\x1b\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)?|\x1b[ -/]{0,4}[0-~]?/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what is left of them shows nothing.
const CONTROLS = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g;

/** Text with a terminal's colors as HTML; what else a terminal would obey is left out. */
export function ansiHtml(text: string): string {
  const parts: string[] = [];
  let style: Style = {};
  let at = 0;
  let spans = 0;
  const put = (end: number) => {
    const plain = text.slice(at, end).replace(CONTROLS, "");
    if (plain === "") return;
    const [classes, css] = spans < MOST ? looks(style) : ["", ""];
    if (classes === "" && css === "") parts.push(escaped(plain));
    else {
      spans += 1;
      const attributes = `${classes && ` class="${classes}"`}${css && ` style="${css}"`}`;
      parts.push(`<span${attributes}>${escaped(plain)}</span>`);
    }
  };
  for (const { 0: sequence, 1: codes, index } of text.matchAll(SEQUENCES)) {
    put(index);
    at = index + sequence.length;
    if (codes !== undefined) style = styled(style, codes.split(/[;:]/).map(Number));
  }
  put(text.length);
  return parts.join("");
}

function looks(style: Style): [classes: string, css: string] {
  const { bold, dim, italic, underline, strike, inverse } = style;
  const [foreground, background] = inverse
    ? [style.background ?? "page", style.foreground ?? "text"]
    : [style.foreground, style.background];
  const classes = [
    ...(foreground !== undefined && !foreground.startsWith("#") ? [`ansi-${foreground}`] : []),
    ...(background !== undefined && !background.startsWith("#") ? [`ansi-on-${background}`] : []),
    ...(bold ? ["ansi-bold"] : []),
    ...(dim ? ["ansi-dim"] : []),
    ...(italic ? ["ansi-italic"] : []),
    ...(underline ? ["ansi-underline"] : []),
    ...(strike ? ["ansi-strike"] : []),
  ];
  const css = [
    ...(foreground?.startsWith("#") ? [`color:${foreground}`] : []),
    ...(background?.startsWith("#") ? [`background:${background}`] : []),
  ];
  return [classes.join(" "), css.join(";")];
}

function styled(style: Style, codes: readonly number[]): Style {
  let now: Style = style;
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i]!;
    if (code === 0) now = {};
    else if (code === 1) now = { ...now, bold: true };
    else if (code === 2) now = { ...now, dim: true };
    else if (code === 3) now = { ...now, italic: true };
    else if (code === 4) now = { ...now, underline: true };
    else if (code === 7) now = { ...now, inverse: true };
    else if (code === 9) now = { ...now, strike: true };
    else if (code === 22) now = without(now, "bold", "dim");
    else if (code === 23) now = without(now, "italic");
    else if (code === 24) now = without(now, "underline");
    else if (code === 27) now = without(now, "inverse");
    else if (code === 29) now = without(now, "strike");
    else if (code === 39) now = without(now, "foreground");
    else if (code === 49) now = without(now, "background");
    else if (code >= 30 && code <= 37) now = { ...now, foreground: String(code - 30) };
    else if (code >= 90 && code <= 97) now = { ...now, foreground: String(code - 82) };
    else if (code >= 40 && code <= 47) now = { ...now, background: String(code - 40) };
    else if (code >= 100 && code <= 107) now = { ...now, background: String(code - 92) };
    else if (code === 38 || code === 48) {
      const [color, length] = extended(codes.slice(i + 1));
      i += length;
      if (color !== undefined) now = { ...now, [code === 38 ? "foreground" : "background"]: color };
    }
  }
  return now;
}

/** `5;N` of 256 colors, or `2;R;G;B`; and how many numbers it took. */
function extended([kind, a = 0, b = 0, c = 0]: readonly number[]): [color: string | undefined, length: number] {
  const hex = (...rgb: number[]) => `#${rgb.map((part) => Math.min(255, part).toString(16).padStart(2, "0")).join("")}`;
  if (kind === 2) return [hex(a, b, c), 4];
  if (kind !== 5 || a > 255) return [undefined, kind === 5 ? 2 : 1];
  if (a < 16) return [String(a), 2];
  if (a >= 232) {
    const gray = 8 + 10 * (a - 232);
    return [hex(gray, gray, gray), 2];
  }
  const level = (part: number) => (part === 0 ? 0 : 55 + 40 * part);
  const cube = a - 16;
  return [hex(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)), 2];
}

function without(style: Style, ...names: (keyof Style)[]): Style {
  return Object.fromEntries(Object.entries(style).filter(([name]) => !names.includes(name as keyof Style)));
}
