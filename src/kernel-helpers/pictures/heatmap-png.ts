import { clipLimit, colorize, colorOf, colorTable, groundGray } from "../../comms/states/colors.js";
import { heatmapState, type PictureMode } from "../../comms/states/heatmap.js";
import { initialState } from "../../comms/states/traits.js";
import { encodePng } from "./png.js";
import type { Photo, RelevanceMap } from "./relevance-map.js";

/** What a static heatmap shows; the defaults are the widget's. */
export interface HeatmapPicture {
  image?: Photo | null;
  relevance?: RelevanceMap | null;
  signed?: boolean;
  mode?: PictureMode;
  opacity?: number;
  percentile?: number;
  limit?: number | null;
  /** Pixels that it is at least wide; default 448. */
  width?: number;
}

const WIDTH = 448;
const MARGIN = 10;
const BAR = 14;
const GLYPH = { width: 5, height: 7, scale: 2 };
const PAPER = 255;
const INK = 70;

/** Rows of five bits, top first. */
const glyphs: { [character: string]: number[] } = {
  "0": [14, 17, 19, 21, 25, 17, 14],
  "1": [4, 12, 4, 4, 4, 4, 14],
  "2": [14, 17, 1, 2, 4, 8, 31],
  "3": [31, 2, 4, 2, 1, 17, 14],
  "4": [2, 6, 10, 18, 31, 2, 2],
  "5": [31, 16, 30, 1, 1, 17, 14],
  "6": [6, 8, 16, 30, 17, 17, 14],
  "7": [31, 1, 2, 4, 8, 8, 8],
  "8": [14, 17, 17, 14, 17, 17, 14],
  "9": [14, 17, 17, 15, 1, 2, 12],
  "+": [0, 4, 4, 31, 4, 4, 0],
  "-": [0, 0, 0, 31, 0, 0, 0],
  ".": [0, 0, 0, 0, 0, 12, 12],
  e: [0, 0, 14, 17, 31, 16, 14],
};

/**
 * A heatmap as a PNG file: what the widget draws, with its color bar and the numbers of the scale below.
 *
 * @param picture Photo, relevance or both; relevance is enlarged by a whole factor, so that its pixels stay square.
 * @throws TypeError when there is neither.
 * @example await writeFile("heatmap.png", heatmapPng({ image: photo, relevance: relevanceMap(result.relevance) }));
 */
export function heatmapPng(picture: HeatmapPicture): Buffer {
  const { pixels, width, height, limit, signed } = paintHeatmap(
    picture,
    BAR + 2 * MARGIN + GLYPH.scale * GLYPH.height + 8,
  );
  if (limit !== null) drawScale(pixels, width, height + MARGIN, limit, signed);
  return encodePng(pixels, width, pixels.length / 3 / width);
}

/** A heatmap's pixels, RGB row by row. */
export interface PaintedHeatmap {
  pixels: Uint8Array;
  width: number;
  height: number;
  /** The value of the end colors; null where the photo alone is seen. */
  limit: number | null;
  signed: boolean;
}

/**
 * Paints photo and relevance over each other.
 *
 * @param below rows of white that are left beneath, where there is a scale to draw
 * @throws TypeError when there is neither
 */
export function paintHeatmap(picture: HeatmapPicture, below = 0): PaintedHeatmap {
  const { image = null, relevance = null } = picture;
  const { signed, opacity, percentile } = { ...initialState(heatmapState), ...picture };
  const mode = !relevance ? "image" : !image ? "map" : (picture.mode ?? "overlay");
  const [rows, columns] = relevance?.shape ?? (image ? [image.height, image.width] : [0, 0]);
  if (rows === 0 || columns === 0) throw new TypeError("A heatmap shows a photo, relevance or both: neither was given");
  const scale = Math.max(1, Math.ceil((picture.width ?? WIDTH) / columns));
  const [width, height] = [scale * columns, scale * rows];
  const scaled = relevance && mode !== "image";
  const legend = scaled ? below : 0;
  const pixels = new Uint8Array(3 * width * (height + legend)).fill(PAPER);

  let colors = new Uint8Array();
  let limit: number | null = null;
  if (scaled) {
    limit = picture.limit ?? clipLimit(relevance.values, percentile);
    const words = new Uint32Array(rows * columns);
    colorize(relevance.values, limit, signed, colorTable(signed, mode === "overlay"), words);
    colors = new Uint8Array(words.buffer);
  }
  for (let y = 0, to = 0; y < height; y++) {
    const mapRow = Math.floor(y / scale) * columns;
    const photoRow = image ? Math.floor((y * image.height) / height) * image.width : 0;
    for (let x = 0; x < width; x++) {
      const over = 4 * (mapRow + Math.floor(x / scale));
      const alpha = !scaled ? 0 : mode === "map" ? 1 : (opacity * colors[over + 3]!) / 255;
      let [red, green, blue] = [0, 0, 0];
      if (image && mode !== "map") {
        const from = 4 * (photoRow + Math.floor((x * image.width) / width));
        red = image.pixels[from]!;
        green = image.pixels[from + 1]!;
        blue = image.pixels[from + 2]!;
        if (scaled) red = green = blue = groundGray(red, green, blue);
      }
      pixels[to++] = scaled ? red + alpha * (colors[over]! - red) : red;
      pixels[to++] = scaled ? green + alpha * (colors[over + 1]! - green) : green;
      pixels[to++] = scaled ? blue + alpha * (colors[over + 2]! - blue) : blue;
    }
  }
  return { pixels, width, height, limit, signed };
}

function drawScale(pixels: Uint8Array, width: number, top: number, limit: number, signed: boolean): void {
  for (let x = 0; x < width; x++) {
    const share = x / (width - 1);
    const color = colorOf(signed ? 2 * share - 1 : share, signed);
    for (let y = top; y < top + BAR; y++) pixels.set(color, 3 * (y * width + x));
  }
  const texts = signed ? [`-${short(limit)}`, "0", `+${short(limit)}`] : ["0", short(limit / 2), short(limit)];
  const advance = GLYPH.scale * (GLYPH.width + 1);
  texts.forEach((text, place) => {
    const left = Math.round((place / 2) * (width - advance * text.length));
    [...text].forEach((character, index) => {
      drawGlyph(pixels, width, left + index * advance, top + BAR + 8, glyphs[character] ?? []);
    });
  });
}

function drawGlyph(pixels: Uint8Array, width: number, left: number, top: number, glyph: number[]): void {
  for (let y = 0; y < GLYPH.scale * GLYPH.height; y++) {
    for (let x = 0; x < GLYPH.scale * GLYPH.width; x++) {
      const bit = GLYPH.width - 1 - Math.floor(x / GLYPH.scale);
      if (((glyph[Math.floor(y / GLYPH.scale)] ?? 0) >> bit) & 1) {
        pixels.fill(INK, 3 * ((top + y) * width + left + x), 3 * ((top + y) * width + left + x + 1));
      }
    }
  }
}

/** Two significant digits, of the characters that have glyphs. */
function short(value: number): string {
  return value === 0 || (value >= 1e-3 && value < 1e4) ? String(Number(value.toPrecision(2))) : value.toExponential(1);
}
