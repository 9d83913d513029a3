import { colorize, colorTable, groundGray } from "../../comms/states/colors.js";
import type { PictureMode } from "../../comms/states/heatmap.js";
import type { Grid } from "../parts/grid.js";

/** The part of the picture that is seen: `zoom` times enlarged around a center in shares of width and height. */
export interface Viewport {
  zoom: number;
  x: number;
  y: number;
}

/** Offscreen copies of what a picture is made of, each redone only when its source changes. */
export interface Layers {
  setImage(image: Grid<Uint8Array> | null): void;
  setRelevance(relevance: Grid<Float32Array> | null, limit: number, signed: boolean, mode: PictureMode): void;
  paint(canvas: HTMLCanvasElement, mode: PictureMode, opacity: number, viewport: Viewport): void;
}

const COLUMNS_SMOOTHED = 3; // screen pixels per value, below which enlarging smoothly looks better than squares

function canvasOf(width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

function context(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const found = canvas.getContext("2d");
  if (!found) throw new Error("This browser gives no 2d canvas, which a heatmap is drawn on.");
  return found;
}

/** The photo twice: in color, and as a pale gray ground on which red and blue stand out. Runs once per photo. */
function paintPhoto({ shape, values }: Grid<Uint8Array>): [color: HTMLCanvasElement, gray: HTMLCanvasElement] {
  const [height = 0, width = 0, channels = 3] = shape;
  const color = canvasOf(width, height);
  const gray = canvasOf(width, height);
  const colorData = context(color).createImageData(width, height);
  const grayData = context(gray).createImageData(width, height);
  for (let from = 0, to = 0; to < colorData.data.length; from += channels, to += 4) {
    const r = values[from]!;
    const g = values[from + 1]!;
    const b = values[from + 2]!;
    colorData.data[to] = r;
    colorData.data[to + 1] = g;
    colorData.data[to + 2] = b;
    grayData.data[to] = grayData.data[to + 1] = grayData.data[to + 2] = groundGray(r, g, b);
    colorData.data[to + 3] = grayData.data[to + 3] = 255;
  }
  context(color).putImageData(colorData, 0, 0);
  context(gray).putImageData(grayData, 0, 0);
  return [color, gray];
}

export function layers(): Layers {
  const tables = new Map<string, Uint32Array>();
  let color: HTMLCanvasElement | null = null;
  let gray: HTMLCanvasElement | null = null;
  let map: HTMLCanvasElement | null = null;
  let mapData: ImageData | null = null;

  const table = (signed: boolean, veil: boolean) => {
    const key = `${signed} ${veil}`;
    const made = tables.get(key) ?? colorTable(signed, veil);
    tables.set(key, made);
    return made;
  };

  return {
    setImage(image) {
      [color, gray] = image ? paintPhoto(image) : [null, null];
    },
    setRelevance(relevance, limit, signed, mode) {
      if (!relevance) {
        map = mapData = null;
        return;
      }
      const [height = 0, width = 0] = relevance.shape;
      if (!map || !mapData || map.width !== width || map.height !== height) {
        map = canvasOf(width, height);
        mapData = context(map).createImageData(width, height);
      }
      // Without a photo below there is nothing for small values to let through.
      const veil = mode !== "map" && color !== null;
      colorize(relevance.values, limit, signed, table(signed, veil), new Uint32Array(mapData.data.buffer));
      context(map).putImageData(mapData, 0, 0);
    },
    paint(canvas, mode, opacity, { zoom, x, y }) {
      const to = context(canvas);
      const { width, height } = canvas;
      to.clearRect(0, 0, width, height);
      const place = (source: HTMLCanvasElement, alpha: number) => {
        const enlarged = (width * zoom) / source.width;
        to.globalAlpha = alpha;
        to.imageSmoothingEnabled = enlarged < COLUMNS_SMOOTHED;
        to.drawImage(source, width * (0.5 - x * zoom), height * (0.5 - y * zoom), width * zoom, height * zoom);
      };
      const photo = mode === "overlay" && map ? gray : color;
      if (photo && (mode !== "map" || !map)) place(photo, 1);
      if (map && (mode !== "image" || !color)) place(map, mode === "overlay" && color ? opacity : 1);
    },
  };
}
