import { formatNumber } from "../../../comms/format.js";
import { colorOf } from "../../../comms/states/colors.js";
import { endWords } from "../../../comms/states/heatmap.js";
import {
  columnGroups,
  columnOrder,
  gridLimits,
  type MethodGridState,
  scaleWords,
  shownScore,
  sortWords,
  tickWords,
} from "../../../comms/states/method-grid.js";
import { drawing, svgFile } from "../../pictures/drawing/static-picture.js";
import {
  AGAINST,
  cut,
  FOR,
  LINE as FRAME,
  INK,
  type Letters,
  SOFT,
  widthOf,
  wrap,
  write,
  writeAsIs,
} from "../../pictures/drawing/svg.js";
import { paintHeatmap } from "../../pictures/heatmap-png.js";
import { encodePng } from "../../pictures/png.js";
import type { Photo, RelevanceMap } from "../../pictures/relevance-map.js";
import { paintSvg } from "../../platform/pictures.js";
import type { GridCell } from "./grid-cell.js";

type Shown = Omit<MethodGridState, "cells" | "detail"> & { cells: readonly GridCell[] };

/** Sizes in CSS pixels. */
const WIDTH = 820;
const MARGIN = 20;
const GAP = 14;
const LINE = 16;
const CAPTION = 14;
const HEADING = 2 * LINE + 6;
const BAR = { width: 300, height: 12 };
const STOPS = 32;
/** Pixels that a map is at least wide: the file stays small. */
const PIXELS = 160;

const FAULT = "#b71c1c";
const SMALL: Letters = { size: 12 };
const SMALLER: Letters = { size: 11 };
const NAME: Letters = { size: 12, weight: 600, color: INK };

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
    write(MARGIN, 32, grid.title, { size: 17, weight: 600, color: INK }),
    write(MARGIN, 52, grid.subtitle, SMALL),
  ];
  const sorted = wrap(sortWords(grid), WIDTH - 2 * MARGIN, SMALL);
  sorted.forEach((line, at) => {
    parts.push(write(MARGIN, 76 + at * LINE, line, SMALL));
  });
  let top = 70 + (sorted.length > 0 ? sorted.length * LINE + 8 : 0);
  const score = shownScore(grid);
  const head = HEADING + (score === undefined ? 0 : LINE);
  const groups = columnGroups(grid);
  grid.rows.forEach((row, at) => {
    const photo = photoOf(row.image);
    const height = width * ratioOf(photo, grid.cells.slice(at * columns, (at + 1) * columns));
    if (grid.rows.length > 1) {
      parts.push(writeAsIs(MARGIN, top + 12, row.label, NAME));
      parts.push(write(MARGIN + widthOf(row.label, NAME) + 10, top + 12, row.note, SMALL));
      top += LINE + 8;
    }
    for (const group of groups) {
      if (group.name !== "") {
        parts.push(write(MARGIN, top + 14, group.name, { size: 13, weight: 600, color: INK }));
        top += 2 * LINE;
      }
      for (let first = 0; first < group.columns.length; first += across) {
        const line = group.columns.slice(first, first + across);
        const captions = line.map((column) => wrap(grid.columns[column]!.caption ?? "", width, SMALLER));
        const room = Math.max(...captions.map((words) => words.length)) * CAPTION;
        line.forEach((chosen, place) => {
          const index = at * columns + chosen;
          parts.push(
            tile(grid, {
              cell: grid.cells[index]!,
              label: grid.columns[chosen]!.label,
              caption: captions[place]!,
              room,
              score: score && { label: score.label, value: score.values[at]?.[chosen] ?? null },
              photo,
              limit: limits[index]!,
              left: MARGIN + place * (width + GAP),
              top,
              width,
              height,
            }),
          );
        });
        top += head + room + height + GAP;
      }
    }
  });
  const [legend, below] = legendOf(grid, limits, top + 4);
  const words = columnOrder(grid)
    .map((column) => grid.columns[column]!.label)
    .join(", ");
  return svgFile(drawing(WIDTH, below, ...parts, legend), `${grid.title.replaceAll("*", "")}: ${words}`);
}

/** The same as pixels. */
export async function methodGridPng(grid: Shown, scale = 2): Promise<Buffer> {
  return paintSvg(methodGridSvg(grid), 72 * scale, "plain");
}

/** How many maps stand side by side, so that rows are about equally full. */
function balanced(count: number, width: number, least: number): number {
  const most = Math.max(1, Math.floor((width + GAP) / (least + GAP)));
  return Math.ceil(count / Math.ceil(count / most));
}

interface Place {
  cell: GridCell;
  label: string;
  /** What it answers, line by line. */
  caption: readonly string[];
  /** How high the captions are of the maps beside each other. */
  room: number;
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
  { cell, label, caption, room, score, photo, limit, left, top: above, width, height }: Place,
): string {
  const { relevance, signed, target, total, phase, error, warnings } = cell;
  const facts = [
    total === null ? "" : `Σ ${formatNumber(total)}`,
    scale === "own" && limit > 0 ? `${signed ? "±" : "≤ "}${formatNumber(limit, 2)}` : "",
  ];
  const top = above + room;
  const parts = [
    writeAsIs(left, above + 12, cut(`${warnings.length > 0 ? "⚠ " : ""}${label}`, width, NAME), NAME),
    writeAsIs(
      left,
      top + 12 + LINE,
      cut([target, ...facts].filter((part) => part !== "").join(" · "), width, SMALLER),
      SMALLER,
    ),
  ];
  caption.forEach((words, at) => {
    parts.push(writeAsIs(left, above + 12 + (at + 1) * CAPTION, words, SMALLER));
  });
  if (score !== undefined) {
    const value = score.value === null ? "\u2013" : formatNumber(score.value);
    const name = cut(score.label, width - widthOf(` ${value}`, SMALLER), SMALLER);
    parts.push(writeAsIs(left, top + 12 + 2 * LINE, `${name} ${value}`, { ...SMALLER, color: INK }));
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
  wrap(words, width - 16, SMALL).forEach((line, at) => {
    if (at < (height - 20) / LINE)
      parts.push(
        writeAsIs(left + 8, y + 20 + at * LINE, cut(line, width - 16, SMALL), {
          ...SMALL,
          color: phase === "failed" ? FAULT : SOFT,
        }),
      );
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
    const anchors = ["start", "middle", "end"] as const;
    const [low, high] = endWords(signed);
    return [
      `<linearGradient id="ramp${at}">${stops.join("")}</linearGradient>`,
      write(left, top + 12, low, { ...SMALL, color: signed ? AGAINST : SOFT }),
      write(left + BAR.width, top + 12, high, { ...SMALL, anchor: "end", color: signed ? FOR : SOFT }),
      `<rect x="${left}" y="${top + 18}" width="${BAR.width}" height="${BAR.height}" fill="url(#ramp${at})"/>`,
      ...ticks.map((tick, i) =>
        write(left + (i * BAR.width) / 2, top + 18 + BAR.height + LINE, tick, { ...SMALLER, anchor: anchors[i]! }),
      ),
    ].join("");
  });
  const below = kinds.length === 0 ? top : top + 18 + BAR.height + 2 * LINE + 6;
  const words = kinds.length === 0 ? [] : wrap(scaleWords(grid, grid.unit), WIDTH - 2 * MARGIN, SMALL);
  words.forEach((line, at) => {
    parts.push(write(MARGIN, below + at * LINE, line, SMALL));
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
