import { format } from "d3-format";
import { drawing, paragraph, type StaticPicture } from "../pictures/drawing/static-picture.js";
import { ACCENT, cut, INK, LINE, PAPER, SOFT, tag, widthOf, write } from "../pictures/drawing/svg.js";

const [LABEL, FIELD, HEIGHT] = [96, 190, 28];
const LINE_STRONG = "#bdbdbd";

/** What controls have that can be drawn, by what they have. */
interface Drawn {
  description?: string;
  value?: unknown;
  min?: number;
  max?: number;
  base?: number;
  /** Whether the value is shown; of a mark, what it says. */
  readout?: boolean | string;
  readout_format?: string;
  bar_style?: string;
  label?: string | readonly string[] | null;
  options?: readonly (string | { label: string })[];
  rows?: number | null;
  concise?: boolean;
  tooltips?: unknown;
  placeholder?: string;
}

/** A control as it stands in a page, at rest: its label and its value. */
export function controlPicture(kind: string, control: Drawn): StaticPicture | null {
  const { description = "", value } = control;
  if (kind === "HTML" || kind === "HTMLMath" || kind === "Label")
    return paragraph(plain(String(value)), 420, { color: INK });
  if (kind === "Button" || kind === "FileUpload") return button(description);
  if (kind === "ToggleButton") return button(description, value === true);
  const field = fieldOf(kind, control);
  if (field === null) return null;
  const label = description === "" ? "" : write(LABEL - 8, 18, cut(plain(description), LABEL - 10), { anchor: "end" });
  const svg = label + tag("g", { transform: `translate(${LABEL} 0)` }, field.svg);
  return drawing(LABEL + field.width, HEIGHT, svg);
}

function fieldOf(kind: string, control: Drawn): StaticPicture | null {
  const { value, base } = control;
  const [min, max] = [control.min ?? 0, control.max ?? 1];
  if (kind.startsWith("Selection")) return overOptions(control);
  if (kind.endsWith("RangeSlider")) {
    const ends = (value as number[]).map((end) => (end - min) / (max - min || 1));
    const shown = (value as number[]).map((end) => readout(end, control.readout_format)).join(" – ");
    return slider(ends, control.readout === false ? "" : shown);
  }
  if (kind.endsWith("Slider")) {
    const position = base === undefined ? Number(value) : Math.log(Number(value)) / Math.log(base);
    const shown = control.readout === false ? "" : readout(Number(value), control.readout_format);
    return slider([(position - min) / (max - min || 1)], shown);
  }
  if (kind.endsWith("Progress")) return progress((Number(value) - min) / (max - min || 1));
  if (kind === "Checkbox") return checkbox(value === true);
  if (kind === "ToggleButtons") return toggles(control);
  if (kind === "Dropdown") return box(String(control.label ?? ""), true);
  if (kind === "Valid") return box(value === true ? "✓" : `✗ ${control.readout}`, false);
  if (kind === "Select" || kind === "SelectMultiple" || kind === "RadioButtons") return choices(kind, control);
  if (kind === "ColorPicker") return swatches([String(value)], !control.concise);
  if (kind === "ColorsInput") return swatches(value as string[], false);
  if (Array.isArray(value)) return box(value.join(", ") || (control.placeholder ?? ""), false);
  if (value === null || ["string", "number"].includes(typeof value) || value instanceof Date) {
    const written = value instanceof Date ? value.toISOString() : String(value ?? "");
    return box(written || (control.placeholder ?? ""), kind === "Combobox");
  }
  return null;
}

/** A slider over options, with one handle or two. */
function overOptions({ options = [], label, readout: isRead }: Drawn): StaticPicture {
  const labels = options.map((option) => (typeof option === "string" ? option : option.label));
  const chosen = typeof label === "string" ? [label] : [...(label ?? [])];
  const ends = chosen.map((one) => labels.indexOf(one) / (labels.length - 1 || 1));
  return slider(ends, isRead === false ? "" : chosen.join(" – "));
}

/** Options below each other, those that are chosen marked. */
function choices(kind: string, { options = [], label, rows }: Drawn): StaticPicture {
  const labels = options.map((option) => (typeof option === "string" ? option : option.label));
  const chosen = typeof label === "string" ? [label] : (label ?? []);
  const shown = labels.slice(0, rows ?? labels.length);
  const lines = shown.map((one, place) => {
    const isChosen = chosen.includes(one);
    const mark =
      kind === "RadioButtons"
        ? tag("circle", { cx: 8, cy: 20 * place + 14, r: 4, fill: isChosen ? ACCENT : PAPER, stroke: LINE_STRONG })
        : tag("rect", { x: 0, y: 20 * place + 4, width: FIELD, height: 20, fill: isChosen ? LINE : PAPER });
    return mark + write(kind === "RadioButtons" ? 18 : 8, 20 * place + 18, cut(one, FIELD - 24), { color: INK });
  });
  return drawing(FIELD, Math.max(HEIGHT, 20 * shown.length + 8), ...lines);
}

/** Colors as they are, beside each other. */
function swatches(colors: readonly string[], named: boolean): StaticPicture {
  const squares = colors.map((fill, place) =>
    tag("rect", { x: 24 * place + 0.5, y: 4.5, width: 19, height: 19, fill, stroke: LINE_STRONG }),
  );
  const words = named ? write(28, 18, colors.join(", "), { color: INK }) : "";
  return drawing(Math.max(FIELD, 24 * colors.length), HEIGHT, ...squares, words);
}

function slider(shares: readonly number[], shown: string): StaticPicture {
  const ends = shares.map((share) => FIELD * Math.min(Math.max(share, 0), 1));
  const [from, to] = ends.length > 1 ? [ends[0]!, ends.at(-1)!] : [0, ends[0] ?? 0];
  const handles = ends.map((cx) =>
    tag("circle", { cx, cy: 14, r: 7, fill: PAPER, stroke: ACCENT, "stroke-width": 1.5 }),
  );
  return drawing(
    FIELD + 64,
    HEIGHT,
    tag("rect", { x: 0, y: 12, width: FIELD, height: 4, rx: 2, fill: LINE_STRONG }),
    tag("rect", { x: from, y: 12, width: to - from, height: 4, rx: 2, fill: ACCENT }),
    ...handles,
    write(FIELD + 16, 18, shown, { color: INK }),
  );
}

function progress(share: number): StaticPicture {
  return drawing(
    FIELD,
    HEIGHT,
    tag("rect", { x: 0, y: 4, width: FIELD, height: 20, fill: "#eeeeee" }),
    tag("rect", { x: 0, y: 4, width: FIELD * Math.min(Math.max(share, 0), 1), height: 20, fill: ACCENT }),
  );
}

function checkbox(on: boolean): StaticPicture {
  const frame = { x: 0.5, y: 7.5, width: 13, height: 13, rx: 2, fill: on ? ACCENT : PAPER, stroke: LINE_STRONG };
  const mark = tag("path", { d: "M3 14L6 17L11 10.5", fill: "none", stroke: PAPER, "stroke-width": 2 });
  return drawing(16, HEIGHT, tag("rect", frame), on ? mark : "");
}

function box(words: string, drops: boolean): StaticPicture {
  const frame = { x: 0.5, y: 0.5, width: FIELD - 1, height: HEIGHT - 1, fill: PAPER, stroke: LINE_STRONG };
  const arrow = tag("path", { d: `M${FIELD - 18} 12l4 4l4 -4`, fill: "none", stroke: SOFT });
  return drawing(
    FIELD,
    HEIGHT,
    tag("rect", frame),
    write(8, 18, cut(words, FIELD - 32), { color: INK }),
    drops ? arrow : "",
  );
}

function toggles({ options = [], label }: Drawn): StaticPicture {
  let x = 0;
  const parts = options.map((option) => {
    const words = typeof option === "string" ? option : option.label;
    const made = button(words, words === label);
    const placed = tag("g", { transform: `translate(${x} 0)` }, made.svg);
    x += made.width + 4;
    return placed;
  });
  return drawing(x, HEIGHT, ...parts);
}

function button(words: string, pressed = false): StaticPicture {
  const width = Math.max(56, Math.ceil(widthOf(words)) + 20);
  const fill = pressed ? LINE_STRONG : "#eeeeee";
  return drawing(
    width,
    HEIGHT,
    tag("rect", { x: 0, y: 0, width, height: HEIGHT, fill, stroke: LINE }),
    write(width / 2, 18, words, { color: INK, anchor: "middle" }),
  );
}

/** The value as the slider writes it; a format that d3 does not know leaves it as it is. */
function readout(value: number, written = ""): string {
  try {
    return format(written)(value);
  } catch {
    return String(value);
  }
}

/** Text of HTML, without its tags. */
const plain = (html: string): string =>
  html
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .replaceAll("*", "∗");
