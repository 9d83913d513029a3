import { formatSigned } from "../../comms/format.js";
import { clipLimit } from "../../comms/states/colors.js";
import { type PictureMode, proportionOf } from "../../comms/states/heatmap.js";
import { element } from "../parts/dom.js";
import type { Grid } from "../parts/grid.js";
import { writes } from "../parts/lock.js";
import { onSize } from "../parts/size.js";
import { layers } from "./draw.js";
import { panBy, reveal, toFrame, toPicture, WHOLE, zoomAt } from "./viewport.js";

/** What is to be seen. */
interface PictureContent {
  image: Grid<Uint8Array> | null;
  relevance: Grid<Float32Array> | null;
  signed: boolean;
  mode: PictureMode;
  opacity: number;
  percentile: number;
  limit: number | null;
}

export interface Picture {
  element: HTMLElement;
  /** Takes what changed; paints in the next animation frame. */
  update(change: Partial<PictureContent>): void;
  /** The value that the end colors stand for now. */
  readonly limit: number;
  dispose(): void;
}

interface Cell {
  column: number;
  row: number;
}

const CLICK_REACH = 3; // CSS pixels a pointer may move between press and release of a click

const KEYS = "arrow keys read values, + and − zoom, 0 shows the whole, Home and End go to the extremes";

export interface PictureListeners {
  /** Each value that is pointed at; null: none. */
  read(value: number | null): void;
  /** A click, or Enter at the crosshair. */
  click(row: number, column: number, value: number): void;
  /** After every painting. */
  painted(): void;
}

/** A picture on a canvas that can be read: the value under the pointer or the crosshair, zoom and pan. */
export function picture(listeners: PictureListeners): Picture {
  const drawing = layers();
  const canvas = element("canvas", {
    class: "limpid-canvas",
    tabindex: 0,
    role: "application",
    "aria-label": `Relevance map: ${KEYS}`,
  });
  const crosshair = element("div", { class: "limpid-crosshair", hidden: true });
  const tip = element("div", { class: "limpid-tip", role: "status", hidden: true });
  const button = (text: string, title: string, action: () => void) => {
    const made = element("button", { type: "button", title, "aria-label": title, tabindex: -1 }, text);
    made.addEventListener("click", action);
    return made;
  };
  const tools = element(
    "div",
    { class: "limpid-tools" },
    button("+", "Zoom in (+)", () => look(zoomAt(view, 1.5, 0.5, 0.5))),
    button("−", "Zoom out (−)", () => look(zoomAt(view, 1 / 1.5, 0.5, 0.5))),
    button("⤢", "Show the whole (0)", () => look(WHOLE)),
  );
  writes(canvas);
  writes(tools);
  const frame = element("div", { class: "limpid-picture" }, canvas, crosshair, tip, tools);

  let content: PictureContent = {
    image: null,
    relevance: null,
    signed: true,
    mode: "overlay",
    opacity: 1,
    percentile: 100,
    limit: null,
  };
  let view = { ...WHOLE };
  let limit = 0;
  let stale = { image: true, limit: true, relevance: true };
  let frameRequest = 0;
  let pointed: Cell | null = null;
  /** Of the canvas, in CSS pixels. */
  let shape = "";
  let size: { width: number; height: number } | null = null;

  const paint = () => {
    frameRequest = 0;
    const { image, relevance, signed, mode, opacity, percentile } = content;
    if (stale.image) drawing.setImage(image);
    if (stale.limit) limit = content.limit ?? (relevance ? clipLimit(relevance.values, percentile) : 0);
    if (stale.image || stale.limit || stale.relevance) drawing.setRelevance(relevance, limit, signed, mode);
    stale = { image: false, limit: false, relevance: false };
    const scale = window.devicePixelRatio || 1;
    // Asked of the page only where it is not known: the answer needs a layout of all that changed with the picture.
    size ??= { width: canvas.clientWidth, height: canvas.clientHeight };
    if (size.width === 0) resized.again();
    else {
      const width = Math.max(1, Math.round(size.width * scale));
      const height = Math.max(1, Math.round(size.height * scale));
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
      drawing.paint(canvas, mode, opacity, view);
    }
    point(pointed);
    listeners.painted();
  };
  const schedule = () => {
    if (frameRequest === 0) frameRequest = requestAnimationFrame(paint);
  };
  const look = (next: typeof view) => {
    view = { ...next };
    frame.classList.toggle("limpid-zoomed", view.zoom > 1);
    schedule();
  };

  const grid = () => {
    const [rows = 0, columns = 0] = (content.relevance ?? content.image)?.shape ?? [];
    return { rows, columns };
  };
  const valueAt = ({ column, row }: Cell) => {
    const { relevance } = content;
    return relevance ? (relevance.values[row * relevance.shape[1]! + column] ?? null) : null;
  };
  /** Shows the crosshair and the value at a cell, or neither. */
  const point = (cell: Cell | null) => {
    pointed = cell;
    const { rows, columns } = grid();
    const value = cell && valueAt(cell);
    crosshair.hidden = tip.hidden = !cell || value === null || cell.column >= columns || cell.row >= rows;
    listeners.read(crosshair.hidden ? null : value);
    if (!cell || crosshair.hidden || value === null) return;
    const [left, top] = toFrame(view, cell.column / columns, cell.row / rows);
    const [right, bottom] = toFrame(view, (cell.column + 1) / columns, (cell.row + 1) / rows);
    Object.assign(crosshair.style, {
      left: `${100 * left}%`,
      top: `${100 * top}%`,
      width: `${100 * (right - left)}%`,
      height: `${100 * (bottom - top)}%`,
    });
    const sign = !content.signed ? "" : value > 0 ? "limpid-for" : value < 0 ? "limpid-against" : "";
    tip.replaceChildren(`x ${cell.column}, y ${cell.row}: `, element("strong", { class: sign }, formatSigned(value)));
    tip.classList.toggle("limpid-left", (left + right) / 2 > 0.6);
    tip.classList.toggle("limpid-above", (top + bottom) / 2 > 0.85);
    tip.style.left = `${50 * (left + right)}%`;
    tip.style.top = `${50 * (top + bottom)}%`;
  };
  /** Pointer position in shares of the frame. */
  const shares = (event: MouseEvent): [u: number, v: number] => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };

  const choose = () => {
    const value = pointed && valueAt(pointed);
    if (pointed && value !== null) listeners.click(pointed.row, pointed.column, value);
  };

  let dragged: { u: number; v: number } | null = null;
  let pressed = { x: 0, y: 0 };
  canvas.addEventListener("click", ({ clientX, clientY }) => {
    if (Math.hypot(clientX - pressed.x, clientY - pressed.y) <= CLICK_REACH) choose();
  });
  canvas.addEventListener("pointerdown", (event) => {
    const [u, v] = shares(event);
    pressed = { x: event.clientX, y: event.clientY };
    if (view.zoom === 1 || event.button !== 0) return;
    dragged = { u, v };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const [u, v] = shares(event);
    if (dragged) {
      look(panBy(view, u - dragged.u, v - dragged.v));
      dragged = { u, v };
      return;
    }
    const [x, y] = toPicture(view, u, v);
    const { rows, columns } = grid();
    point({
      column: Math.min(Math.max(Math.floor(x * columns), 0), columns - 1),
      row: Math.min(Math.max(Math.floor(y * rows), 0), rows - 1),
    });
  });
  const release = () => {
    dragged = null;
  };
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);
  canvas.addEventListener("pointerleave", () => {
    if (document.activeElement !== canvas) point(null);
  });
  canvas.addEventListener("blur", () => point(null));
  canvas.addEventListener("dblclick", (event) => look(view.zoom > 1 ? WHOLE : zoomAt(view, 3, ...shares(event))));
  canvas.addEventListener(
    "wheel",
    (event) => {
      // A page must scroll on over a picture that nobody turned to.
      if (!(event.ctrlKey || event.metaKey || document.activeElement === canvas)) return;
      if (event.deltaY > 0 && view.zoom === 1 && !event.ctrlKey) return;
      event.preventDefault();
      look(zoomAt(view, Math.exp(-event.deltaY * (event.deltaMode === 0 ? 0.002 : 0.06)), ...shares(event)));
    },
    { passive: false },
  );

  /** The cell with the largest (`sign` 1) or smallest (−1) value. */
  const extreme = (sign: 1 | -1): Cell => {
    const values = content.relevance?.values ?? new Float32Array(1);
    let found = 0;
    for (let i = 1; i < values.length; i++) if (sign * values[i]! > sign * values[found]!) found = i;
    const { columns } = grid();
    return { column: found % columns, row: Math.floor(found / columns) };
  };
  const walk = (columns: number, rows: number) => {
    const size = grid();
    const from = pointed ?? extreme(1);
    const cell = pointed
      ? {
          column: Math.min(Math.max(from.column + columns, 0), size.columns - 1),
          row: Math.min(Math.max(from.row + rows, 0), size.rows - 1),
        }
      : from;
    jump(cell);
  };
  const jump = (cell: Cell) => {
    const { rows, columns } = grid();
    look(reveal(view, (cell.column + 0.5) / columns, (cell.row + 0.5) / rows));
    point(cell);
  };
  const zoomAtCrosshair = (factor: number) => {
    const { rows, columns } = grid();
    const [u, v] = pointed ? toFrame(view, (pointed.column + 0.5) / columns, (pointed.row + 0.5) / rows) : [0.5, 0.5];
    look(zoomAt(view, factor, u, v));
  };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const far = event.shiftKey ? 10 : 1;
    const actions: { [key: string]: () => void } = {
      ArrowLeft: () => walk(-far, 0),
      ArrowRight: () => walk(far, 0),
      ArrowUp: () => walk(0, -far),
      ArrowDown: () => walk(0, far),
      Home: () => jump(extreme(1)),
      End: () => jump(extreme(-1)),
      "+": () => zoomAtCrosshair(1.5),
      "=": () => zoomAtCrosshair(1.5),
      "-": () => zoomAtCrosshair(1 / 1.5),
      "0": () => look(WHOLE),
      Enter: choose,
      // A second Escape leaves the widget.
      ...(pointed !== null && { Escape: () => point(null) }),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  });

  const resized = onSize(canvas, () => {
    size = null;
    schedule();
  });
  return {
    element: frame,
    update(change) {
      content = { ...content, ...change };
      stale.image ||= "image" in change;
      stale.limit ||= "relevance" in change || "percentile" in change || "limit" in change;
      stale.relevance ||= "relevance" in change || "signed" in change || "mode" in change;
      const { rows, columns } = grid();
      const ratio = rows > 0 ? String(proportionOf(rows, columns, content.image !== null)) : shape;
      if (ratio !== shape) {
        canvas.style.aspectRatio = shape = ratio;
        size = null;
      }
      frame.classList.toggle("limpid-vacant", rows === 0);
      schedule();
    },
    get limit() {
      return limit;
    },
    dispose() {
      resized.end();
      cancelAnimationFrame(frameRequest);
    },
  };
}
