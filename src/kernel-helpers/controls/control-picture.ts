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
  readout?: boolean;
  readout_format?: string;
  bar_style?: string;
  label?: string | null;
  options?: readonly { label: string }[];
  tooltips?: unknown;
  placeholder?: string;
}

/** A control as it stands in a page, at rest: its label and its value. */
export function controlPicture(kind: string, control: Drawn): StaticPicture | null {
  const { description = "", value } = control;
  if (kind === "HTML" || kind === "Label") return paragraph(plain(String(value)), 420, { color: INK });
  if (kind === "Button") return button(description);
  const field = fieldOf(kind, control);
  if (field === null) return null;
  const label = description === "" ? "" : write(LABEL - 8, 18, cut(plain(description), LABEL - 10), { anchor: "end" });
  const svg = label + tag("g", { transform: `translate(${LABEL} 0)` }, field.svg);
  return drawing(LABEL + field.width, HEIGHT, svg);
}

function fieldOf(kind: string, control: Drawn): StaticPicture | null {
  const { value, min = 0, max = 1, base } = control;
  if (kind.endsWith("Slider")) {
    const position = base === undefined ? Number(value) : Math.log(Number(value)) / Math.log(base);
    const shown = control.readout === false ? "" : readout(Number(value), control.readout_format);
    return slider((position - min) / (max - min || 1), shown);
  }
  if (kind.endsWith("Progress")) return progress((Number(value) - min) / (max - min || 1));
  if (kind === "Checkbox") return checkbox(value === true);
  if (kind === "ToggleButtons") return toggles(control);
  if (kind === "Dropdown") return box(control.label ?? "", true);
  if (kind === "Text") return box(String(value) || (control.placeholder ?? ""), false);
  return null;
}

function slider(share: number, shown: string): StaticPicture {
  const x = FIELD * Math.min(Math.max(share, 0), 1);
  return drawing(
    FIELD + 64,
    HEIGHT,
    tag("rect", { x: 0, y: 12, width: FIELD, height: 4, rx: 2, fill: LINE_STRONG }),
    tag("rect", { x: 0, y: 12, width: x, height: 4, rx: 2, fill: ACCENT }),
    tag("circle", { cx: x, cy: 14, r: 7, fill: PAPER, stroke: ACCENT, "stroke-width": 1.5 }),
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
    const made = button(option.label, option.label === label);
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
