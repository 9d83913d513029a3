import type { ConceptMap } from "../../../explainers/concepts/index.js";
import { DataFileError } from "../../formats/errors.js";
import { type ImageInput, type LoadedImage, loadImage } from "../../pictures/load-image.js";
import { kindOf, listFolder, readText } from "../../platform/files.js";
import { basename, dirname, extname, join } from "../../platform/paths.js";
import { decodedPicture } from "../../platform/pictures.js";
import { isPicture, picturesIn } from "../picture-folder.js";
import { byteSource, type ConceptPictures, inChannels, type PictureShape, pictureShape } from "./concept-pictures.js";
import { readLabels } from "./label-file.js";

/** A picture that was read, and which part of its file it shows. */
interface Picture {
  readonly name: string;
  readonly stem: string;
  readonly size: { readonly width: number; readonly height: number };
  readonly region: NonNullable<LoadedImage["region"]>;
}

const stemOf = (file: string): string => basename(file, extname(file));

/**
 * Reads pictures with masks: `images/NAME.png` beside `masks/CONCEPT/NAME.png` or `masks/KIND/CONCEPT/NAME.png`, bright where the concept is, or
 * `labels/KIND/NAME.png`, gray values that are numbers of the lines of `labels/KIND/names.txt`, 0 for none. Masks have the size of their picture.
 *
 * @throws DataFileError that names the file and what is wrong with it; ImageError
 */
export async function folderConcepts(
  folder: string,
  input: ImageInput,
  count: number = Number.POSITIVE_INFINITY,
): Promise<ConceptPictures> {
  const shape = pictureShape(input);
  const files = await filesBelow(folder);
  const paths = (await picturesIn(join(folder, "images"))).slice(0, count);
  const all = new Set((await picturesIn(join(folder, "images"))).map(stemOf));
  const twice = paths.find((path, at) => paths.findIndex((other) => stemOf(other) === stemOf(path)) !== at);
  if (twice !== undefined)
    throw new DataFileError(twice, "has the name of another picture: masks go by names without endings");
  const { pictures, pixels } = await readPictures(paths, input, shape);
  const masks = files.filter(({ parts }) => parts[0] === "masks" && parts.length > 1);
  const labels = files.filter(({ parts }) => parts[0] === "labels" && parts.length > 1);
  if (masks.length === 0 && labels.length === 0) {
    throw new DataFileError(
      folder,
      "has no masks: put them into masks/CONCEPT/NAME.png, or labels/KIND/NAME.png with names.txt",
    );
  }
  for (const { path, parts } of [...masks, ...labels]) {
    if (parts.at(-1) === "names.txt") continue;
    if (!isPicture(path)) throw new DataFileError(path, "is no picture (png, tiff, webp or gif)");
    if (!all.has(stemOf(path)))
      throw new DataFileError(path, `is a mask of no picture: there is no images/${stemOf(path)}`);
  }
  const known = new Set([...masks, ...labels].map(({ path }) => stemOf(path)));
  const without = pictures.find(({ stem }) => !known.has(stem));
  if (without !== undefined) {
    const help = "give a black mask of any concept where it shows none";
    throw new DataFileError(join(folder, "images", without.name), `has no mask and no labels: ${help}`);
  }
  const concepts = new Map<string, ConceptMap[]>();
  const add = (kind: string, maps: readonly ConceptMap[]) =>
    concepts.set(kind, [...(concepts.get(kind) ?? []), ...maps]);
  for (const [kind, names] of masksByKind(masks)) add(kind, await readMasks(names, pictures, shape));
  for (const [kind, own] of labelsByKind(labels)) {
    const place = join(folder, "labels", kind === LABEL ? "" : kind);
    add(kind, [await readLabelMaps(place, own, pictures, shape)]);
  }
  return {
    x: await byteSource(pixels, shape, input),
    concepts: Object.fromEntries(concepts),
    mapSize: [shape[0], shape[1]],
    shape,
    pixels,
    names: pictures.map(({ name }) => name),
  };
}

/** The kind of what lies in `masks` or `labels` itself. */
const CONCEPT = "concept";
const LABEL = "label";

interface File {
  readonly path: string;
  /** Folders and name, below the folder. */
  readonly parts: readonly string[];
}

async function filesBelow(folder: string): Promise<File[]> {
  const below = async (path: string, parts: readonly string[]): Promise<File[]> => {
    const found = await listFolder(path).catch((cause: Error) => {
      throw new DataFileError(folder, `cannot be read: ${cause.message}`, { cause });
    });
    const files = found.map(async ({ name, isFolder }) => {
      const file = { path: join(path, name), parts: [...parts, name] };
      if (isFolder) return below(file.path, file.parts);
      return !name.startsWith(".") && (await kindOf(file.path)) === "file" ? [file] : [];
    });
    return (await Promise.all(files)).flat();
  };
  return (await below(folder, [])).sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function readPictures(paths: readonly string[], input: ImageInput, shape: PictureShape) {
  const size = shape[0] * shape[1] * shape[2];
  const pixels = new Uint8Array(paths.length * size);
  const pictures: Picture[] = [];
  for (const [index, path] of paths.entries()) {
    const image = await loadImage(path, { ...input, shape: [...shape] });
    image.dispose();
    const colors = image.pixels.filter((_, at) => at % 4 !== 3);
    pixels.set(inChannels(colors, shape[2]), index * size);
    const { data: _, ...own } = await decodedPicture(path, { pixels: false }, async () => {
      const { default: sharp } = await import("sharp");
      const { width, height } = (await sharp(path).metadata()).autoOrient;
      return { data: new Uint8Array(), width, height };
    });
    pictures.push({ name: basename(path), stem: stemOf(path), size: own, region: image.region! });
  }
  return { pictures, pixels };
}

/** By kind and concept the files of its masks, by the picture's name. */
function masksByKind(masks: readonly File[]): Map<string, Map<string, Map<string, string>>> {
  const kinds = new Map<string, Map<string, Map<string, string>>>();
  for (const { path, parts } of masks) {
    if (parts.length !== 3 && parts.length !== 4) {
      throw new DataFileError(
        path,
        "is in no folder of a concept: masks/CONCEPT/NAME.png or masks/KIND/CONCEPT/NAME.png",
      );
    }
    const [kind, concept] = parts.length === 3 ? [CONCEPT, parts[1]!] : [parts[1]!, parts[2]!];
    const concepts = kinds.get(kind) ?? new Map<string, Map<string, string>>();
    kinds.set(kind, concepts.set(concept, (concepts.get(concept) ?? new Map()).set(stemOf(path), path)));
  }
  return kinds;
}

function labelsByKind(labels: readonly File[]): Map<string, Map<string, string>> {
  const kinds = new Map<string, Map<string, string>>();
  for (const { path, parts } of labels) {
    if (parts.length > 3) throw new DataFileError(path, "lies too deep: labels/KIND/NAME.png");
    const kind = parts.length === 2 ? LABEL : parts[1]!;
    if (parts.at(-1) !== "names.txt") kinds.set(kind, (kinds.get(kind) ?? new Map()).set(stemOf(path), path));
  }
  return kinds;
}

/** Masks of the concepts of a kind, in as few maps as their overlaps allow. */
async function readMasks(
  concepts: ReadonlyMap<string, ReadonlyMap<string, string>>,
  pictures: readonly Picture[],
  shape: PictureShape,
): Promise<ConceptMap[]> {
  const area = shape[0] * shape[1];
  const maps: { names: string[]; map: Uint16Array<ArrayBuffer> }[] = [];
  for (const [concept, files] of concepts) {
    const places: number[] = [];
    for (const [index, picture] of pictures.entries()) {
      const file = files.get(picture.stem);
      if (file === undefined) continue;
      const { values, at } = await fitted(file, picture, shape, false);
      let most = 0;
      for (const value of values) most = Math.max(most, value);
      for (let place = 0; place < area; place++) {
        if (most > 0 && values[at(place)]! > most / 2) places.push(index * area + place);
      }
    }
    let own = maps.find(({ map }) => places.every((place) => map[place] === 0));
    if (own === undefined) {
      own = { names: [], map: new Uint16Array(pictures.length * area) };
      maps.push(own);
    }
    own.names.push(concept);
    for (const place of places) own.map[place] = own.names.length;
  }
  return maps;
}

/** Label maps of a kind, one for each picture. */
async function readLabelMaps(
  folder: string,
  files: ReadonlyMap<string, string>,
  pictures: readonly Picture[],
  shape: PictureShape,
): Promise<ConceptMap> {
  const list = join(folder, "names.txt");
  const text = await readText(list).catch((cause: Error) => {
    throw new DataFileError(list, "is missing: the names of the numbers 1, 2, …, a line each", { cause });
  });
  const names = text.split(/\r?\n/).map((line) => line.trim());
  while (names.at(-1) === "") names.pop();
  const area = shape[0] * shape[1];
  const map = new Uint16Array(pictures.length * area);
  for (const [index, picture] of pictures.entries()) {
    const file = files.get(picture.stem);
    if (file === undefined)
      throw new DataFileError(join(folder, picture.name), "is missing: each picture has labels of each kind");
    const { values, at } = await fitted(file, picture, shape, true);
    const beyond = values.find((value) => value > names.length);
    if (beyond !== undefined) {
      throw new DataFileError(
        file,
        `holds the number ${beyond}, and ${basename(dirname(list))}/names.txt has ${names.length} names`,
      );
    }
    for (let place = 0; place < area; place++) map[index * area + place] = values[at(place)]!;
  }
  return { names, map };
}

/** The labels of a picture, and where in them each place of it lies. */
async function fitted(file: string, { name, size, region }: Picture, [height, width]: PictureShape, numbers: boolean) {
  const labels = await readLabels(file, numbers);
  if (labels.width !== size.width || labels.height !== size.height) {
    const [own, wanted] = [labels, size].map((one) => `${one.width} × ${one.height}`);
    throw new DataFileError(file, `has ${own} pixels, its picture ${name} has ${wanted}: they must be the same`);
  }
  const at = (place: number) => {
    const [row, column] = [Math.floor(place / width), place % width];
    const y = Math.floor((region.top + ((row + 0.5) / height) * region.height) * size.height);
    const x = Math.floor((region.left + ((column + 0.5) / width) * region.width) * size.width);
    return y * size.width + x;
  };
  return { values: labels.values, at };
}
