import { isOn } from "../../comms/states/unit-gallery.js";
import { element } from "../parts/dom.js";
import type { Grid } from "../parts/grid.js";

/** How dark it is where the unit is off. */
const DARK = 0.55;
/** Pixels of the drawing to one of the page: edges stay sharp. */
const SHARP = 2;

/** A picture that is dark where a unit is off, with the edge of where it is on. */
export function litPicture(
  picture: Grid<Uint8Array>,
  mask: Uint8Array,
  side: number,
  size: number,
  label: string,
): HTMLCanvasElement {
  const [height = 1, width = 1, channels = 1] = picture.shape;
  const canvas = element("canvas", { class: "limpid-lit", role: "img", "aria-label": label, title: label });
  canvas.width = size * SHARP;
  canvas.height = Math.round((size * SHARP * height) / width);
  const context = canvas.getContext("2d");
  if (context === null) return canvas;
  const plain = document.createElement("canvas");
  plain.width = width;
  plain.height = height;
  const inner = plain.getContext("2d")!;
  const image = inner.createImageData(width, height);
  for (let from = 0, to = 0; to < image.data.length; from += channels, to += 4) {
    for (let color = 0; color < 3; color++) {
      image.data[to + color] = picture.values[from + (channels === 1 ? 0 : color)]!;
    }
    image.data[to + 3] = 255;
  }
  inner.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = width >= 80;
  context.drawImage(plain, 0, 0, canvas.width, canvas.height);
  const [stepX, stepY] = [canvas.width / side, canvas.height / side];
  const at = (row: number, column: number) =>
    row >= 0 && column >= 0 && row < side && column < side && isOn(mask, row * side + column);
  const off = new Path2D();
  const edge = new Path2D();
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const [left, top] = [column * stepX, row * stepY];
      if (!at(row, column)) {
        off.rect(left, top, stepX + 0.5, stepY + 0.5);
        continue;
      }
      const side4 = [
        [at(row - 1, column), left, top, left + stepX, top],
        [at(row + 1, column), left, top + stepY, left + stepX, top + stepY],
        [at(row, column - 1), left, top, left, top + stepY],
        [at(row, column + 1), left + stepX, top, left + stepX, top + stepY],
      ] as const;
      for (const [inside, fromX, fromY, toX, toY] of side4) {
        if (inside) continue;
        edge.moveTo(fromX, fromY);
        edge.lineTo(toX, toY);
      }
    }
  }
  context.fillStyle = `rgba(0, 0, 0, ${DARK})`;
  context.fill(off);
  context.lineCap = "square";
  // Light on dark: it is seen on any picture.
  for (const [color, thick] of [
    ["rgba(0, 0, 0, 0.7)", 2 * SHARP],
    ["#ffd54f", SHARP],
  ] as const) {
    context.strokeStyle = color;
    context.lineWidth = thick;
    context.stroke(edge);
  }
  return canvas;
}
