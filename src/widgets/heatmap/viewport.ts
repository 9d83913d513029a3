import type { Viewport } from "./draw.js";

export const WHOLE: Readonly<Viewport> = { zoom: 1, x: 0.5, y: 0.5 };
const LARGEST_ZOOM = 40;

/** Keeps the picture's edges from entering the frame. */
function within({ zoom, x, y }: Viewport): Viewport {
  const margin = 0.5 / zoom;
  return {
    zoom,
    x: Math.min(Math.max(x, margin), 1 - margin),
    y: Math.min(Math.max(y, margin), 1 - margin),
  };
}

/** Enlarges by `factor` so that the point of the picture under (`u`, `v`), in shares of the frame, stays where it is. */
export function zoomAt(view: Viewport, factor: number, u: number, v: number): Viewport {
  const zoom = Math.min(Math.max(view.zoom * factor, 1), LARGEST_ZOOM);
  const [x, y] = toPicture(view, u, v);
  return within({ zoom, x: x - (u - 0.5) / zoom, y: y - (v - 0.5) / zoom });
}

/** Moves by shares of the frame. */
export function panBy(view: Viewport, du: number, dv: number): Viewport {
  return within({ zoom: view.zoom, x: view.x - du / view.zoom, y: view.y - dv / view.zoom });
}

/** Moves as little as needed to have a point of the picture in sight. */
export function reveal(view: Viewport, x: number, y: number): Viewport {
  const reach = 0.46 / view.zoom;
  return within({
    zoom: view.zoom,
    x: Math.min(Math.max(view.x, x - reach), x + reach),
    y: Math.min(Math.max(view.y, y - reach), y + reach),
  });
}

/** From shares of the frame to shares of the picture. */
export function toPicture(view: Viewport, u: number, v: number): [x: number, y: number] {
  return [view.x + (u - 0.5) / view.zoom, view.y + (v - 0.5) / view.zoom];
}

/** From shares of the picture to shares of the frame. */
export function toFrame(view: Viewport, x: number, y: number): [u: number, v: number] {
  return [0.5 + (x - view.x) * view.zoom, 0.5 + (y - view.y) * view.zoom];
}
