import type { FileFormat } from "../../../comms/states/explorer.js";
import { csvOf } from "../../formats/csv.js";
import { npyOf } from "../../formats/npy.js";
import { svgFile } from "../../pictures/drawing/static-picture.js";
import type { RelevanceMap } from "../../pictures/relevance-map.js";
import { heatmapPicture, type Mapped } from "../heatmap/heatmap-picture.js";

/** What a picture is kept as. */
export interface ExplorerFile {
  bytes: Uint8Array;
  format: FileFormat;
  name: string;
  type: string;
  /** Of the figure, in pixels; of a map, in values. */
  width: number;
  height: number;
}

const TYPES = { png: "image/svg+xml", svg: "image/svg+xml", npy: "application/octet-stream", csv: "text/csv" } as const;

/** What an explorer's picture is kept with: the traits that make it, and what stands beside it. */
type Shown = Omit<Mapped, "relevance"> & { relevance: unknown };

/**
 * What is shown, as a file: the figure (png, svg), or the map's values by row and column (npy: float32, csv: rows of numbers).
 *
 * @throws TypeError where there is nothing to keep
 */
export function explorerFile(shown: Shown, photo: string, format: FileFormat): ExplorerFile {
  const relevance = shown.relevance as RelevanceMap | null;
  const name = `${fileName(photo, shown.title, shown.subtitle)}.${format}`;
  const file = { format, name, type: TYPES[format] };
  if (format === "png" || format === "svg") {
    const picture = heatmapPicture(shown as Mapped);
    if (picture === null) throw new TypeError("There is no picture yet that could be kept");
    const { width, height } = picture;
    const words = `${shown.title} ${shown.subtitle}`.replaceAll("*", "").trim();
    return { ...file, width, height, bytes: new TextEncoder().encode(svgFile(picture, words)) };
  }
  if (relevance === null) throw new TypeError("There is no explanation yet whose values could be kept");
  const [height, width] = relevance.shape;
  const numbers = { shape: [height, width], values: relevance.values };
  const bytes = format === "npy" ? npyOf(numbers) : new TextEncoder().encode(csvOf(numbers));
  return { ...file, bytes, width, height };
}

/** `chelsea-why-tiger-cat-lrp-ε-γ-box` without what some file systems do not take. */
function fileName(photo: string, title: string, subtitle: string): string {
  const method = subtitle.split(" · ")[0]!;
  const parts = [photo.replace(/\.[^.]*$/, ""), title, method].map(slug).filter((part) => part !== "");
  return parts.length > 0 ? parts.join("-") : "explanation";
}

const GREEK: Record<string, string> = { α: "alpha", β: "beta", γ: "gamma", ε: "epsilon", σ: "sigma" };

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[αβγεσ]/g, (letter) => GREEK[letter]!)
    .normalize("NFKD")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);
