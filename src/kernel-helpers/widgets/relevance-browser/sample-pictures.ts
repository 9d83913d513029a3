import { loadDigits } from "../../data/digits.js";
import { loadImage } from "../../pictures/load-image.js";
import type { Photo } from "../../pictures/relevance-map.js";
import type { PictureBytes } from "../../pictures/thumbnails.js";
import { kindOf } from "../../platform/files.js";
import { join } from "../../platform/paths.js";
import type { RelevanceStore } from "../../relevance/relevance-store.js";

/** The pictures that a store's maps are of: all as bytes, or what gives one. */
export type SamplePictures = PictureBytes | ((index: number, id: string) => Photo | null | Promise<Photo | null>);

/** Gives a sample's picture; null where it is not known. */
export type PictureOf = (index: number, id: string) => Promise<Photo | null>;

/** The pictures of a store: as they were given, else those of Limpid's digits, or of the folder that the run read. */
export async function picturesOf(store: RelevanceStore, given: SamplePictures | undefined): Promise<PictureOf> {
  if (typeof given === "function") return async (index, id) => given(index, id);
  if (given !== undefined) return async (index) => fromBytes(given, index);
  const { data, model } = store.run;
  const [height = 0, width = 0, channels = 0] = store.shape;
  if (store.shape.length !== 3) return async () => null;
  if (data.source === "mnist") {
    const { pixels } = await loadDigits();
    return async (index) => fromBytes({ pixels, shape: [28, 28, 1] }, index);
  }
  const isKnown = model.crop !== undefined && !/^https?:/i.test(data.source);
  if (!isKnown || (await kindOf(data.source)) !== "folder") return async () => null;
  const input = { shape: [height, width, channels === 1 ? 1 : 3], mean: 0, scale: 255, crop: model.crop };
  return async (_, id) => {
    const image = await loadImage(join(data.source, id), input).catch(() => null);
    image?.dispose();
    return image;
  };
}

function fromBytes({ pixels, shape: [height, width, channels] }: PictureBytes, index: number): Photo | null {
  const size = height * width * channels;
  if ((index + 1) * size > pixels.length) return null;
  const own = pixels.subarray(index * size, (index + 1) * size);
  const rgba = new Uint8ClampedArray(4 * height * width).fill(255);
  for (let at = 0; at < height * width; at++) {
    for (let color = 0; color < 3; color++) rgba[4 * at + color] = own[at * channels + (channels === 1 ? 0 : color)]!;
  }
  return { pixels: rgba, width, height };
}
