import type { MimeBundle } from "../../../comms/host.js";
import type { JsonObject } from "../../../comms/message.js";
import { paintSvg } from "../../platform/pictures.js";
import { type StaticPicture, svgFile } from "./static-picture.js";

/** Pixels of a file to one of a page: letters stay sharp on screens with small pixels; a photo gets no more by it. */
const SHARPNESS = 2;

/** Bytes of a PNG file beyond which it has a pixel for a pixel, and then 256 colors: notebooks are to stay small. */
const LARGEST = 500_000;

/** Units of a drawing from which on it is painted with a pixel for each first: that takes a quarter, and often shows that it is enough. */
const LARGE = 500_000;

/** A picture by MIME type, with its size on the page. */
export interface PictureFile {
  data: MimeBundle;
  metadata: JsonObject;
}

/** A drawing that becomes smaller in a narrow page: some readers put it into theirs as it is, where only a style can say so. */
const narrowed = (svg: string): string => svg.replace("<svg ", '<svg style="max-width:100%;height:auto" ');

/**
 * What a notebook's file gets of a picture: PNG, which every reader of notebooks shows, and where there are only lines and
 * letters also SVG. `words` are its text alternative.
 */
export async function pictureFile(picture: StaticPicture, words: string): Promise<PictureFile> {
  const svg = svgFile(picture, words);
  const [width, height] = [Math.ceil(picture.width), Math.ceil(picture.height)];
  const png = await smallEnough(svg, picture.pixels ? "photo" : "lines", width * height >= LARGE);
  return {
    data: { ...(!picture.pixels && { "image/svg+xml": narrowed(svg) }), "image/png": png.toString("base64") },
    metadata: { "image/png": { width, height } },
  };
}

/** With the most pixels that are small enough; where the fewest are not, a photo has 256 colors. */
async function smallEnough(svg: string, how: "photo" | "lines", isLarge: boolean): Promise<Buffer> {
  const coarse = () => paintSvg(svg, 72, how, LARGEST);
  const first = isLarge ? await coarse() : undefined;
  // Twice as many pixels make a file of twice the bytes at least.
  if (first !== undefined && 2 * first.length > LARGEST) return first;
  const fine = await paintSvg(svg, 72 * SHARPNESS, how);
  return fine.length <= LARGEST ? fine : (first ?? coarse());
}
