import { formatFixed } from "../../comms/format.js";
import { colorize, colorTable } from "../../comms/states/colors.js";
import { ERROR_ENDS, ERROR_LIMIT } from "../../comms/states/inversion.js";
import { colorBar } from "../heatmap/color-bar.js";
import { element } from "../parts/dom.js";
import type { Grid } from "../parts/grid.js";
import { pixelCanvas } from "../parts/pixels.js";

interface PanelContent {
  original: Grid<Uint8Array> | null;
  reconstruction: Grid<Uint8Array> | null;
  /** Gray levels by position. */
  difference: Grid<Float32Array> | null;
}

export interface Panels {
  element: HTMLElement;
  set(content: PanelContent, caption: string): void;
  /** What stands in the reconstruction's place while there is none: a sentence. */
  say(words: string, failed: boolean): void;
}

interface Place {
  row: number;
  column: number;
}

/** Original, reconstruction and difference side by side: pointing at one marks and reads the same place in all three. */
export function panels(): Panels {
  const canvases = [
    pixelCanvas("The original picture"),
    pixelCanvas("The reconstruction from the layer alone"),
    pixelCanvas("How far it is from the original, in gray levels"),
  ] as const;
  const marks = canvases.map(() => element("div", { class: "limpid-crosshair", hidden: true }));
  const values = canvases.map(() => element("span", { class: "limpid-inversion-value" }));
  const title = element("h4", {});
  const note = element("div", { class: "limpid-note", role: "alert", hidden: true });
  const bar = colorBar(null);
  const titles = [element("h4", {}, "Original"), title, element("h4", {}, "Difference, gray levels of 255")];
  const frames = canvases.map((canvas, index) =>
    element("div", { class: "limpid-picture" }, canvas.element, marks[index]!, ...(index === 1 ? [note] : [])),
  );
  const figures = frames.map((frame, index) =>
    element(
      "section",
      { class: "limpid-inversion-panel" },
      element("div", { class: "limpid-inversion-head" }, titles[index]!, values[index]!),
      frame,
      ...(index === 2 ? [bar.element] : []),
    ),
  );
  const table = colorTable(false, false);
  let shown: PanelContent = { original: null, reconstruction: null, difference: null };
  let pointed: Place | null = null;

  const read = () => {
    const [rows = 0, columns = 0] = shown.original?.shape ?? [];
    const inside = pointed !== null && pointed.row < rows && pointed.column < columns;
    for (const mark of marks) {
      mark.hidden = !inside;
      if (!inside) continue;
      Object.assign(mark.style, {
        left: `${(100 * pointed!.column) / columns}%`,
        top: `${(100 * pointed!.row) / rows}%`,
        width: `${100 / columns}%`,
        height: `${100 / rows}%`,
      });
    }
    const difference = inside ? shown.difference?.values[pointed!.row * columns + pointed!.column] : undefined;
    values[0]!.textContent = inside
      ? `x ${pointed!.column}, y ${pointed!.row}: ${colorAt(shown.original, pointed!)}`
      : "";
    values[1]!.textContent = inside ? colorAt(shown.reconstruction, pointed!) : "";
    values[2]!.textContent = difference === undefined ? "" : formatFixed(difference, 0);
    bar.mark(difference ?? null);
  };
  const point = (place: Place | null) => {
    pointed = place;
    read();
  };
  canvases.forEach(({ element: canvas }, index) => {
    canvas.tabIndex = 0;
    canvas.addEventListener("pointermove", (event) => {
      const [rows = 1, columns = 1] = shown.original?.shape ?? [];
      const { left, top, width, height } = canvas.getBoundingClientRect();
      const within = (share: number, size: number) => Math.min(size - 1, Math.max(0, Math.floor(share * size)));
      point({
        row: within((event.clientY - top) / height, rows),
        column: within((event.clientX - left) / width, columns),
      });
    });
    canvas.addEventListener("pointerleave", () => {
      if (document.activeElement !== canvas) point(null);
    });
    canvas.addEventListener("blur", () => point(null));
    canvas.addEventListener("keydown", (event) => {
      const [rows = 1, columns = 1] = shown.original?.shape ?? [];
      const far = event.shiftKey ? 10 : 1;
      const from = pointed ?? { row: Math.floor(rows / 2), column: Math.floor(columns / 2) };
      const moves: { [key: string]: [down: number, right: number] } = {
        ArrowLeft: [0, -far],
        ArrowRight: [0, far],
        ArrowUp: [-far, 0],
        ArrowDown: [far, 0],
      };
      const move = moves[event.key];
      if (move === undefined) {
        // A second Escape leaves the widget.
        if (event.key === "Escape" && pointed !== null) {
          event.preventDefault();
          event.stopPropagation();
          point(null);
        }
        return;
      }
      event.preventDefault();
      const limit = (value: number, size: number) => Math.min(size - 1, Math.max(0, value));
      point({ row: limit(from.row + move[0], rows), column: limit(from.column + move[1], columns) });
    });
    canvas.title = [
      "The picture whose values are inverted",
      "Drawn from the layer's values alone",
      "0 is equal; the scale is the same for all layers",
    ][index]!;
  });

  return {
    element: element("div", { class: "limpid-inversion-panels" }, ...figures),
    set(content, caption) {
      shown = content;
      const { original, reconstruction, difference } = content;
      if (original) canvases[0].draw(original);
      if (reconstruction) canvases[1].draw(reconstruction);
      if (difference) canvases[2].draw(colored(difference, table));
      figures[2]!.classList.toggle("limpid-inversion-empty", difference === null);
      canvases[1].element.hidden = reconstruction === null;
      title.textContent = caption === "" ? "Reconstruction" : `From ${caption}`;
      bar.set(ERROR_LIMIT, false, true, ERROR_ENDS);
      read();
    },
    say(words, failed) {
      note.hidden = words === "";
      note.classList.toggle("limpid-error", failed);
      note.replaceChildren(
        element("strong", {}, failed ? "This layer could not be inverted" : "Nothing to show yet"),
        element("span", {}, words),
      );
    },
  };
}

/** The color at a place: one number for gray, three for red, green and blue. */
function colorAt(picture: Grid<Uint8Array> | null, { row, column }: Place): string {
  if (picture === null) return "";
  const [, columns = 0, channels = 1] = picture.shape;
  const at = (row * columns + column) * channels;
  return Array.from(picture.values.subarray(at, at + channels)).join(" ");
}

/** A map in the colors of its bar. */
function colored({ shape, values }: Grid<Float32Array>, table: Uint32Array): Grid<Uint8Array> {
  const painted = new Uint32Array(values.length);
  colorize(values, ERROR_LIMIT, false, table, painted);
  const bytes = new Uint8Array(painted.buffer);
  const rgb = new Uint8Array(3 * values.length);
  for (let at = 0; at < values.length; at++) rgb.set(bytes.subarray(4 * at, 4 * at + 3), 3 * at);
  return { shape: [...shape, 3], values: rgb };
}
