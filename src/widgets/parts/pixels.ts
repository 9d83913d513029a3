import { element } from "./dom.js";
import type { Grid } from "./grid.js";

export interface PixelCanvas {
  element: HTMLCanvasElement;
  /** Draws bytes, `[height, width, channel]` with one channel or three; only when they changed. */
  draw(picture: Grid<Uint8Array>): void;
}

/** Screen pixels a picture's pixel has at least where it is enlarged as squares. */
const SQUARES = 80;

/** A canvas that shows a small picture's pixels as squares and a larger one smoothly. */
export function pixelCanvas(label: string): PixelCanvas {
  const canvas = element("canvas", { class: "limpid-pixels", role: "img", "aria-label": label });
  let shown: Uint8Array | undefined;
  return {
    element: canvas,
    draw({ shape, values }) {
      if (values === shown) return;
      shown = values;
      const [height = 1, width = 1, channels = 1] = shape;
      if (canvas.width !== width || canvas.height !== height) {
        canvas.width = width;
        canvas.height = height;
        canvas.classList.toggle("limpid-squares", width < SQUARES);
      }
      const context = canvas.getContext("2d");
      if (context === null) return;
      const image = context.createImageData(width, height);
      for (let from = 0, to = 0; to < image.data.length; from += channels, to += 4) {
        image.data[to] = values[from]!;
        image.data[to + 1] = values[from + (channels === 1 ? 0 : 1)]!;
        image.data[to + 2] = values[from + (channels === 1 ? 0 : 2)]!;
        image.data[to + 3] = 255;
      }
      context.putImageData(image, 0, 0);
    },
  };
}

/** The picture at `index` of `[count, height, width, channel]`. */
export function pictureAt({ shape, values }: Grid<Uint8Array>, index: number): Grid<Uint8Array> {
  const size = shape.slice(1).reduce((product, extent) => product * extent, 1);
  return { shape: shape.slice(1), values: values.subarray(index * size, (index + 1) * size) };
}
