import { element } from "../parts/dom.js";
import type { Grid } from "../parts/grid.js";

export interface Pad {
  element: HTMLElement;
  /** Shows a digit that came from elsewhere; what was drawn before is forgotten. */
  show(digit: Grid<Uint8Array> | null): void;
  undo(): void;
  clear(): void;
}

const SIZE = 28;
/** Canvas pixels to a pixel of the digit. */
const FINE = 12;
/** Width of the pen in pixels of the digit: that of MNIST's strokes. */
const PEN = 2.4;

type Point = readonly [x: number, y: number];

/** A black pad to draw on in white, by mouse, pen, touch or keyboard; tells what is drawn as 28 × 28 bytes at each frame. */
export function pad(onDraw: (digit: Uint8Array) => void): Pad {
  const canvas = element("canvas", {
    class: "limpid-pad",
    tabindex: 0,
    role: "application",
    "aria-label":
      "Drawing pad. Arrow keys move the pen, Space lowers and lifts it, Delete clears, Control Z takes back a stroke.",
    width: SIZE * FINE,
    height: SIZE * FINE,
  });
  const cursor = element("span", { class: "limpid-pad-cursor", hidden: true });
  const hint = element("span", { class: "limpid-pad-hint" }, "Draw a digit here, large");
  const frame = element(
    "div",
    { class: "limpid-pad-frame" },
    canvas,
    element("span", { class: "limpid-pad-guide" }),
    hint,
    cursor,
  );
  const ink = canvas.getContext("2d", { willReadFrequently: true })!;
  const small = document.createElement("canvas");
  small.width = small.height = SIZE;
  const coarse = small.getContext("2d", { willReadFrequently: true })!;
  let base: Grid<Uint8Array> | null = null;
  const strokes: Point[][] = [];
  let scheduled = false;

  const paint = () => {
    ink.globalCompositeOperation = "source-over";
    ink.fillStyle = "#000";
    ink.fillRect(0, 0, canvas.width, canvas.height);
    if (base) {
      const image = coarse.createImageData(SIZE, SIZE);
      base.values.forEach((byte, at) => {
        image.data.fill(byte, 4 * at, 4 * at + 3);
        image.data[4 * at + 3] = 255;
      });
      coarse.putImageData(image, 0, 0);
      ink.imageSmoothingEnabled = true;
      ink.drawImage(small, 0, 0, canvas.width, canvas.height);
    }
    for (const stroke of strokes) line(stroke);
    hint.hidden = base !== null || strokes.length > 0;
  };
  const line = (points: Point[]) => {
    ink.strokeStyle = ink.fillStyle = "#fff";
    ink.lineWidth = PEN * FINE;
    ink.lineCap = ink.lineJoin = "round";
    ink.beginPath();
    points.forEach(([x, y], index) => {
      if (index === 0) ink.moveTo(x * FINE, y * FINE);
      ink.lineTo(x * FINE, y * FINE);
    });
    ink.stroke();
    // A canvas draws nothing for a line without length: a dot is a circle.
    const [x, y] = points[0]!;
    ink.beginPath();
    ink.arc(x * FINE, y * FINE, (PEN * FINE) / 2, 0, 2 * Math.PI);
    ink.fill();
  };
  /** Average of the fine pixels under each coarse one, once a frame. */
  const tell = () => {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      const { data } = ink.getImageData(0, 0, canvas.width, canvas.height);
      const digit = new Uint8Array(SIZE * SIZE);
      for (let row = 0; row < SIZE; row++) {
        for (let column = 0; column < SIZE; column++) {
          let sum = 0;
          for (let y = 0; y < FINE; y++) {
            const start = 4 * ((row * FINE + y) * canvas.width + column * FINE);
            for (let at = start; at < start + 4 * FINE; at += 4) sum += data[at]!;
          }
          digit[row * SIZE + column] = Math.round(sum / (FINE * FINE));
        }
      }
      onDraw(digit);
    });
  };
  const redraw = () => {
    paint();
    tell();
  };

  const place = (event: PointerEvent): Point => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return [(SIZE * (event.clientX - left)) / width, (SIZE * (event.clientY - top)) / height];
  };
  let drawing: Point[] | null = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    drawing = [place(event)];
    strokes.push(drawing);
    cursor.hidden = true;
    redraw();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    // Pens report more often than frames come.
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length > 0 ? events : [event]) drawing.push(place(each));
    redraw();
  });
  for (const end of ["pointerup", "pointercancel"] as const) {
    canvas.addEventListener(end, () => {
      drawing = null;
    });
  }

  let [x, y] = [SIZE / 2, SIZE / 2];
  let lowered: Point[] | null = null;
  const showCursor = () => {
    cursor.hidden = false;
    cursor.classList.toggle("limpid-lowered", lowered !== null);
    cursor.style.left = `${(100 * x) / SIZE}%`;
    cursor.style.top = `${(100 * y) / SIZE}%`;
  };
  const steps: Record<string, Point> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    if (step) {
      [x, y] = [Math.min(SIZE - 1, Math.max(1, x + step[0])), Math.min(SIZE - 1, Math.max(1, y + step[1]))];
      if (lowered) {
        lowered.push([x, y]);
        redraw();
      }
    } else if (event.key === " ") {
      lowered = lowered ? null : [[x, y]];
      if (lowered) {
        strokes.push(lowered);
        redraw();
      }
    } else if (event.key === "Delete" || event.key === "Backspace") {
      made.clear();
    } else if (event.key === "z" && (event.ctrlKey || event.metaKey)) {
      made.undo();
    } else return;
    event.preventDefault();
    showCursor();
  });
  canvas.addEventListener("focus", () => {
    if (canvas.matches(":focus-visible")) showCursor();
  });
  canvas.addEventListener("blur", () => {
    lowered = null;
    cursor.hidden = true;
  });

  const made: Pad = {
    element: frame,
    show(digit) {
      base = digit?.values.some((byte) => byte > 0) ? digit : null;
      strokes.length = 0;
      drawing = lowered = null;
      paint();
    },
    undo() {
      lowered = null;
      if (strokes.pop() === undefined) base = null;
      redraw();
    },
    clear() {
      base = null;
      lowered = null;
      strokes.length = 0;
      redraw();
    },
  };
  paint();
  return made;
}
