import {
  drawingWords,
  type MoleculeDrawing,
  type MoleculeMark,
  moleculeDrawing,
  NUMBER_SIZE,
} from "../../comms/states/molecule-drawing.js";
import type { MoleculeContent } from "../../comms/states/molecule-view.js";
import { element, svg } from "../parts/dom.js";

export interface MoleculePicture {
  element: HTMLElement;
  set(content: MoleculeContent): void;
  /** Marks what is pointed at. */
  point(item: number): void;
}

interface Listeners {
  point(item: number): void;
  turn(yaw: number, pitch: number): void;
}

const WIDTH = 440;
/** Degrees for a pixel that is dragged, and for an arrow key. */
const DRAGGED = 0.6;
const STEP = 15;

/** A molecule to point at and to turn. */
export function moleculePicture(listeners: Listeners): MoleculePicture {
  const drawn = svg("svg", { "aria-hidden": "true" });
  const frame = element("div", { class: "limpid-molecule-picture", tabindex: 0 });
  frame.append(drawn);
  let content: MoleculeContent | undefined;
  let drawing: MoleculeDrawing | undefined;
  let pointed = -1;
  let drag: { x: number; y: number; yaw: number; pitch: number } | undefined;

  const mark = () => {
    for (const part of drawn.querySelectorAll("[data-item]"))
      part.classList.toggle("limpid-molecule-pointed", Number(part.getAttribute("data-item")) === pointed);
  };
  const point = (item: number) => {
    if (item !== pointed) listeners.point(item);
  };
  const itemAt = ({ clientX, clientY }: PointerEvent): number => {
    if (drawing === undefined) return -1;
    const { left, top, width } = drawn.getBoundingClientRect();
    const scale = drawing.width / (width || 1);
    return nearest(drawing, (clientX - left) * scale, (clientY - top) * scale);
  };
  const turn = (yaw: number, pitch: number) => listeners.turn(within(yaw), Math.min(90, Math.max(-90, pitch)));
  frame.addEventListener("pointermove", (event) => {
    if (drag === undefined) point(itemAt(event));
    else turn(drag.yaw + DRAGGED * (event.clientX - drag.x), drag.pitch + DRAGGED * (event.clientY - drag.y));
  });
  frame.addEventListener("pointerleave", () => {
    if (drag === undefined) point(-1);
  });
  frame.addEventListener("pointerdown", (event) => {
    if (content === undefined || content.flat || event.button !== 0) return;
    drag = { x: event.clientX, y: event.clientY, yaw: content.yaw, pitch: content.pitch };
    frame.setPointerCapture(event.pointerId);
    frame.classList.add("limpid-molecule-dragged");
  });
  const release = () => {
    drag = undefined;
    frame.classList.remove("limpid-molecule-dragged");
  };
  frame.addEventListener("pointerup", release);
  frame.addEventListener("pointercancel", release);
  frame.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || content === undefined || content.flat) return;
    const { yaw, pitch } = content;
    const to = {
      ArrowLeft: [yaw - STEP, pitch],
      ArrowRight: [yaw + STEP, pitch],
      ArrowUp: [yaw, pitch - STEP],
      ArrowDown: [yaw, pitch + STEP],
      Home: [0, 0],
      "0": [0, 0],
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    turn(to[0]!, to[1]!);
  });

  return {
    element: frame,
    set(shown) {
      content = shown;
      frame.hidden = shown.elements.length === 0;
      if (frame.hidden) return;
      drawing = moleculeDrawing(shown, WIDTH);
      drawn.setAttribute("viewBox", `0 0 ${drawing.width} ${drawing.height}`);
      drawn.replaceChildren(...drawing.marks.flatMap(painted));
      const keys = shown.flat ? "" : ". Arrow keys turn it, 0 turns it back";
      frame.setAttribute("role", shown.flat ? "img" : "application");
      frame.setAttribute("aria-label", `Molecule of ${drawingWords(shown)}${keys}`);
      frame.tabIndex = shown.flat ? -1 : 0;
      frame.classList.toggle("limpid-molecule-flat", shown.flat);
      mark();
    },
    point(item) {
      pointed = item;
      mark();
    },
  };
}

/** Degrees from −180 to 180. */
const within = (degrees: number): number => ((((degrees + 180) % 360) + 360) % 360) - 180;

/** What lies under a place: the nearest atom, else a line that it is close to; −1 for nothing. */
function nearest({ marks, reach }: MoleculeDrawing, x: number, y: number): number {
  // What is drawn last lies above.
  for (const mark of marks.toReversed()) {
    if (mark.kind === "circle" && Math.hypot(x - mark.x, y - mark.y) <= mark.radius + 2) return mark.item;
  }
  for (const mark of marks.toReversed()) {
    if (mark.kind !== "line") continue;
    const [[x1, y1], [x2, y2]] = [mark.from, mark.to];
    const [dx, dy] = [x2 - x1, y2 - y1];
    const along = Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1)));
    if (Math.hypot(x - x1 - along * dx, y - y1 - along * dy) <= Math.max(reach, mark.width / 2 + 3)) return mark.item;
  }
  return -1;
}

function painted(mark: MoleculeMark): SVGElement[] {
  const item = { "data-item": mark.item };
  if (mark.kind === "line") {
    const [[x1, y1], [x2, y2]] = [mark.from, mark.to];
    const line = (name: string, width: number) =>
      svg("line", {
        ...{ x1, y1, x2, y2, class: name, "stroke-width": width, ...item },
        ...(mark.dashed && { "stroke-dasharray": "2 7" }),
      });
    const edge = line("limpid-molecule-line", mark.color === null ? mark.width : mark.width + 1.6);
    if (mark.color === null) return [edge];
    const colored = line("limpid-molecule-value", mark.width);
    colored.style.stroke = mark.color;
    return [edge, colored];
  }
  const { x, y } = mark;
  if (mark.kind === "circle") {
    const circle = svg("circle", { cx: x, cy: y, r: mark.radius, class: "limpid-molecule-atom", ...item });
    if (mark.color !== null) circle.style.fill = mark.color;
    return [circle];
  }
  const size = mark.kind === "symbol" ? mark.size : NUMBER_SIZE;
  const tone = mark.kind === "number" ? "number" : mark.dark === null ? "symbol" : mark.dark ? "dark" : "light";
  const place = { x, y: y + 0.36 * size, "font-size": size };
  return [svg("text", { ...place, class: `limpid-molecule-${tone}` }, mark.words)];
}
