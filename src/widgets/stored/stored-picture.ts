import type { IRenderMime } from "@jupyterlab/rendermime";
import { element } from "../parts/dom.js";

/** MIME types of pictures, the best first. */
const PICTURES = ["image/svg+xml", "image/png"];

/** The best picture that a file has of a widget, by its MIME type. */
export const pictureType = ({ data }: IRenderMime.IMimeModel): string | undefined =>
  PICTURES.find((mime) => mime in data);

/** What a file has of a widget: the picture with its text alternative, else the text. */
export function storedPicture(model: IRenderMime.IMimeModel): HTMLElement {
  const { data, metadata } = model;
  const words = joined(data["text/plain"]);
  const type = pictureType(model);
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
