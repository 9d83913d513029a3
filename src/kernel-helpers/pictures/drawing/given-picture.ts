import type { MimeBundle } from "../../../comms/host.js";
import type { StaticPicture } from "./static-picture.js";
import { tag } from "./svg.js";

/** A PNG or SVG file by MIME type as a drawing; null where there is none that can be read. */
export function givenPicture(forms: MimeBundle): StaticPicture | null {
  const svg = forms["image/svg+xml"];
  if (typeof svg === "string") {
    const [root = ""] = /<svg\b[^>]*>/.exec(svg) ?? [];
    const [, , boxWidth, boxHeight] = (/viewBox="([^"]+)"/.exec(root)?.[1] ?? "").split(/[\s,]+/).map(Number);
    const size = (name: string) => Number(new RegExp(`\\s${name}="([\\d.]+)(?:px)?"`).exec(root)?.[1]);
    return image(svg, "svg+xml", size("width") || boxWidth || 0, size("height") || boxHeight || 0);
  }
  const png = forms["image/png"];
  if (typeof png !== "string") return null;
  // Width and height stand at the beginning of every PNG file.
  const head = Buffer.from(png.slice(0, 64), "base64");
  if (head.length < 24) return null;
  return image(Buffer.from(png, "base64"), "png", head.readUInt32BE(16), head.readUInt32BE(20));
}

function image(file: string | Buffer, type: string, width: number, height: number): StaticPicture | null {
  if (!(width > 0 && height > 0)) return null;
  const href = `data:image/${type};base64,${Buffer.from(file).toString("base64")}`;
  return { width, height, svg: tag("image", { width, height, href }), pixels: true };
}
