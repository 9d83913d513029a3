import { formatPercent, formatShape } from "../../../comms/format.js";
import type { MimeBundle } from "../../../comms/host.js";
import type { LoadedImage } from "../../pictures/load-image.js";
import { block, card, cards, escaped, softly } from "./html.js";
import { thumbnail } from "./thumbnail.js";

function isPhoto(value: unknown): value is LoadedImage {
  if (typeof value !== "object" || value === null) return false;
  const { pixels, width, height, tensor, name } = value as Partial<LoadedImage>;
  return (
    pixels instanceof Uint8ClampedArray &&
    typeof name === "string" &&
    tensor !== undefined &&
    pixels.length === 4 * width! * height!
  );
}

const MOST = 24;

/** Shows what `loadImage` gives, one or a list, as thumbnails. */
export function formatPhoto(value: unknown): MimeBundle | undefined {
  const photos = isPhoto(value)
    ? [value]
    : Array.isArray(value) && value.length > 0 && value.every(isPhoto)
      ? value
      : [];
  if (photos.length === 0) return undefined;
  const shown = photos.slice(0, MOST);
  const more = photos.length > shown.length ? [`and ${photos.length - shown.length} more photos`] : [];
  const html = cards(
    shown.map((photo) => {
      const [name = "", ...lines] = linesOf(photo);
      const { pixels: values, width, height } = photo;
      const picture = thumbnail({ values, width, height, channels: 4 }, name);
      return card(picture, [`<b>${escaped(name)}</b>`, ...lines.map((line) => softly(escaped(line)))]);
    }),
  );
  return {
    "text/plain": [...shown.map((photo) => linesOf(photo).join(" · ")), ...more].join("\n"),
    "text/html": block(html + more.map((line) => `<div>${softly(line)}</div>`).join("")),
  };
}

function linesOf({ name, width, height, tensor, share = 1 }: LoadedImage): string[] {
  const entered = tensor.isDisposed ? "its tensor is disposed of" : `enters as ${formatShape(tensor.shape)}`;
  return [
    name,
    `${width} × ${height} pixels`,
    entered,
    ...(share < 1 ? [`${formatPercent(share)} of the picture's area is seen`] : []),
  ];
}
