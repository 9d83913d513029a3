import { DataFileError } from "../../formats/errors.js";
import { extname } from "../../platform/paths.js";
import { decodedPicture } from "../../platform/pictures.js";

/** Numbers of a picture of one channel, row by row. */
export interface LabelFile {
  readonly values: Uint8Array | Uint16Array;
  readonly width: number;
  readonly height: number;
}

/**
 * Reads what marks places of a picture: a mask, or a map whose gray values are numbers of names.
 *
 * @param numbers whether gray values are numbers, which nothing may have changed
 * @throws DataFileError for what is none, or has blurred edges
 */
export async function readLabels(file: string, numbers: boolean): Promise<LabelFile> {
  const wrong = (reason: string, cause?: unknown) => new DataFileError(file, reason, { cause });
  if (!/\.(png|tiff?|webp|gif)$/i.test(extname(file))) {
    throw wrong("is no PNG, TIFF, WebP or GIF: masks in other formats have blurred edges, save it as PNG");
  }
  const { data, width, height, deep } = await decodedPicture(file, { labels: numbers }, () => decoded());
  const values = deep ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : new Uint8Array(data);
  return { values, width, height };

  async function decoded() {
    const { default: sharp } = await import("sharp");
    const about = await sharp(file)
      .metadata()
      .catch((cause: Error) => {
        throw wrong(`cannot be read as a picture: ${cause.message.split("\n")[0]}`, cause);
      });
    const isGray = about.space === "b-w" || about.space === "grey16";
    if (numbers && (about.isPalette || !isGray || about.channels !== 1)) {
      const kind = about.isPalette ? "a picture with a palette, whose numbers are not kept" : "a picture of colors";
      throw wrong(`is ${kind}: save the numbers of the names as gray values (8 or 16 bits, no palette, no alpha)`);
    }
    const deep = about.space === "grey16";
    const picture = sharp(file).removeAlpha();
    const { data, info } = await (deep
      ? picture.toColourspace("grey16").raw({ depth: "ushort" })
      : picture.toColourspace("b-w").raw({ depth: "uchar" })
    ).toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height, deep };
  }
}
