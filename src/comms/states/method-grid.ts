import { formatShort, formatTick } from "../format.js";
import { type Bytes, floats } from "./array.js";
import { clipLimit } from "./colors.js";
import { heatmapState } from "./heatmap.js";
import type { ModelReference } from "./model.js";
import { between, choice, data, flag, integer, list, nullable, number, type StateOf, text, viewed } from "./traits.js";

/** How far the map of a cell is. */
export type CellPhase = "waiting" | "working" | "done" | "stopped" | "failed";

/** One map of a grid. Each is a model of its own, so that a new one does not send the others again. */
export const gridCellState = {
  phase: choice<CellPhase>("waiting", "working", "done", "stopped", "failed"),
  /** Share of the work done, 0 to 1, where the method can say. */
  progress: nullable(number()),
  /** What is explained: the name of the class. */
  target: text(),
  /** The explained output. */
  output: nullable(number()),
  /** The sum of the relevance, where values are shares of the output. */
  total: nullable(number()),
  /** Whether the sign of a value has a meaning. */
  signed: flag(true),
  /** Relevance by position, `[height, width]`. */
  relevance: floats(),
  /** Where the numbers do not mean what they seem to. */
  warnings: list(text()),
  /** What went wrong; empty when nothing did. */
  error: text(),
};

export interface GridCellState extends StateOf<typeof gridCellState> {}

/** What the maps of a column have in common: a method with its parameters. */
export interface GridColumn {
  label: string;
  /** Parameters that are not the defaults, in lighter type beneath. */
  note: string;
  /** Tooltip: the question that the method answers, and who published it. */
  hint: string;
  /** What stands beneath each map, in full: the question that it answers. */
  caption?: string;
  /** Neighbors of one group stand under its name, unless a measure sorts. */
  group?: string;
}

/** What the maps of a row have in common: a picture. */
export interface GridRow {
  label: string;
  /** What is explained in it, in lighter type. */
  note: string;
  /** Pixels, red, green, blue and opacity: `[height, width, 4]`. */
  image: Bytes | null;
}

/** What a measure says of the maps: a number each, where it has one. */
export interface GridScore {
  /** The measure. */
  label: string;
  /** Which values are better; by `"none"` columns are sorted from the largest on. */
  better: "higher" | "lower" | "none";
  /** Rows of one value for each column; null where there is none. */
  values: (number | null)[][];
  /** Tooltip: what the measure asks, and its unit. */
  hint?: string;
  /** Why a value is missing, where that is known. */
  reasons?: (string | null)[][];
}

/** Each map by its own largest values, or all by the same. */
export type GridScale = "own" | "shared";

/** Maps in rows (pictures) and columns (methods), under one legend and one set of controls. */
export const methodGridState = {
  title: text(),
  subtitle: text(),
  rows: data<GridRow[]>([]),
  columns: data<GridColumn[]>([]),
  /** Row by row, one for each column. */
  cells: data<ModelReference<GridCellState>[]>([]),
  /** What measures say of the maps. */
  scores: data<GridScore[]>([]),
  /** The measure that columns are sorted by, from the best on; empty as they were given. */
  sort: viewed(text()),
  mode: heatmapState.mode,
  opacity: heatmapState.opacity,
  percentile: heatmapState.percentile,
  scale: viewed(choice<GridScale>("own", "shared")),
  /** The value at the ends of the shared scale; null takes it from the maps. */
  limit: viewed(nullable(number())),
  /** What a value is in on the shared scale. */
  unit: text(),
  /** The least width of a map, in CSS pixels; maps wrap. */
  mapWidth: between(140, 1000, 160),
  /** Index of the cell that is open beneath; −1 for none. */
  selected: integer(-1),
  /** What is open beneath: the explorer with that method, or its map at large. */
  detail: nullable(data<ModelReference>("" as ModelReference)),
  /** Whether maps are being computed. */
  running: flag(),
  /** What keeps all of the maps from being made; empty when nothing does. */
  error: text(),
};

export interface MethodGridState extends StateOf<typeof methodGridState> {}

/** What says how maps are colored. */
type Scaled = Pick<MethodGridState, "scale" | "limit" | "percentile">;

/**
 * For each map the value that gets the end color: by its own `percentile` of magnitudes, or the largest of these for all.
 *
 * @param maps the values of each cell; null where there are none yet
 */
export function gridLimits(maps: readonly (Float32Array | null)[], { scale, limit, percentile }: Scaled): number[] {
  if (scale === "shared" && limit !== null) return maps.map(() => limit);
  const own = maps.map((values) => (values ? clipLimit(values, percentile) : 0));
  return scale === "own" ? own : own.map(() => Math.max(0, ...own));
}

/** What the numbers of the legend are, in words. */
export function scaleWords({ scale, limit, percentile }: Scaled, unit: string): string {
  const share = `${formatShort(percentile, 4)}\u202f% of the values`;
  if (scale === "own") {
    const most = percentile === 100 ? "its largest value" : `what ${share} stay below`;
    return `Each map on its own scale: 100\u202f% is ${most}, and ± or ≤ says how much that is`;
  }
  const by =
    limit !== null
      ? "as it was set"
      : percentile === 100
        ? "to the largest value of all"
        : `to what ${share} of every map stay below`;
  return `One scale for all maps, ${by}${unit === "" ? "" : `; ${unit}`}`;
}

/** A tick of the legend: a share of each map's own limit, or a value. */
export function tickWords(share: number, scale: GridScale, limit: number, signed: boolean): string {
  if (share === 0) return "0";
  if (scale === "shared") return limit > 0 ? formatTick(share * limit, limit, signed) : "";
  const percent = `${Math.abs(100 * share)}\u202f%`;
  return !signed ? percent : share > 0 ? `+${percent}` : `\u2212${percent}`;
}

/** The measure whose values stand at the maps: the one that sorts, else the first. */
export const shownScore = ({ scores, sort }: Pick<MethodGridState, "scores" | "sort">): GridScore | undefined =>
  scores.find(({ label }) => label === sort) ?? scores[0];

/**
 * The mean of each column by a measure, over the rows that all of them have; null of columns that lack most values, which take no rows
 * from the others: as an evaluation ranks methods.
 */
export function columnMeans({ values }: GridScore): { means: (number | null)[]; rows: number } {
  const columns = (values[0] ?? []).map((_, column) => values.map((row) => row[column] ?? null));
  const counts = columns.map((column) => column.filter((value) => value !== null).length);
  const most = Math.max(...counts);
  const measured = columns.filter((_, at) => counts[at]! > 0 && 2 * counts[at]! >= most);
  const common = values.flatMap((_, row) => (measured.every((column) => column[row] !== null) ? [row] : []));
  const means = columns.map((column) =>
    common.length === 0 || !measured.includes(column)
      ? null
      : common.reduce((sum, row) => sum + column[row]!, 0) / common.length,
  );
  return { means, rows: common.length };
}

/** How the columns stand: indices, those without a mean last, equal ones as they were given. */
export function columnOrder({ columns, scores, sort }: Pick<MethodGridState, "columns" | "scores" | "sort">): number[] {
  const order = columns.map((_, column) => column);
  const score = scores.find(({ label }) => label === sort);
  if (score === undefined) return order;
  const { means } = columnMeans(score);
  const sign = score.better === "lower" ? 1 : -1;
  return order.sort((a, b) => {
    const [left, right] = [means[a] ?? null, means[b] ?? null];
    return left === null || right === null ? Number(left === null) - Number(right === null) : sign * (left - right);
  });
}

/** Runs of the ordered columns that stand under one heading; one without a name where a measure sorts or nothing has a group. */
export function columnGroups(
  grid: Pick<MethodGridState, "columns" | "scores" | "sort">,
): { name: string; columns: number[] }[] {
  const order = columnOrder(grid);
  const isSorted = grid.scores.some(({ label }) => label === grid.sort);
  const groups: { name: string; columns: number[] }[] = [];
  for (const column of order) {
    const name = isSorted ? "" : (grid.columns[column]!.group ?? "");
    if (groups.at(-1)?.name === name) groups.at(-1)!.columns.push(column);
    else groups.push({ name, columns: [column] });
  }
  return groups;
}

/** Which side of a measure is the better one. */
export const betterWords = ({ better }: Pick<GridScore, "better">): string =>
  better === "none" ? "neither side is better" : `${better} is better`;

/** What the columns are sorted by, in words, and where there are several pictures the means that they are sorted by. */
export function sortWords(grid: Pick<MethodGridState, "columns" | "rows" | "scores" | "sort">): string {
  const score = grid.scores.find(({ label }) => label === grid.sort);
  if (score === undefined) return "";
  const from = score.better === "none" ? "from the largest on" : "from the best on";
  const by = `Sorted by ${score.label}, ${from} (${betterWords(score)})`;
  const { means, rows } = columnMeans(score);
  if (rows === 0) return `${by}: no picture has a value of every method, so they stand as they were given`;
  if (grid.rows.length === 1) return by;
  const listed = columnOrder(grid).map(
    (column) => `${grid.columns[column]!.label} ${means[column] == null ? "\u2013" : formatShort(means[column], 3)}`,
  );
  const over =
    rows === grid.rows.length ? `all ${rows} pictures` : `the ${rows} of ${grid.rows.length} pictures that all have`;
  return `${by}. Means over ${over}: ${listed.join(" · ")}`;
}
