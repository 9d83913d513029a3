/** Colors of the light theme, in which a file is read; the browser takes its own theme's. */
export const INK = "#212121";
export const SOFT = "#616161";
export const LINE = "#e0e0e0";
export const PAPER = "#ffffff";
export const ACCENT = "#1976d2";
export const BAR = "#7d8d9d";
/** Behind a bar: what is beside it. */
export const BESIDE = "#d3d9de";
/** Of a line that shows what something costs. */
export const COST = "#8c6d5a";
export const FOR = "#b2182b";
export const AGAINST = "#2166ac";

export const FONT = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif";

/** What no XML may have, not even escaped: one such character would make the whole picture unreadable. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

export const escapeXml = (words: string): string =>
  words
    .replaceAll(FORBIDDEN, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");

/** An SVG element. Attributes only: some readers of notebooks drop styles. */
export function tag(name: string, attributes: Record<string, string | number | undefined>, content = ""): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeXml(typeof value === "number" ? short(value) : value!)}"`);
  return `<${name}${written.join("")}${content === "" ? "/>" : `>${content}</${name}>`}`;
}

/** Coordinates to a hundredth of a pixel. */
const short = (value: number): string => String(Math.round(100 * value) / 100);

export interface Letters {
  size?: number;
  weight?: number;
  color?: string;
  anchor?: "start" | "middle" | "end";
}

/** A line of text whose base line starts at (x, y); a part between asterisks is emphasized. */
export function write(x: number, y: number, words: string, letters: Letters = {}): string {
  const parts = words.split(/\*([^*]+)\*/);
  const spans = parts.map((part, place) =>
    place % 2 === 1 ? tag("tspan", { "font-style": "italic" }, escapeXml(part)) : escapeXml(part),
  );
  return line(x, y, spans.join(""), letters);
}

/** The same of words that are somebody's own: asterisks stay. */
export const writeAsIs = (x: number, y: number, words: string, letters: Letters = {}): string =>
  line(x, y, escapeXml(words), letters);

function line(x: number, y: number, content: string, { size = 13, weight, color = SOFT, anchor }: Letters): string {
  const attributes = { x, y, "font-size": size, fill: color, "font-weight": weight, "text-anchor": anchor };
  return content === "" ? "" : tag("text", attributes, content);
}

/** How wide a line is at most, in the wider ones of the usual fonts. */
export function widthOf(words: string, { size = 13, weight = 400 }: Letters = {}): number {
  let width = 0;
  for (const letter of words) {
    if (/[iljI.,:;|!'·()[\]tfr ]/.test(letter)) width += 0.4;
    else if (/[mwMW@%—→]/.test(letter)) width += 0.98;
    else if (/[A-Z]/.test(letter)) width += 0.75;
    else if (letter !== "*") width += 0.64;
  }
  return width * size * (weight > 500 ? 1.08 : 1);
}

/** Words in lines no wider than that. */
export function wrap(words: string, width: number, letters: Letters = {}): string[] {
  const lines: string[] = [];
  for (const word of words.split(/\s+/).filter((part) => part !== "")) {
    const longer = `${lines.at(-1) ?? ""} ${word}`.trim();
    if (lines.length > 0 && widthOf(longer, letters) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** Words that end in … where they would be wider than that. */
export function cut(words: string, width: number, letters: Letters = {}): string {
  if (widthOf(words, letters) <= width) return words;
  const kept = [...words];
  while (kept.length > 1 && widthOf(`${kept.join("")}…`, letters) > width) kept.pop();
  return `${kept.join("").trimEnd()}…`;
}
