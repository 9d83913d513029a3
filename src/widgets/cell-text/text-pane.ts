import { columnsOf, REACH, type TextLine, textLines } from "../../comms/states/cell-text.js";
import { COLORS, colorOf } from "../../comms/states/colors.js";
import { colorOfSeries } from "../../comms/states/plot.js";
import { element } from "../parts/dom.js";
import { onSize } from "../parts/size.js";
import { followTheme } from "../parts/theme.js";

/** What the pane shows beside the text. */
interface PaneContent {
  values: Float32Array | null;
  limit: number;
  /** One list of values a gate, 0 to 1. */
  gates: readonly Float32Array[];
  /** What the rule says, 0 to 255. */
  holds: Uint8Array | null;
  /** The steps that are brushed, −1 and −1 without any. */
  brushed: readonly [from: number, to: number];
  cursor: number;
}

export interface TextPane {
  element: HTMLElement;
  setText(tokens: readonly string[]): void;
  set(content: PaneContent): void;
  dispose(): void;
}

const LETTERS = 18;
const RULE = 3;
const GATE = 4;
const GAP = 6;

/** The colors of the scale from its lowest to its highest value. */
const TABLE = Array.from({ length: COLORS }, (_, at) => {
  const value = (2 * at) / (COLORS - 1) - 1;
  return `rgb(${colorOf(REACH * value, true).join(",")})`;
});

const colorFor = (value: number, limit: number): string =>
  TABLE[Math.round(((Math.min(Math.max(value / limit, -1), 1) + 1) / 2) * (COLORS - 1))] ?? "transparent";

/**
 * A text whose letters lie over a canvas of colors: what a cell holds behind each, whether the rule holds and the gates below. The
 * letters are text of the page, to be selected and read aloud; the canvas draws the lines that are in sight.
 *
 * @param onCursor told of the step that is pointed at, or −1
 * @param onBrush told of the steps that were brushed, by dragging or by arrow keys with Shift
 */
export function textPane(onCursor: (step: number) => void, onBrush: (from: number, to: number) => void): TextPane {
  const canvas = element("canvas", { class: "limpid-cell-canvas", "aria-hidden": "true" });
  const lines = element("div", { class: "limpid-cell-lines" });
  const pane = element(
    "div",
    {
      class: "limpid-cell-pane",
      tabindex: 0,
      role: "textbox",
      "aria-readonly": "true",
      "aria-multiline": "true",
      "aria-label":
        "The text, colored by the cell. Arrow keys read it; with Shift they brush a phrase, Enter searches its cells.",
    },
    canvas,
    lines,
  );
  let tokens: readonly string[] = [];
  let placed: TextLine[] = [];
  let content: PaneContent = { values: null, limit: 1, gates: [], holds: null, brushed: [-1, -1], cursor: -1 };
  /** Where the keys are: the end of a brush that grows, and where it began. */
  let caret = -1;
  let anchor = -1;
  /** The brush that is being drawn. */
  let drawing: [from: number, to: number] | null = null;
  let letter = 8;
  let isWord = false;
  let gateCount = 0;

  const height = () => LETTERS + RULE + gateCount * GATE + GAP;

  const layOut = () => {
    const font = getComputedStyle(lines);
    const context = canvas.getContext("2d")!;
    context.font = `${font.fontSize} ${font.fontFamily}`;
    letter = context.measureText("0".repeat(64)).width / 64 || 8;
    const columns = Math.max(8, Math.floor((pane.clientWidth - 16) / letter));
    isWord = tokens.some((token) => [...token].length > 1);
    placed = textLines(tokens, columns);
    lines.replaceChildren(
      ...placed.map(({ from, to }) => element("div", { class: "limpid-cell-line" }, ...pieces(from, to))),
    );
    size();
  };

  /** Letters of one column as text; wider ones in boxes of their columns. */
  const pieces = (from: number, to: number): (Node | string)[] => {
    const made: (Node | string)[] = [];
    let run = "";
    for (let at = from; at < to; at++) {
      const token = tokens[at]!;
      if (isWord) run += token === "\n" ? "\n" : `${token} `;
      else if (/^[\t\n\x20-\x7e\u00a1-\u024f\u0370-\u052f]$/.test(token)) run += token;
      else {
        if (run !== "") made.push(run);
        run = "";
        const box = element("span", {}, token);
        box.style.width = `${columnsOf(token, false)}ch`;
        made.push(box);
      }
    }
    return run === "" ? made : [...made, run];
  };

  const size = () => {
    lines.style.setProperty("--line", `${height()}px`);
    lines.style.height = `${placed.length * height()}px`;
    draw();
  };

  let frame = 0;
  const draw = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(paint);
  };

  const paint = () => {
    const [width, tall] = [pane.clientWidth, pane.clientHeight];
    if (width === 0 || tall === 0) return sized.again();
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(tall * scale);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${tall}px`;
    canvas.style.marginBottom = `${-tall}px`;
    const context = canvas.getContext("2d")!;
    context.scale(scale, scale);
    const accent = getComputedStyle(pane).getPropertyValue("--limpid-accent").trim() || "#1976d2";
    const { values, limit, gates, holds, cursor } = content;
    const [from, to] = drawing ?? content.brushed;
    const step = height();
    const top = pane.scrollTop;
    const first = Math.max(0, Math.floor((top - 8) / step));
    const last = Math.min(placed.length - 1, Math.floor((top + tall) / step));
    for (let index = first; index <= last; index++) {
      const line = placed[index]!;
      const y = 8 + index * step - top;
      for (let at = line.from; at < line.to; at++) {
        const x = 8 + line.columns[at - line.from]! * letter;
        const wide = columnsOf(tokens[at]!, isWord) * letter;
        if (values !== null) {
          context.fillStyle = colorFor(values[at]!, limit);
          context.fillRect(x, y, wide + 0.5, LETTERS - 1);
          gates.forEach((gate, which) => {
            context.globalAlpha = 0.06 + 0.94 * gate[at]!;
            context.fillStyle = colorOfSeries(which);
            context.fillRect(x + 0.5, y + LETTERS + RULE + which * GATE, wide - 1, GATE - 1);
          });
          context.globalAlpha = 1;
        }
        if (holds !== null && holds[at]! > 0) {
          context.globalAlpha = holds[at]! / 255;
          context.fillStyle = "#212121";
          context.fillRect(x, y + LETTERS, wide + 0.5, RULE - 1);
          context.globalAlpha = 1;
        }
        if (tokens[at] === "\n") {
          context.fillStyle = "#757575";
          context.font = "11px sans-serif";
          context.fillText("↵", x, y + LETTERS - 5);
        }
        if (at >= from && at < to) {
          context.fillStyle = accent;
          context.fillRect(x, y - 2, wide, 2);
          context.fillRect(x, y + LETTERS - 1, wide, 2);
          if (at === from) context.fillRect(x - 1, y - 2, 2, LETTERS + 3);
          if (at === to - 1) context.fillRect(x + wide - 1, y - 2, 2, LETTERS + 3);
        }
        if (at === cursor) {
          context.strokeStyle = "#000000";
          context.lineWidth = 1.5;
          context.strokeRect(x - 0.75, y - 0.75, wide + 1.5, step - GAP + 2);
        }
      }
    }
  };

  /** The step under a point of the page; the nearest of its line, or −1 beyond the text. */
  const stepAt = (clientX: number, clientY: number, nearest = false): number => {
    const box = pane.getBoundingClientRect();
    const index = Math.floor((clientY - box.top + pane.scrollTop - 8) / height());
    const line = placed[nearest ? Math.min(Math.max(index, 0), placed.length - 1) : index];
    if (line === undefined) return -1;
    const column = (clientX - box.left - 8) / letter;
    for (let at = line.to - 1; at >= line.from; at--) {
      const start = line.columns[at - line.from]!;
      if (column < start) continue;
      const beyond = column >= start + columnsOf(tokens[at]!, isWord);
      return beyond && !nearest ? -1 : at;
    }
    return nearest ? line.from : -1;
  };

  pane.addEventListener("pointermove", (event) => {
    if (drawing !== null) {
      const at = stepAt(event.clientX, event.clientY, true);
      drawing = at >= anchor ? [anchor, at + 1] : [at, anchor + 1];
      draw();
    }
    onCursor(stepAt(event.clientX, event.clientY));
  });
  pane.addEventListener("pointerleave", () => onCursor(pane === document.activeElement ? caret : -1));
  pane.addEventListener("pointerdown", (event) => {
    const at = stepAt(event.clientX, event.clientY);
    // The scroll bar is no text.
    if (event.button !== 0 || at < 0 || event.offsetX > pane.clientWidth) return;
    anchor = caret = at;
    drawing = [at, at + 1];
    const done = (up: PointerEvent) => {
      window.removeEventListener("pointerup", done);
      window.removeEventListener("pointercancel", done);
      if (up.type === "pointercancel") {
        // The finger scrolls.
        drawing = null;
        draw();
        return;
      }
      const end = stepAt(up.clientX, up.clientY, true);
      const range = drawing;
      drawing = null;
      caret = end;
      if (range !== null && range[1] - range[0] > 1) onBrush(...range);
      draw();
    };
    window.addEventListener("pointerup", done);
    window.addEventListener("pointercancel", done);
  });
  pane.addEventListener("scroll", draw);
  pane.addEventListener("focus", () => {
    if (caret < 0) caret = anchor = 0;
    if (drawing === null) onCursor(caret);
  });
  pane.addEventListener("blur", () => {
    drawing = null;
    onCursor(-1);
    draw();
  });

  /** The step above or below another one. */
  const vertical = (by: number): number => {
    const index = placed.findIndex(({ to }) => caret < to);
    const line = placed[index];
    const next = placed[index + by];
    if (line === undefined || next === undefined) return caret;
    const column = line.columns[caret - line.from]!;
    let at = next.from;
    while (at + 1 < next.to && next.columns[at + 1 - next.from]! <= column) at++;
    return at;
  };
  pane.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const line = placed.find(({ to }) => caret < to);
    const page = Math.max(1, Math.floor(pane.clientHeight / height()) - 1);
    const to: Record<string, () => number> = {
      ArrowLeft: () => Math.max(0, caret - 1),
      ArrowRight: () => Math.min(tokens.length - 1, caret + 1),
      ArrowUp: () => vertical(-1),
      ArrowDown: () => vertical(1),
      PageUp: () => Array.from({ length: page }).reduce<number>(() => (caret = vertical(-1)), caret),
      PageDown: () => Array.from({ length: page }).reduce<number>(() => (caret = vertical(1)), caret),
      Home: () => line?.from ?? 0,
      End: () => (line?.to ?? tokens.length) - 1,
    };
    if (event.key === "Enter" && drawing !== null) {
      event.preventDefault();
      const range = drawing;
      drawing = null;
      onBrush(...range);
      return;
    }
    if (event.key === "Escape" && drawing !== null) {
      event.preventDefault();
      drawing = null;
      draw();
      return;
    }
    const move = to[event.key];
    if (move === undefined) return;
    event.preventDefault();
    caret = move();
    if (event.shiftKey) {
      drawing = caret >= anchor ? [anchor, caret + 1] : [caret, anchor + 1];
    } else {
      anchor = caret;
      drawing = null;
    }
    reveal(caret);
    onCursor(caret);
    draw();
  });

  const reveal = (at: number) => {
    const index = placed.findIndex(({ to }) => at < to);
    const top = 8 + index * height();
    if (top < pane.scrollTop) pane.scrollTop = top - 8;
    else if (top + height() > pane.scrollTop + pane.clientHeight) pane.scrollTop = top + height() - pane.clientHeight;
  };

  let width = 0;
  const sized = onSize(pane, () => {
    if (pane.clientWidth === width) draw();
    else {
      width = pane.clientWidth;
      layOut();
    }
  });
  const leaveTheme = followTheme(draw, paint);

  return {
    element: pane,
    setText(given) {
      tokens = given;
      caret = anchor = -1;
      layOut();
    },
    set(next) {
      content = next;
      if (next.gates.length === gateCount) draw();
      else {
        gateCount = next.gates.length;
        size();
      }
    },
    dispose() {
      sized.end();
      leaveTheme();
      cancelAnimationFrame(frame);
    },
  };
}
