import type { ConceptMap } from "../../../explainers/concepts/index.js";
import { ParameterError } from "../../../explainers/errors.js";
import type { ImageInput } from "../../pictures/load-image.js";
import { packageFile } from "../../platform/files.js";
import { byteSource, type ConceptPictures } from "./concept-pictures.js";
import { folderConcepts } from "./folder.js";
import { plantedConcepts } from "./planted.js";
import { textureConcepts } from "./textures.js";

export interface ConceptOptions {
  /** How many pictures of each source: of those that are drawn 200 unless told, of others all. */
  readonly count?: number;
  /** Of what is drawn, default 0. */
  readonly seed?: number;
}

/**
 * Pictures of which is known what they show, pixel by pixel, as a model takes them: for `dissect` and `UnitGallery`.
 *
 * @param sources one or several: `"planted"`, pictures that Limpid draws, with their colors, textures, shapes and parts; `"textures"`, mosaics of
 *   photographed brick, grass and gravel; `"nuclei"`, four fluorescence micrographs; or a folder with `images/NAME.png` and
 *   `masks/CONCEPT/NAME.png` or `masks/KIND/CONCEPT/NAME.png` (bright where it is), or `labels/KIND/NAME.png` (gray values that are numbers of the
 *   lines of `labels/KIND/names.txt`)
 * @param input `model.input`
 * @throws DataFileError that names the file, ImageError, ParameterError
 * @example const { layers } = await dissect(model)(await loadConcepts(["planted", "textures"], model.input));
 */
export async function loadConcepts(
  sources: string | readonly string[],
  input: ImageInput,
  options: ConceptOptions = {},
): Promise<ConceptPictures> {
  const all = [sources].flat();
  if (all.length === 0) throw new ParameterError("sources", all, "planted, textures, nuclei, or a folder");
  const parts: ConceptPictures[] = [];
  for (const source of all) {
    if (source === "planted") parts.push(await plantedConcepts(input, options));
    else if (source === "textures") parts.push(await textureConcepts(input, options));
    else {
      const folder = source === "nuclei" ? packageFile("photos", "concepts", "nuclei") : source;
      parts.push(await folderConcepts(folder, input, options.count));
    }
  }
  return parts.length === 1 ? parts[0]! : joined(parts, input);
}

/** Pictures of several sources, one after the other: where a source says nothing of a kind, there is none of it. */
async function joined(parts: readonly ConceptPictures[], input: ImageInput): Promise<ConceptPictures> {
  const [{ shape, mapSize }] = parts as [ConceptPictures];
  const [area, size] = [mapSize[0] * mapSize[1], shape[0] * shape[1] * shape[2]];
  const count = parts.reduce((sum, { names }) => sum + names.length, 0);
  const pixels = new Uint8Array(count * size);
  const concepts: Record<string, { names: string[]; map: Uint16Array<ArrayBuffer> }[]> = {};
  let start = 0;
  for (const part of parts) {
    pixels.set(part.pixels, start * size);
    for (const [kind, maps] of Object.entries(part.concepts)) {
      const all = concepts[kind] ?? [];
      concepts[kind] = all;
      for (const [layer, map] of maps.entries()) {
        all[layer] ??= { names: [], map: new Uint16Array(count * area) };
        write(all[layer], map, start * area);
      }
    }
    start += part.names.length;
  }
  return {
    x: await byteSource(pixels, shape, input),
    ...{ concepts, mapSize, shape, pixels },
    names: parts.flatMap(({ names }) => names),
  };
}

/** Writes a map from place `at` on, its names after those that are there; the same name keeps its number. */
function write(own: { names: string[]; map: Uint16Array }, { names, map }: ConceptMap, at: number): void {
  const numbers = names.map((name) => {
    if (!own.names.includes(name)) own.names.push(name);
    return own.names.indexOf(name) + 1;
  });
  for (let place = 0; place < map.length; place++) {
    const number = map[place]!;
    own.map[at + place] = number === 0 ? 0 : numbers[number - 1]!;
  }
}
