import { formatTick } from "../../comms/format.js";
import { colorOf } from "../../comms/states/colors.js";
import { type HeatmapPicture, paintHeatmap } from "./heatmap-png.js";
import { encodePng } from "./png.js";

/** What stands around a picture. */
export interface FigureWords {
  /** A part between asterisks is emphasized. */
  title: string;
  subtitle: string;
  /** A line of numbers, such as output and sum. */
  note: string;
  /** What the two ends of the color bar mean. */
  ends: readonly [low: string, high: string];
}

/** A figure, and its size in pixels. */
export interface SvgFigure {
  svg: string;
  width: number;
  height: number;
}

const MARGIN = 16;
const STOPS = 16;
const FONT = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/**
 * A heatmap as a figure: title, picture, color bar with its numbers. Letters and scale are vectors, the picture is pixels.
 *
 * @throws TypeError when there is neither photo nor relevance
 */
export function heatmapSvg(picture: HeatmapPicture, words: FigureWords): SvgFigure {
  const { pixels, width, height, limit, signed } = paintHeatmap(picture);
  const bytes = encodePng(pixels, width, height).toString("base64");
  const lines = [
    { text: titleSpans(words.title), size: 16, weight: 600, color: "#212121" },
    { text: escaped(words.subtitle), size: 12, weight: 400, color: "#616161" },
    { text: escaped(words.note), size: 12, weight: 400, color: "#616161" },
  ].filter(({ text }) => text !== "");
  let top = MARGIN;
  const head = lines.map(({ text, size, weight, color }) => {
    top += size + 4;
    return `<text x="${MARGIN}" y="${top - 4}" font-size="${size}" font-weight="${weight}" fill="${color}">${text}</text>`;
  });
  if (lines.length > 0) top += 6;
  const below = limit === null ? [] : scaleOf(limit, signed, words.ends, top + height + 12, width);
  const whole = { width: width + 2 * MARGIN, height: top + height + (limit === null ? 0 : 56) + MARGIN };
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${whole.width}" height="${whole.height}" viewBox="0 0 ${whole.width} ${whole.height}" font-family="${FONT}">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...head,
    `<image x="${MARGIN}" y="${top}" width="${width}" height="${height}" href="data:image/png;base64,${bytes}"/>`,
    ...below,
    "</svg>",
  ].join("\n");
  return { svg, ...whole };
}

function scaleOf(
  limit: number,
  signed: boolean,
  [low, high]: readonly [string, string],
  top: number,
  width: number,
): string[] {
  const stops = Array.from({ length: STOPS + 1 }, (_, stop) => {
    const share = stop / STOPS;
    return `<stop offset="${share}" stop-color="rgb(${colorOf(signed ? 2 * share - 1 : share, signed)})"/>`;
  });
  const values = signed ? [-limit, 0, limit] : [0, limit / 2, limit];
  const ticks = values.map((value, place) => {
    const text = limit > 0 ? formatTick(value, limit, signed) : "";
    return textAt(MARGIN + (place / 2) * width, top + 44, ["start", "middle", "end"][place]!, escaped(text));
  });
  return [
    `<defs><linearGradient id="colors">${stops.join("")}</linearGradient></defs>`,
    textAt(MARGIN, top + 8, "start", escaped(low)),
    textAt(MARGIN + width, top + 8, "end", escaped(high)),
    `<rect x="${MARGIN}" y="${top + 15}" width="${width}" height="12" fill="url(#colors)"/>`,
    ...ticks,
  ];
}

const textAt = (x: number, y: number, anchor: string, text: string): string =>
  `<text x="${x}" y="${y}" font-size="12" text-anchor="${anchor}" fill="#424242">${text}</text>`;

const titleSpans = (title: string): string =>
  title
    .split(/\*([^*]+)\*/)
    .map((part, index) => (index % 2 === 1 ? `<tspan font-style="italic">${escaped(part)}</tspan>` : escaped(part)))
    .join("");

/** As text of a document; without the characters that XML does not have. */
function escaped(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that XML does not have
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "").replace(/[&<>"]/g, (found) => entities[found]!);
}
