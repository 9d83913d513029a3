import { DataFileError } from "../formats/errors.js";
import { checkPlace, writeWhole } from "../formats/written.js";
import { extname } from "../platform/paths.js";
import { noteNodePart, PNG_PAINTER } from "../resources/recorder.js";
import { pictureFile } from "./drawing/rasterize.js";
import { type StaticPicture, svgFile } from "./drawing/static-picture.js";

/**
 * How a figure's name ends, checked before the work that it is of.
 *
 * @throws DataFileError
 */
export async function checkFigure(file: string): Promise<".svg" | ".png"> {
  const kind = extname(file).toLowerCase();
  if (kind !== ".svg" && kind !== ".png") {
    throw new DataFileError(file, "does not end in .svg or .png, which a figure is written as");
  }
  await checkPlace(file, kind, {});
  return kind;
}

/** Writes a figure, as its name ends; `words` are its text alternative. @throws DataFileError */
export async function saveFigure(file: string, picture: StaticPicture, words: string): Promise<void> {
  const kind = await checkFigure(file);
  if (kind === ".svg") await writeWhole(file, svgFile(picture, words), true);
  else {
    noteNodePart(PNG_PAINTER);
    const { data } = await pictureFile(picture, words);
    await writeWhole(file, Buffer.from(data["image/png"] as string, "base64"), true);
  }
}
