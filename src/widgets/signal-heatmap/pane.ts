import { themeColors } from "../parts/chart.js";
import { element } from "../parts/dom.js";
import { reads, writes } from "../parts/lock.js";
import { onSize } from "../parts/size.js";
import { followTheme } from "../parts/theme.js";
import { colorsOf, paintRows, placesOf, type RowsContent, type RowsPlaces } from "./painting.js";

export interface PaneListeners {
  /** Channel and sample that are pointed at, or −1. */
  point(channel: number, sample: number): void;
  /** What was brushed; empty for nothing. */
  brush(range: readonly number[]): void;
  /** What is to be in sight; empty for all. */
  see(range: readonly number[]): void;
}

export interface Pane {
  element: HTMLElement;
  canvas: HTMLCanvasElement;
  /** Takes what is to be seen, or nothing; paints in the next animation frame. `colored` where colors may differ from before. */
  set(content: RowsContent | null, colored: boolean): void;
  /** Enlarges what is in sight by that factor around the cursor, or the middle. */
  zoom(factor: number): void;
  dispose(): void;
}

/** CSS pixels that a pointer may move between press and release of a click. */
const CLICK = 3;
/** The fewest samples in sight. */
const LEAST = 4;

const KEYS =
  "arrow keys read values, with Shift they brush a time, + and − zoom, 0 shows the whole, Home and End go to the extremes, Enter shows what is brushed";

/** Traces on a canvas that can be read, brushed and zoomed by mouse and keys. */
export function pane(listeners: PaneListeners): Pane {
  const canvas = element("canvas", {
    class: "limpid-canvas limpid-signal-canvas",
    tabindex: 0,
    role: "application",
    "aria-label": `Signals over their relevance: ${KEYS}`,
  });
  reads(writes(canvas, "brush", "sight", "channel", "cursor"));
  const box = element("div", { class: "limpid-signal-pane" }, canvas);
  let content: RowsContent | null = null;
  let places: RowsPlaces | null = null;
  let colors: HTMLCanvasElement | null = null;
  let colored = "";
  let stale = true;
  let frame = 0;
  /** The brush that is being drawn, and the sample where it began. */
  let drawing: [from: number, to: number] | null = null;
  let anchor = -1;

  const paint = () => {
    frame = 0;
    if (content === null) return;
    const wide = canvas.clientWidth;
    if (wide === 0) return sized.again();
    const style = getComputedStyle(canvas);
    const of = themeColors(canvas);
    const context = canvas.getContext("2d")!;
    context.font = `600 12px ${style.fontFamily}`;
    const longest = Math.max(...content.channels.map((name) => context.measureText(name).width));
    places = placesOf(content, Math.ceil(Math.min(longest + 14, wide * 0.3, 170)), wide);
    const scale = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(wide * scale), Math.round(places.height * scale)];
    canvas.style.height = `${places.height}px`;
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const key = `${places.width} ${content.sight}`;
    if (stale || key !== colored) colors = colorsOf(content, places.width * scale);
    [stale, colored] = [false, key];
    context.setTransform(scale, 0, 0, scale, 0, 0);
    const look = {
      family: style.fontFamily,
      ink: of("ink"),
      soft: of("ink-soft"),
      line: of("line-strong"),
      accent: of("accent"),
      positive: content.signed ? of("for") : of("bar"),
      negative: of("against"),
    };
    paintRows(context, drawing === null ? content : { ...content, brush: drawing }, places, colors, look);
  };
  const schedule = () => {
    if (frame === 0) frame = requestAnimationFrame(paint);
  };

  const samples = () => (content === null ? 0 : content.signal.length / content.channels.length);
  const inSight = (): readonly [number, number] => content?.sight ?? [0, 0];
  const held = (sample: number) => Math.min(Math.max(sample, 0), samples() - 1);
  const placeOf = (event: MouseEvent): { channel: number; sample: number } => {
    const { left, top } = canvas.getBoundingClientRect();
    const [from, to] = inSight();
    const { names = 0, width = 1, row = 1 } = places ?? {};
    const sample = from + Math.floor(((event.clientX - left - names) / width) * (to - from));
    const place = Math.floor((event.clientY - top) / row);
    return { channel: content?.order[place] ?? -1, sample: Math.min(Math.max(sample, from), to - 1) };
  };

  /** Shows so many samples around one of them, which stays where it is in the picture. */
  const see = (count: number, around: number) => {
    const [from, to] = inSight();
    const all = samples();
    const wanted = Math.min(all, Math.max(Math.min(LEAST, all), Math.round(count)));
    if (wanted === all) return listeners.see([]);
    const share = (around + 0.5 - from) / (to - from);
    const first = Math.round(Math.min(Math.max(around + 0.5 - share * wanted, 0), all - wanted));
    listeners.see([first, first + wanted]);
  };
  const zoomAround = (factor: number, around: number) => {
    const [from, to] = inSight();
    const now = to - from;
    const next = now / factor;
    // A step that rounding would swallow.
    see(factor > 1 ? Math.min(next, now - 1) : Math.max(next, now + 1), around);
  };
  const pan = (by: number) => {
    const [from, to] = inSight();
    const moved = Math.round(Math.min(Math.max(from + by, 0), samples() - (to - from)));
    if (moved !== from) listeners.see([moved, moved + to - from]);
  };
  const zoom = (factor: number) => {
    const [from, to] = inSight();
    const cursor = content?.cursor ?? -1;
    zoomAround(factor, cursor >= from && cursor < to ? cursor : (from + to - 1) / 2);
  };

  let pressed = 0;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || content === null) return;
    anchor = placeOf(event).sample;
    pressed = event.clientX;
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (content === null) return;
    const { channel, sample } = placeOf(event);
    if (canvas.hasPointerCapture(event.pointerId) && (drawing !== null || Math.abs(event.clientX - pressed) > CLICK)) {
      drawing = [Math.min(anchor, sample), Math.max(anchor, sample) + 1];
      schedule();
    }
    listeners.point(channel, sample);
  });
  canvas.addEventListener("pointerup", () => {
    const range = drawing;
    drawing = null;
    if (range !== null) listeners.brush(range);
    schedule();
  });
  const drop = () => {
    if (drawing === null) return;
    drawing = null;
    schedule();
  };
  canvas.addEventListener("pointercancel", drop);
  canvas.addEventListener("pointerleave", () => {
    if (document.activeElement !== canvas) listeners.point(-1, -1);
  });
  canvas.addEventListener("blur", () => {
    drop();
    listeners.point(-1, -1);
  });
  canvas.addEventListener("dblclick", (event) => {
    const [from, to] = inSight();
    if (to - from < samples()) listeners.see([]);
    else zoomAround(3, placeOf(event).sample);
  });
  canvas.addEventListener(
    "wheel",
    (event) => {
      // A page must scroll on over a picture that nobody turned to.
      if (content === null || !(event.ctrlKey || event.metaKey || document.activeElement === canvas)) return;
      const [from, to] = inSight();
      const isWhole = to - from === samples();
      const unit = event.deltaMode === 0 ? 1 : 30;
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        if (isWhole) return;
        event.preventDefault();
        pan(Math.sign(event.deltaX || event.deltaY) * Math.max(1, Math.round((to - from) * 0.1)));
        return;
      }
      if (event.deltaY > 0 && isWhole && !event.ctrlKey) return;
      event.preventDefault();
      zoomAround(Math.exp(-event.deltaY * unit * 0.002), placeOf(event).sample);
    },
    { passive: false },
  );

  /** The place with the largest (`sign` 1) or smallest (−1) relevance. */
  const extreme = (sign: 1 | -1): { channel: number; sample: number } => {
    const values = content?.relevance ?? content?.signal ?? new Float32Array(1);
    let found = 0;
    for (let at = 1; at < values.length; at++) if (sign * values[at]! > sign * values[found]!) found = at;
    return { channel: Math.floor(found / samples()), sample: found % samples() };
  };
  const go = (channel: number, sample: number) => {
    const [from, to] = inSight();
    if (sample < from) pan(sample - from);
    else if (sample >= to) pan(sample - to + 1);
    listeners.point(channel, sample);
  };
  const walk = (by: number, rows: number, brushes: boolean) => {
    if (content === null) return;
    if (content.cursor < 0) {
      const { channel, sample } = extreme(1);
      go(channel, sample);
      return;
    }
    const place = Math.min(Math.max(content.order.indexOf(content.channel) + rows, 0), content.order.length - 1);
    const sample = held(content.cursor + by);
    if (brushes) {
      const [from, to] = content.brush;
      // It goes on from where it was begun.
      if (from === undefined || !(anchor === from || anchor + 1 === to)) anchor = content.cursor;
      listeners.brush([Math.min(anchor, sample), Math.max(anchor, sample) + 1]);
    }
    go(content.order[place]!, sample);
  };
  const jump = (sign: 1 | -1) => {
    const { channel, sample } = extreme(sign);
    go(channel, sample);
  };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || content === null) return;
    const { brush, cursor } = content;
    const actions: { [key: string]: () => void } = {
      ArrowLeft: () => walk(-1, 0, event.shiftKey),
      ArrowRight: () => walk(1, 0, event.shiftKey),
      ArrowUp: () => walk(0, -1, false),
      ArrowDown: () => walk(0, 1, false),
      PageUp: () => walk(-10, 0, event.shiftKey),
      PageDown: () => walk(10, 0, event.shiftKey),
      Home: () => jump(1),
      End: () => jump(-1),
      "+": () => zoom(1.5),
      "=": () => zoom(1.5),
      "-": () => zoom(1 / 1.5),
      "0": () => listeners.see([]),
      ...(brush.length > 0 && { Enter: () => listeners.see([...brush]) }),
      // The last Escape leaves the widget.
      ...(drawing !== null
        ? { Escape: drop }
        : brush.length > 0
          ? { Escape: () => listeners.brush([]) }
          : cursor >= 0 && { Escape: () => listeners.point(-1, -1) }),
    };
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  });

  const sized = onSize(canvas, schedule);
  const leaveTheme = followTheme(schedule, paint);
  return {
    element: box,
    canvas,
    set(next, isColored) {
      content = next;
      stale ||= isColored;
      schedule();
    },
    zoom,
    dispose() {
      sized.end();
      leaveTheme();
      cancelAnimationFrame(frame);
    },
  };
}
