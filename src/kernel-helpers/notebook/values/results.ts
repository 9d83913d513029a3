import { formatShape, formatShort } from "../../../comms/format.js";
import type { MimeBundle } from "../../../comms/host.js";
import type { Attribution } from "../../../explainers/explanation.js";
import { methods } from "../../../explainers/methods.js";
import { paintHeatmap } from "../../pictures/heatmap-png.js";
import { encodePng } from "../../pictures/png.js";
import { hasSign, type RelevanceMap, relevanceMap } from "../../pictures/relevance-map.js";
import { block, card, cards, escaped, image, softly } from "./html.js";
import { extentWords } from "./numbers.js";

/** Whether something is what an explainer returns. */
function isAttribution(value: unknown): value is Attribution {
  if (typeof value !== "object" || value === null) return false;
  const { relevance, shape, method, output, warnings } = value as Partial<Attribution>;
  return (
    relevance instanceof Float32Array && typeof method === "string" && [shape, output, warnings].every(Array.isArray)
  );
}

/** More samples of a batch, or results of a list, are only counted. */
const MOST = 12;
const SIZE = 128;

/** Shows what explainers return, one or a list: a small map, target, output, sum, warnings. */
export function formatResult(value: unknown): MimeBundle | undefined {
  if (isAttribution(value)) return bundleOf([value]);
  if (Array.isArray(value) && value.length > 0 && value.every(isAttribution)) return bundleOf(value);
  return undefined;
}

function bundleOf(results: readonly Attribution[]): MimeBundle {
  const shown = results.slice(0, MOST);
  const more = results.length > shown.length ? `and ${results.length - shown.length} more results` : "";
  const text = [...shown.map((result) => linesOf(result).join("\n  ")), more].filter((line) => line !== "").join("\n");
  const html = cards(shown.map(cardOf)) + (more === "" ? "" : `<div>${softly(more)}</div>`);
  return { "text/plain": text, "text/html": block(html) };
}

/** The method, then what it found, line by line. */
function linesOf(result: Attribution): string[] {
  const { method, shape, relevance, output, target, targetNames = [], additive, warnings } = result;
  const samples = output.length;
  const of = (values: readonly (number | null)[]) =>
    values
      .slice(0, 3)
      .map((value) => (value === null ? "–" : formatShort(value, 4)))
      .join(", ") + (samples > 3 ? ", …" : "");
  const sum = relevance.reduce((total, value) => total + value, 0);
  const named = target.every((index) => index !== null)
    ? `target ${target
        .slice(0, 3)
        .map((index, sample) => classInWords(index!, targetNames[sample]))
        .join(", ")}${samples > 3 ? ", …" : ""}`
    : "";
  return [
    method,
    [named, `output ${of(output)}`].filter((part) => part !== "").join(" · "),
    additive ? `relevance adds up to ${formatShort(sum, 4)}` : "values are no shares of the output: no sum",
    `${formatShape([...shape])}: ${extentWords(relevance)}`,
    ...warnings.map(({ message }) => `⚠ ${message}`),
  ];
}

/** A class by its first name, and its number. */
const classInWords = (index: number, name: string | null | undefined): string =>
  name && name !== String(index) ? `${name.split(",")[0]} (${index})` : String(index);

function cardOf(result: Attribution): string {
  const [name = "", ...lines] = linesOf(result);
  return card(mapOf(result), [`<b>${escaped(name)}</b>`, ...lines.map((line) => softly(escaped(line)))]);
}

/** The map as a picture; for what is none, its strongest entries. */
function mapOf(result: Attribution): string {
  const map = pictureOf(result);
  if (map === undefined) return "";
  const method = methods.find(({ name }) => name === result.method);
  const signed = (method?.signed ?? true) || hasSign(map.values);
  const painted = paintHeatmap({ relevance: map, signed, width: 1 });
  const [rows, columns] = map.shape;
  const enlarge = SIZE / Math.max(rows, columns);
  const size = [columns, rows].map((extent) => Math.round(extent * enlarge)) as [number, number];
  return image(encodePng(painted.pixels, painted.width, painted.height), ...size, `Relevance map of ${result.method}`);
}

/** The first sample's map, where the input is a picture. */
function pictureOf({ relevance, shape, channels }: Attribution): RelevanceMap | undefined {
  const [, height = 0, width = 0, depth = 0] = shape;
  if (shape.length !== 4 || Math.min(height, width) < 2) return undefined;
  const size = height * width * depth;
  return relevanceMap({ relevance: relevance.subarray(0, size), shape: [1, height, width, depth], channels });
}
