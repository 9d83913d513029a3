import { formatNumber } from "../../../comms/format.js";
import { colorOf } from "../../../comms/states/colors.js";
import { endWords } from "../../../comms/states/heatmap.js";
import {
  columnOrder,
  gridLimits,
  type MethodGridState,
  scaleWords,
  shownScore,
  sortWords,
  tickWords,
} from "../../../comms/states/method-grid.js";
import { AGAINST, escapeXml, FOR, SOFT } from "../../pictures/drawing/svg.js";
import { paintHeatmap } from "../../pictures/heatmap-png.js";
import { encodePng } from "../../pictures/png.js";
import type { Photo, RelevanceMap } from "../../pictures/relevance-map.js";
import type { GridCell } from "./grid-cell.js";

type Shown = Omit<MethodGridState, "cells" | "detail"> & { cells: readonly GridCell[] };

/** Sizes in CSS pixels. */
const WIDTH = 820;
const MARGIN = 20;
const GAP = 14;
const LINE = 16;
const HEADING = 2 * LINE + 6;
const BAR = { width: 300, height: 12 };
const STOPS = 32;
/** Pixels that a map is at least wide: the file stays small. */
const PIXELS = 160;

/** Colors of the light theme; the browser takes its own theme's. */
const INK = "#212121";
const FRAME = "#e0e0e0";
const FAULT = "#b71c1c";

/** The grid as a picture: the maps under their titles, row by row, and one legend. */
export function methodGridSvg(grid: Shown): string {
  const limits = gridLimits(
    grid.cells.map(({ relevance }) => (relevance as RelevanceMap | null)?.values ?? null),
    grid,
  );
  const columns = grid.columns.length;
  const across = balanced(columns, WIDTH - 2 * MARGIN, grid.rows.length > 1 ? 140 : grid.mapWidth);
  const width = Math.min(260, (WIDTH - 2 * MARGIN - (across - 1) * GAP) / across);
  const parts = [
    write(MARGIN, 32, grid.title.replaceAll("*", ""), { size: 17, weight: 600, color: INK }),
    write(MARGIN, 52, grid.subtitle),
  ];
  const sorted = lines(sortWords(grid), 130);
  sorted.forEach((line, at) => {
    parts.push(write(MARGIN, 76 + at * LINE, line));
  });
  let top = 70 + (sorted.length > 0 ? sorted.length * LINE + 8 : 0);
  const score = shownScore(grid);
  const head = HEADING + (score === undefined ? 0 : LINE);
  const order = columnOrder(grid);
  grid.rows.forEach((row, at) => {
    const photo = photoOf(row.image);
    const height = width * ratioOf(photo, grid.cells.slice(at * columns, (at + 1) * columns));
    if (grid.rows.length > 1) {
      parts.push(write(MARGIN, top + 12, row.label, { weight: 600, color: INK }));
      parts.push(write(MARGIN + 8 * row.label.length + 10, top + 12, row.note.replaceAll("*", "")));
      top += LINE + 8;
    }
    order.forEach((chosen, place) => {
      const index = at * columns + chosen;
      const left = MARGIN + (place % across) * (width + GAP);
      const down = top + Math.floor(place / across) * (head + height + GAP);
      parts.push(
        tile(grid, {
          cell: grid.cells[index]!,
          label: grid.columns[chosen]!.label,
          score: score && { label: score.label, value: score.values[at]?.[chosen] ?? null },
          photo,
          limit: limits[index]!,
          left,
          top: down,
          width,
          height,
        }),
      );
    });
    top += Math.ceil(columns / across) * (head + height + GAP);
  });
  const [legend, below] = legendOf(grid, limits, top + 4);
  const words = order.map((column) => grid.columns[column]!.label).join(", ");
  const frame = `<rect width="${WIDTH}" height="${below}" fill="#fff"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${below}" width="${WIDTH}" height="${below}" font-family="system-ui, sans-serif" role="img" aria-label="${escapeXml(`${grid.title.replaceAll("*", "")}: ${words}`)}">${frame}${parts.join("")}${legend}</svg>`;
}

/** The same as pixels. */
export async function methodGridPng(grid: Shown, scale = 2): Promise<Buffer> {
  const { default: sharp } = await import("sharp");
  return sharp(Buffer.from(methodGridSvg(grid)), { density: 72 * scale })
    .png()
    .toBuffer();
}

/** How many maps stand side by side, so that rows are about equally full. */
function balanced(count: number, width: number, least: number): number {
  const most = Math.max(1, Math.floor((width + GAP) / (least + GAP)));
  return Math.ceil(count / Math.ceil(count / most));
}

interface Place {
  cell: GridCell;
  label: string;
  score: { label: string; value: number | null } | undefined;
  photo: Photo | null;
  limit: number;
  left: number;
  top: number;
  width: number;
  height: number;
}

function tile(
  { mode, opacity, scale }: Shown,
  { cell, label, score, photo, limit, left, top, width, height }: Place,
): string {
  const { relevance, signed, target, total, phase, error, warnings } = cell;
  const facts = [
    total === null ? "" : `Σ ${formatNumber(total)}`,
    scale === "own" && limit > 0 ? `${signed ? "±" : "≤ "}${formatNumber(limit, 2)}` : "",
  ];
  const parts = [
    write(left, top + 12, cut(`${warnings.length > 0 ? "⚠ " : ""}${label}`, width, 7.2), { weight: 600, color: INK }),
    write(left, top + 12 + LINE, cut([target, ...facts].filter((part) => part !== "").join(" · "), width, 5.6), {
      size: 11,
    }),
  ];
  if (score !== undefined) {
    const value = score.value === null ? "\u2013" : formatNumber(score.value);
    const name = cut(score.label, width - 6.6 * (value.length + 1), 5.9);
    parts.push(write(left, top + 12 + 2 * LINE, `${name} ${value}`, { size: 11, color: INK }));
  }
  const y = top + HEADING + (score === undefined ? 0 : LINE);
  if (relevance === null && (photo === null || phase === "failed")) {
    parts.push(`<rect x="${left}" y="${y}" width="${width}" height="${height}" fill="none" stroke="${FRAME}"/>`);
  } else {
    const map = relevance as RelevanceMap | null;
    const painted = paintHeatmap({ image: photo, relevance: map, signed, mode, opacity, limit, width: PIXELS });
    const png = encodePng(painted.pixels, painted.width, painted.height);
    parts.push(
      `<image x="${left}" y="${y}" width="${width}" height="${height}" preserveAspectRatio="none" href="data:image/png;base64,${png.toString("base64")}"/>`,
    );
  }
  const words = phase === "failed" ? error : phase === "done" ? "" : phase;
  lines(words, Math.floor(width / 6.2)).forEach((line, at) => {
    if (at < (height - 20) / LINE)
      parts.push(write(left + 8, y + 20 + at * LINE, line, { color: phase === "failed" ? FAULT : SOFT }));
  });
  return parts.join("");
}

/** The color bars of the kinds of maps that there are, and what their numbers mean. */
function legendOf(grid: Shown, limits: readonly number[], top: number): [svg: string, bottom: number] {
  const done = grid.cells.filter(({ relevance }) => relevance !== null);
  const kinds = [true, false].filter((signed) => done.some((cell) => cell.signed === signed));
  const limit = Math.max(0, ...limits);
  const parts = kinds.map((signed, at) => {
    const left = MARGIN + at * (BAR.width + 60);
    const stops = Array.from({ length: STOPS + 1 }, (_, i) => {
      const color = colorOf(signed ? (2 * i) / STOPS - 1 : i / STOPS, signed);
      return `<stop offset="${i / STOPS}" stop-color="rgb(${color})"/>`;
    });
    const ticks = (signed ? [-1, 0, 1] : [0, 0.5, 1]).map((share) => tickWords(share, grid.scale, limit, signed));
    const anchors = ["start", "middle", "end"];
    const [low, high] = endWords(signed);
    return [
      `<linearGradient id="ramp${at}">${stops.join("")}</linearGradient>`,
      write(left, top + 12, low, { color: signed ? AGAINST : SOFT }),
      write(left + BAR.width, top + 12, high, { anchor: "end", color: signed ? FOR : SOFT }),
      `<rect x="${left}" y="${top + 18}" width="${BAR.width}" height="${BAR.height}" fill="url(#ramp${at})"/>`,
      ...ticks.map((tick, i) =>
        write(left + (i * BAR.width) / 2, top + 18 + BAR.height + LINE, tick, { anchor: anchors[i]!, size: 11 }),
      ),
    ].join("");
  });
  const below = kinds.length === 0 ? top : top + 18 + BAR.height + 2 * LINE + 6;
  const words = kinds.length === 0 ? [] : lines(scaleWords(grid, grid.unit), 120);
  words.forEach((line, at) => {
    parts.push(write(MARGIN, below + at * LINE, line));
  });
  return [parts.join(""), below + words.length * LINE + 4];
}

function photoOf(image: Shown["rows"][number]["image"]): Photo | null {
  if (image === null) return null;
  const { shape, data } = image;
  const [height = 0, width = 0] = shape;
  return { pixels: new Uint8Array(data.buffer, data.byteOffset, data.byteLength), width, height };
}

/** Height for a width. */
function ratioOf(photo: Photo | null, cells: readonly GridCell[]): number {
  const [rows, columns] =
    (cells.find(({ relevance }) => relevance !== null)?.relevance as RelevanceMap | undefined)?.shape ?? [];
  if (rows !== undefined && columns !== undefined) return rows / columns;
  return photo === null ? 1 : photo.height / photo.width;
}

/** As much of a line as fits, at about that many pixels a letter. */
function cut(line: string, width: number, letter: number): string {
  const most = Math.floor(width / letter);
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
}

function lines(words: string, length: number): string[] {
  const found = [""];
  for (const word of words.split(/\s+/)) {
    if (found.at(-1) !== "" && found.at(-1)!.length + word.length >= length) found.push("");
    found[found.length - 1] = `${found.at(-1)!} ${word}`.trim();
  }
  return words === "" ? [] : found;
}

function write(
  x: number,
  y: number,
  words: string,
  { size = 12, weight = 400, color = SOFT, anchor = "start" } = {},
): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="${size}" font-weight="${weight}" fill="${color}" text-anchor="${anchor}">${escapeXml(words)}</text>`;
}
