import type { PictureMode } from "../../comms/states/heatmap.js";
import { element } from "../parts/dom.js";
import type { Grid } from "../parts/grid.js";
import { onSize } from "../parts/size.js";
import { layers } from "./draw.js";
import { WHOLE } from "./viewport.js";

export interface SmallMap {
  element: HTMLCanvasElement;
  /** Takes a picture, a map, or both; `limit` is the value of the end color. Paints in the next animation frame. */
  set(content: {
    image: Grid<Uint8Array> | null;
    relevance: Grid<Float32Array> | null;
    limit: number;
    signed?: boolean;
    mode?: PictureMode;
  }): void;
  dispose(): void;
}

/** A picture with its map, to be looked at only. */
export function smallMap(label: string): SmallMap {
  const drawing = layers();
  const canvas = element("canvas", { class: "limpid-small-map", role: "img", "aria-label": label });
  let mode: PictureMode = "overlay";
  let photo: Grid<Uint8Array> | null = null;
  let request = 0;
  const paint = () => {
    request = 0;
    if (canvas.clientWidth === 0) return sized.again();
    const scale = window.devicePixelRatio || 1;
    const width = Math.max(1, Math.round(canvas.clientWidth * scale));
    const height = Math.max(1, Math.round(canvas.clientHeight * scale));
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    drawing.paint(canvas, mode, 0.85, WHOLE);
  };
  const schedule = () => {
    if (request === 0) request = requestAnimationFrame(paint);
  };
  const sized = onSize(canvas, schedule);
  return {
    element: canvas,
    set({ image, relevance, limit, signed = true, mode: wanted = "overlay" }) {
      mode = relevance === null ? "image" : image === null ? "map" : wanted;
      if (image !== photo) drawing.setImage(rgb(image));
      photo = image;
      drawing.setRelevance(relevance, limit, signed, mode);
      const [rows = 1, columns = 1] = (image ?? relevance)?.shape ?? [];
      canvas.style.aspectRatio = `${columns} / ${rows}`;
      canvas.hidden = image === null && relevance === null;
      schedule();
    },
    dispose() {
      sized.end();
      cancelAnimationFrame(request);
    },
  };
}

/** Of a gray picture one with three equal channels. */
function rgb(image: Grid<Uint8Array> | null): Grid<Uint8Array> | null {
  if (image === null || image.shape[2] !== 1) return image;
  const values = new Uint8Array(3 * image.values.length);
  for (const [at, value] of image.values.entries()) values.fill(value, 3 * at, 3 * at + 3);
  return { shape: [image.shape[0]!, image.shape[1]!, 3], values };
}
