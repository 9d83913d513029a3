import { element } from "../parts/dom.js";
import type { Grid } from "../parts/grid.js";
import { pixelCanvas } from "../parts/pixels.js";
import { onSize } from "../parts/size.js";

/** What is seen of a picture that is flipped region by region. */
interface RegionContent {
  pixels: Grid<Uint8Array> | null;
  rows: number;
  columns: number;
  /** Not 0 where a region is flipped. */
  flipped: Uint8Array;
  /** Covered where they are flipped: the picture does not show it yet. */
  covered: boolean;
  /** Regions in the order in which the reader chose them, which stands on them. */
  numbered?: readonly number[];
}

export interface RegionPicture {
  element: HTMLElement;
  show(content: RegionContent): void;
  dispose(): void;
}

/** Regions of at least so many CSS pixels have room for a number. */
const NUMBERED = 15;

/** A picture with what is flipped of it outlined; with `onPick` a reader flips regions himself, by pointer or keyboard. */
export function regionPicture(
  label: string,
  picking?: { onPick(region: number): void; onUndo(): void; say(region: number): string },
): RegionPicture {
  const picture = pixelCanvas(label);
  const marks = element("canvas", { class: "limpid-flip-marks", "aria-hidden": "true" });
  const status = element("span", { class: "limpid-flip-status", role: "status" });
  const frame = element("div", { class: "limpid-flip-picture" }, picture.element, marks);
  if (picking) {
    picture.element.setAttribute("aria-hidden", "true");
    picture.element.removeAttribute("role");
    picture.element.removeAttribute("aria-label");
    marks.removeAttribute("aria-hidden");
    marks.tabIndex = 0;
    marks.setAttribute("role", "application");
    marks.setAttribute("aria-label", `${label}: arrow keys choose a region, Enter flips it, Backspace takes it back`);
    frame.append(status);
    frame.classList.add("limpid-flip-picking");
  }
  let content: RegionContent | undefined;
  let pointed = -1;
  let request = 0;

  const draw = () => {
    request = 0;
    if (content === undefined) return;
    const { rows, columns, flipped, covered, numbered = [] } = content;
    const scale = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(marks.clientWidth * scale), Math.round(marks.clientHeight * scale)];
    if (width === 0 || height === 0) return sized.again();
    if (marks.width !== width) marks.width = width;
    if (marks.height !== height) marks.height = height;
    const context = marks.getContext("2d");
    if (context === null) return;
    context.clearRect(0, 0, width, height);
    const at = (region: number) => ({
      left: ((region % columns) * width) / columns,
      top: (Math.floor(region / columns) * height) / rows,
    });
    const [wide, high] = [width / columns, height / rows];
    if (covered) {
      context.fillStyle = "rgb(128 128 128 / 85%)";
      flipped.forEach((isFlipped, region) => {
        const { left, top } = at(region);
        if (isFlipped) context.fillRect(left, top, wide, high);
      });
    }
    // Edges between what is flipped and what is not, light on dark: seen on any picture.
    for (const [color, thick] of [
      ["rgb(0 0 0 / 75%)", 3 * scale],
      ["#fff", scale],
    ] as const) {
      context.strokeStyle = color;
      context.lineWidth = thick;
      context.beginPath();
      flipped.forEach((isFlipped, region) => {
        if (!isFlipped) return;
        const { left, top } = at(region);
        const [column, row] = [region % columns, Math.floor(region / columns)];
        const edges: [boolean, number, number, number, number][] = [
          [row > 0 && flipped[region - columns] === 0, left, top, left + wide, top],
          [row < rows - 1 && flipped[region + columns] === 0, left, top + high, left + wide, top + high],
          [column > 0 && flipped[region - 1] === 0, left, top, left, top + high],
          [column < columns - 1 && flipped[region + 1] === 0, left + wide, top, left + wide, top + high],
        ];
        for (const [isEdge, x0, y0, x1, y1] of edges) {
          if (!isEdge) continue;
          context.moveTo(x0, y0);
          context.lineTo(x1, y1);
        }
      });
      context.stroke();
    }
    if (wide >= NUMBERED * scale && high >= NUMBERED * scale) {
      context.font = `${Math.round(10.5 * scale)}px sans-serif`;
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.lineWidth = 3 * scale;
      numbered.forEach((region, place) => {
        const { left, top } = at(region);
        context.strokeStyle = "rgb(0 0 0 / 80%)";
        context.strokeText(String(place + 1), left + wide / 2, top + high / 2);
        context.fillStyle = "#fff";
        context.fillText(String(place + 1), left + wide / 2, top + high / 2);
      });
    }
    if (picking && pointed >= 0) {
      const { left, top } = at(pointed);
      for (const [color, inset] of [
        ["#000", 1],
        ["#fff", 2.5],
      ] as const) {
        context.strokeStyle = color;
        context.lineWidth = 1.5 * scale;
        context.strokeRect(
          left + inset * scale,
          top + inset * scale,
          wide - 2 * inset * scale,
          high - 2 * inset * scale,
        );
      }
    }
  };
  const schedule = () => {
    if (request === 0) request = requestAnimationFrame(draw);
  };
  const point = (region: number) => {
    if (region === pointed) return;
    pointed = region;
    schedule();
  };

  if (picking) {
    let held = false;
    const regionAt = (event: PointerEvent) => {
      const { left, top, width, height } = marks.getBoundingClientRect();
      const { rows, columns } = content!;
      const within = (place: number, count: number) => Math.min(Math.max(Math.floor(place * count), 0), count - 1);
      return within((event.clientY - top) / height, rows) * columns + within((event.clientX - left) / width, columns);
    };
    const pick = (region: number) => {
      if (content!.flipped[region] === 0) picking.onPick(region);
    };
    marks.addEventListener("pointerdown", (event) => {
      if (content === undefined || event.button !== 0) return;
      held = true;
      marks.setPointerCapture(event.pointerId);
      pick(regionAt(event));
    });
    marks.addEventListener("pointermove", (event) => {
      if (content === undefined) return;
      const region = regionAt(event);
      if (held && region !== pointed) pick(region);
      point(region);
    });
    for (const name of ["pointerup", "pointercancel"]) marks.addEventListener(name, () => (held = false));
    marks.addEventListener("pointerleave", () => {
      if (document.activeElement !== marks) point(-1);
    });
    marks.addEventListener("blur", () => point(-1));
    marks.addEventListener("keydown", (event) => {
      if (content === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      const { rows, columns } = content;
      const from = pointed < 0 ? Math.floor(rows / 2) * columns + Math.floor(columns / 2) : pointed;
      const [row, column] = [Math.floor(from / columns), from % columns];
      const moves: Record<string, [row: number, column: number]> = {
        ArrowUp: [row - 1, column],
        ArrowDown: [row + 1, column],
        ArrowLeft: [row, column - 1],
        ArrowRight: [row, column + 1],
        Home: [row, 0],
        End: [row, columns - 1],
      };
      const move = moves[event.key];
      if (move) {
        const [down, right] = pointed < 0 ? [row, column] : move;
        point(Math.min(Math.max(down, 0), rows - 1) * columns + Math.min(Math.max(right, 0), columns - 1));
        status.textContent = picking.say(pointed);
      } else if (event.key === "Enter" || event.key === " ") {
        point(from);
        pick(from);
      } else if (event.key === "Backspace" || event.key === "Delete") picking.onUndo();
      else if (event.key === "Escape" && pointed >= 0) point(-1);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  const sized = onSize(frame, schedule);
  return {
    element: frame,
    show(next) {
      content = next;
      if (next.pixels) picture.draw(next.pixels);
      frame.classList.toggle("limpid-vacant", next.pixels === null);
      schedule();
    },
    dispose() {
      sized.end();
      cancelAnimationFrame(request);
    },
  };
}
