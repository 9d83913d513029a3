import type { IRenderMime } from "@jupyterlab/rendermime";
import { element } from "../parts/dom.js";

/** MIME types of pictures, the best first. */
const PICTURES = ["image/svg+xml", "image/png"];

/** What a file has of a widget: the picture with its text alternative, else the text. */
export function storedPicture({ data, metadata }: IRenderMime.IMimeModel): HTMLElement {
  const words = joined(data["text/plain"]);
  const type = PICTURES.find((mime) => mime in data);
  if (type === undefined) return element("pre", {}, words);
  const content = joined(data[type]);
  // As an image, a drawing can neither run a script nor load anything.
  const source = type.endsWith("xml") ? encodeURIComponent(content) : `${content.replaceAll(/\s/g, "")}`;
  const { width, height } = (metadata[type] ?? {}) as { width?: number; height?: number };
  return element("img", {
    src: `data:${type}${type.endsWith("xml") ? "," : ";base64,"}${source}`,
    alt: words,
    width,
    height,
  });
}

/** Text as notebook files have it: whole, or in lines. */
const joined = (text: unknown): string => (Array.isArray(text) ? text.join("") : String(text ?? ""));
