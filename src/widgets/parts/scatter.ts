import { element } from "./dom.js";
import { onSize } from "./size.js";
import { followTheme } from "./theme.js";

/** Points in a plane, each with a color, and which of them are chosen. */
interface ScatterContent {
  /** `[points, 2]`, in any units. */
  places: Float32Array;
  /** CSS color of a point, and whether it is drawn as a square. */
  mark(point: number): { color: string; square: boolean };
  chosen: ReadonlySet<number>;
}

export interface ScatterOptions {
  label: string;
  /** What is said of a point to who cannot see it. */
  say(point: number): string;
  /** The point under the pointer, or where the arrow keys went; null for none. */
  onPoint(point: number | null): void;
  /** What a line was drawn around, or the one point that was clicked or chosen by Enter. */
  onTake?(points: number[]): void;
}

export interface Scatter {
  element: HTMLElement;
  /** Takes what changed; paints in the next animation frame. */
  show(content: Partial<ScatterContent>): void;
  /** Rings a point, or none. */
  point(point: number | null): void;
  dispose(): void;
}

const MARGIN = 12;
/** CSS pixels within which a point is meant. */
const REACH = 12;
const RADIUS = 3.5;
/** A line shorter than so many CSS pixels is a click. */
const CLICK = 4;

/** A scatter on a canvas: hover or arrow keys point, a line drawn around points takes them. */
export function scatter({ label, say, onPoint, onTake }: ScatterOptions): Scatter {
  const keys = `arrow keys go from point to point${onTake ? ", Enter takes it; draw around points to take several" : ""}`;
  const canvas = element("canvas", {
    class: "limpid-scatter-canvas",
    tabindex: 0,
    role: "application",
    "aria-label": `${label}: ${keys}`,
  });
  const status = element("span", { class: "limpid-scatter-status", role: "status" });
  const box = element("div", { class: "limpid-scatter" }, canvas, status);
  let content: ScatterContent = {
    places: new Float32Array(),
    mark: () => ({ color: "gray", square: false }),
    chosen: new Set(),
  };
  let ringed: number | null = null;
  let line: [number, number][] | null = null;
  let request = 0;

  const count = () => content.places.length / 2;
  /** From the plane to CSS pixels. */
  const projection = () => {
    const { places } = content;
    const ends = [0, 1].map((axis) => {
      let [low, high] = [Infinity, -Infinity];
      for (let at = axis; at < places.length; at += 2) {
        low = Math.min(low, places[at]!);
        high = Math.max(high, places[at]!);
      }
      return [low, high - low || 1] as const;
    });
    const size = [canvas.clientWidth - 2 * MARGIN, canvas.clientHeight - 2 * MARGIN];
    return (point: number): [number, number] => {
      const [x, y] = [0, 1].map(
        (axis) => MARGIN + (size[axis]! * (places[2 * point + axis]! - ends[axis]![0])) / ends[axis]![1],
      );
      return [x!, y!];
    };
  };
  const paint = () => {
    request = 0;
    const scale = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(canvas.clientWidth * scale), Math.round(canvas.clientHeight * scale)];
    if (width === 0 || height === 0) return sized.again();
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const context = canvas.getContext("2d");
    if (context === null) return;
    const style = getComputedStyle(canvas);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    const at = projection();
    const someChosen = content.chosen.size > 0;
    for (let point = 0; point < count(); point++) {
      const [x, y] = at(point);
      const { color, square } = content.mark(point);
      const isChosen = content.chosen.has(point);
      context.globalAlpha = someChosen && !isChosen ? 0.65 : 0.9;
      context.fillStyle = color;
      context.beginPath();
      if (square) context.rect(x - RADIUS, y - RADIUS, 2 * RADIUS, 2 * RADIUS);
      else context.arc(x, y, RADIUS, 0, 2 * Math.PI);
      context.fill();
      if (!isChosen) continue;
      context.globalAlpha = 1;
      context.lineWidth = 1.5;
      context.strokeStyle = style.color;
      context.stroke();
    }
    context.globalAlpha = 1;
    if (ringed !== null && ringed < count()) {
      const [x, y] = at(ringed);
      for (const [color, width] of [
        [style.backgroundColor, 5],
        [style.color, 2],
      ] as const) {
        context.strokeStyle = color;
        context.lineWidth = width;
        context.beginPath();
        context.arc(x, y, RADIUS + 4, 0, 2 * Math.PI);
        context.stroke();
      }
    }
    if (line !== null) {
      context.strokeStyle = context.fillStyle = style.accentColor === "auto" ? style.color : style.accentColor;
      context.lineWidth = 1.5;
      context.beginPath();
      for (const [x, y] of line) context.lineTo(x, y);
      context.closePath();
      context.stroke();
      context.globalAlpha = 0.12;
      context.fill();
      context.globalAlpha = 1;
    }
  };
  const schedule = () => {
    if (request === 0) request = requestAnimationFrame(paint);
  };
  const ring = (point: number | null, tell = true) => {
    if (point === ringed) return;
    ringed = point;
    schedule();
    if (tell) onPoint(point);
  };
  const placeOf = (event: PointerEvent): [number, number] => {
    const { left, top } = canvas.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const nearest = ([x, y]: [number, number]): number | null => {
    const at = projection();
    let [best, distance] = [-1, REACH];
    for (let point = 0; point < count(); point++) {
      const [px, py] = at(point);
      const own = Math.hypot(px - x, py - y);
      if (own < distance) [best, distance] = [point, own];
    }
    return best < 0 ? null : best;
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || count() === 0 || onTake === undefined) return;
    line = [placeOf(event)];
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const place = placeOf(event);
    if (line !== null) {
      line.push(place);
      schedule();
    } else ring(nearest(place));
  });
  canvas.addEventListener("pointerup", (event) => {
    const drawn = line;
    line = null;
    schedule();
    if (drawn === null) return;
    const [x, y] = drawn[0]!;
    const far = Math.max(...drawn.map(([px, py]) => Math.hypot(px - x, py - y)));
    if (far <= CLICK) {
      const point = nearest(placeOf(event));
      if (point !== null) onTake?.([point]);
      return;
    }
    const at = projection();
    const inside = Array.from({ length: count() }, (_, point) => point).filter((point) => isInside(at(point), drawn));
    const taken = `${inside.length} point${inside.length === 1 ? "" : "s"} taken.`;
    status.textContent = inside.length === 0 ? "No point is within the line." : taken;
    if (inside.length > 0) onTake?.(inside);
  });
  canvas.addEventListener("pointercancel", () => {
    line = null;
    schedule();
  });
  canvas.addEventListener("pointerleave", () => {
    if (document.activeElement !== canvas) ring(null);
  });
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || count() === 0) return;
    const directions: Record<string, [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const direction = directions[event.key];
    if (direction !== undefined) {
      const next = ringed === null ? 0 : beside(projection(), count(), ringed, direction);
      if (next !== null) {
        ring(next);
        status.textContent = say(next);
      }
    } else if ((event.key === "Enter" || event.key === " ") && ringed !== null && onTake) onTake([ringed]);
    else if (event.key === "Escape" && (line !== null || ringed !== null)) {
      line = null;
      ring(null);
      schedule();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });

  const sized = onSize(canvas, schedule);
  const leaveTheme = followTheme(schedule, paint);
  return {
    element: box,
    show(next) {
      content = { ...content, ...next };
      box.classList.toggle("limpid-vacant", count() === 0);
      schedule();
    },
    point: (point) => ring(point, false),
    dispose() {
      sized.end();
      leaveTheme();
      cancelAnimationFrame(request);
    },
  };
}

/** The nearest point in a direction: of those within 45° of it, else of those on its side. */
function beside(
  at: (point: number) => [number, number],
  count: number,
  from: number,
  [dx, dy]: [number, number],
): number | null {
  const [x, y] = at(from);
  for (const narrow of [true, false]) {
    let [best, distance] = [-1, Infinity];
    for (let point = 0; point < count; point++) {
      const [px, py] = at(point);
      const along = (px - x) * dx + (py - y) * dy;
      const across = Math.abs((px - x) * dy + (py - y) * dx);
      if (point === from || along <= 0 || (narrow && across > along)) continue;
      const own = along + across;
      if (own < distance) [best, distance] = [point, own];
    }
    if (best >= 0) return best;
  }
  return null;
}

/** Whether a place is within a closed line: a ray from it crosses the line an odd number of times. */
function isInside([x, y]: readonly [number, number], line: readonly (readonly [number, number])[]): boolean {
  let inside = false;
  for (let at = 0, before = line.length - 1; at < line.length; before = at++) {
    const [ax, ay] = line[at]!;
    const [bx, by] = line[before]!;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}
