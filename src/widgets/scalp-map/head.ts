import { COLORS, colorize, colorTable } from "../../comms/states/colors.js";
import { contourSegments, levelsOf } from "../../comms/states/scalp-map.js";
import { themeColors } from "../parts/chart.js";
import { element } from "../parts/dom.js";
import { reads, writes } from "../parts/lock.js";
import { onSize } from "../parts/size.js";
import { followTheme } from "../parts/theme.js";

/** What one head shows. */
interface HeadContent {
  readonly label: string;
  /** `[side, side]`, NaN where nothing is drawn. */
  readonly map: Float32Array;
  readonly side: number;
  readonly limit: number;
  readonly signed: boolean;
  /** `[electrodes, 2]`. */
  readonly places: Float32Array;
  readonly electrodes: readonly string[];
  readonly contours: boolean;
  readonly names: boolean;
  /** The electrode that is pointed at; −1 for none. */
  readonly electrode: number;
}

export interface Head {
  element: HTMLElement;
  set(content: HeadContent): void;
  dispose(): void;
}

/** What is pointed at: an electrode, or a place of the map between them. */
export type Pointed = { electrode: number } | { value: number };

/** The head's radius as a share of half the canvas, which holds the nose and the ears, too. */
const HEAD = 0.84;
/** CSS pixels within which an electrode is meant. */
const REACH = 14;

/**
 * A head from above on a canvas: colors, contours, electrodes.
 *
 * @param onPoint told of what is pointed at, by mouse or arrow keys; null for nothing
 * @param extreme the electrode with the largest (1) or smallest (−1) value
 */
export function head(onPoint: (pointed: Pointed | null) => void, extreme: (sign: 1 | -1) => number): Head {
  const canvas = element("canvas", { class: "limpid-canvas limpid-scalp-canvas", tabindex: 0, role: "application" });
  reads(writes(canvas, "electrode"));
  let content: HeadContent | null = null;
  let colors: HTMLCanvasElement | null = null;
  let painted: Float32Array | null = null;
  let paintedLimit = Number.NaN;
  let frame = 0;

  /** From the head to CSS pixels. */
  const project = (x: number, y: number): [left: number, top: number] => {
    const half = canvas.clientWidth / 2;
    return [half + half * HEAD * x, half - half * HEAD * y];
  };
  const electrodeAt = (electrode: number) => {
    const { places } = content!;
    return project(places[2 * electrode]!, places[2 * electrode + 1]!);
  };

  /** How near electrodes come to each other, in CSS pixels. */
  const nearest = (): number => {
    const places = content!.electrodes.map((_, electrode) => electrodeAt(electrode));
    return Math.min(
      ...places.flatMap(([x, y], at) => places.slice(at + 1).map(([other, below]) => Math.hypot(x - other, y - below))),
    );
  };

  const paintColors = ({ map, side, limit, signed }: HeadContent) => {
    if (painted === map && paintedLimit === limit) return;
    [painted, paintedLimit] = [map, limit];
    colors = document.createElement("canvas");
    [colors.width, colors.height] = [side, side];
    const context = colors.getContext("2d")!;
    const data = context.createImageData(side, side);
    const table = colorTable(signed, false).slice();
    // Where nothing is known nothing is drawn.
    table[COLORS] = 0;
    colorize(map, limit, signed, table, new Uint32Array(data.data.buffer));
    context.putImageData(data, 0, 0);
  };

  const paint = () => {
    frame = 0;
    if (content === null) return;
    const size = canvas.clientWidth;
    if (size === 0) return sized.again();
    const scale = window.devicePixelRatio || 1;
    const pixels = Math.round(size * scale);
    canvas.style.height = `${size}px`;
    if (canvas.width !== pixels) canvas.width = canvas.height = pixels;
    const context = canvas.getContext("2d")!;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, size, size);
    const of = themeColors(canvas);
    const style = getComputedStyle(canvas);
    const [half, radius] = [size / 2, (HEAD * size) / 2];
    const { side, limit, signed, electrodes } = content;

    context.strokeStyle = of("ink-soft");
    context.lineWidth = 1.5;
    context.lineJoin = "round";
    context.beginPath();
    context.moveTo(half - 0.12 * radius, half - 0.99 * radius);
    context.lineTo(half, half - 1.14 * radius);
    context.lineTo(half + 0.12 * radius, half - 0.99 * radius);
    for (const turn of [1, -1]) {
      context.moveTo(half + turn * radius, half - 0.18 * radius);
      context.quadraticCurveTo(half + turn * 1.12 * radius, half, half + turn * radius, half + 0.18 * radius);
    }
    context.stroke();

    paintColors(content);
    context.save();
    context.beginPath();
    context.arc(half, half, radius, 0, 2 * Math.PI);
    context.fillStyle = of("paper-soft");
    context.fill();
    context.clip();
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    if (colors !== null) context.drawImage(colors, half - radius, half - radius, 2 * radius, 2 * radius);
    if (content.contours && limit > 0) {
      context.strokeStyle = signed ? "#1a1a1a" : "#ffffff";
      for (const level of levelsOf(limit, signed)) {
        context.lineWidth = level === 0 ? 1.2 : 0.6;
        context.beginPath();
        for (const [a, b, c, d] of contourSegments(content.map, side, level)) {
          const cell = (2 * radius) / side;
          context.moveTo(half - radius + a! * cell, half - radius + b! * cell);
          context.lineTo(half - radius + c! * cell, half - radius + d! * cell);
        }
        context.stroke();
      }
    }
    context.restore();
    context.strokeStyle = of("ink-soft");
    context.lineWidth = 1.5;
    context.beginPath();
    context.arc(half, half, radius, 0, 2 * Math.PI);
    context.stroke();

    context.textAlign = "center";
    const letters = nearest() < 24 ? 8 : 10;
    for (const [electrode, name] of electrodes.entries()) {
      const [x, y] = electrodeAt(electrode);
      const isPointed = electrode === content.electrode;
      context.beginPath();
      context.arc(x, y, isPointed ? 5 : 2.2, 0, 2 * Math.PI);
      context.fillStyle = "#1a1a1a";
      context.fill();
      context.strokeStyle = "#fdfdfd";
      context.lineWidth = isPointed ? 2 : 0.8;
      context.stroke();
      if (!content.names && !isPointed) continue;
      context.font = `${isPointed ? "600 12px" : `${letters}px`} ${style.fontFamily}`;
      // Letters stand on colors that are the same in every theme.
      context.lineWidth = 2.5;
      context.strokeStyle = "rgb(253 253 253 / 75%)";
      context.strokeText(name, x, y - 6);
      context.fillText(name, x, y - 6);
    }
  };
  const schedule = () => {
    if (frame === 0) frame = requestAnimationFrame(paint);
  };

  canvas.addEventListener("pointermove", (event) => {
    if (content === null) return;
    const box = canvas.getBoundingClientRect();
    const [left, top] = [event.clientX - box.left, event.clientY - box.top];
    let [best, distance] = [-1, REACH];
    for (let electrode = 0; electrode < content.electrodes.length; electrode++) {
      const [x, y] = electrodeAt(electrode);
      const own = Math.hypot(x - left, y - top);
      if (own < distance) [best, distance] = [electrode, own];
    }
    if (best >= 0) return onPoint({ electrode: best });
    const { side, map } = content;
    const radius = (HEAD * box.width) / 2;
    const [column, row] = [left, top].map((place) =>
      Math.floor(((place - box.width / 2 + radius) / (2 * radius)) * side),
    );
    const isInside = [column!, row!].every((place) => place >= 0 && place < side);
    const value = isInside ? map[row! * side + column!]! : Number.NaN;
    onPoint(Number.isNaN(value) ? null : { value });
  });
  canvas.addEventListener("pointerleave", () => {
    if (document.activeElement !== canvas) onPoint(null);
  });
  canvas.addEventListener("blur", () => onPoint(null));
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || content === null) return;
    const directions: Record<string, readonly [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const direction = directions[event.key];
    if (direction !== undefined) {
      const next = content.electrode < 0 ? extreme(1) : beside(content.electrode, direction);
      if (next >= 0) onPoint({ electrode: next });
    } else if (event.key === "Home" || event.key === "End")
      onPoint({ electrode: extreme(event.key === "Home" ? 1 : -1) });
    else if (event.key === "Escape" && content.electrode >= 0) onPoint(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  /** The nearest electrode in a direction; −1 where there is none. */
  const beside = (from: number, [dx, dy]: readonly [number, number]): number => {
    const [x, y] = electrodeAt(from);
    let [best, distance] = [-1, Infinity];
    for (let electrode = 0; electrode < content!.electrodes.length; electrode++) {
      const [ex, ey] = electrodeAt(electrode);
      const along = (ex - x) * dx + (ey - y) * dy;
      const across = Math.abs((ex - x) * dy) + Math.abs((ey - y) * dx);
      if (along < 1 || across > 2 * along) continue;
      const own = along + 2 * across;
      if (own < distance) [best, distance] = [electrode, own];
    }
    return best;
  };

  const sized = onSize(canvas, schedule);
  const leaveTheme = followTheme(schedule, paint);
  return {
    element: canvas,
    set(next) {
      content = next;
      canvas.setAttribute(
        "aria-label",
        `${next.label}, the head from above: arrow keys go from electrode to electrode, Home and End to the extremes`,
      );
      schedule();
    },
    dispose() {
      sized.end();
      leaveTheme();
      cancelAnimationFrame(frame);
    },
  };
}
