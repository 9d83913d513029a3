import { formatNumber } from "../../../comms/format.js";
import { endWords, type HeatmapState, proportionOf } from "../../../comms/states/heatmap.js";
import { colorBarPicture, headingPicture } from "../../pictures/drawing/parts.js";
import { column, framed, paragraph, photo, type StaticPicture } from "../../pictures/drawing/static-picture.js";
import { FOR } from "../../pictures/drawing/svg.js";
import { paintHeatmap } from "../../pictures/heatmap-png.js";
import type { Photo, Relevance, RelevanceMap } from "../../pictures/relevance-map.js";

/** What is seen of a widget with a map. */
export type Mapped = Pick<
  HeatmapState,
  "title" | "subtitle" | "signed" | "mode" | "opacity" | "percentile" | "limit" | "output" | "total" | "error"
> & {
  image: Photo | null;
  relevance: Relevance | null;
  /** What the ends of the colors mean, where it is not the usual. */
  ends?: readonly string[];
};

/** Width of a map in the drawings of widgets. */
const MAP_WIDTH = 448;

/** The numbers that stand beside the title. */
export const booksOf = ({ output, total, signed }: Mapped): string =>
  [
    output === null ? "" : `output ${formatNumber(output)}`,
    total === null ? "" : `${signed ? "relevance" : "sum"} ${formatNumber(total)}`,
  ]
    .filter((part) => part !== "")
    .join(" · ");

/** The map with its scale, and what went wrong where something did; null while there is nothing to see. */
export function mapPicture(shown: Mapped, width = MAP_WIDTH): StaticPicture | null {
  const { image, relevance, signed, mode, opacity, percentile, limit, error } = shown;
  const map = relevance as RelevanceMap | null;
  const failure = error !== "" && paragraph(`This could not be explained: ${error}`, width, { color: FOR });
  if (!image && !map) return failure || null;
  const painted = paintHeatmap({ image, relevance: map, signed, mode, opacity, percentile, limit });
  const scale =
    painted.limit !== null && colorBarPicture(width, painted.limit, signed, endWords(signed, shown.ends ?? []));
  const [rows = 0, columns = 0] = map?.shape ?? [painted.height, painted.width];
  return column([photo(painted, width, width / proportionOf(rows, columns, image !== null)), scale, failure], 8);
}

/** A heatmap as its file has it: heading, map, scale. */
export function heatmapPicture(shown: Mapped): StaticPicture | null {
  const map = mapPicture(shown);
  if (map === null) return null;
  return framed(column([headingPicture(map.width, shown.title, shown.subtitle, booksOf(shown)), map], 10));
}
