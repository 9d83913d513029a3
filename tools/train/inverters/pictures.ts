import sharp from "sharp";
import { type Random, seededRandom } from "../../../src/explainers/numerics/random.js";
import { plantedPictures } from "../../../src/kernel-helpers/data/planted/index.js";
import { packageFile } from "../../../src/kernel-helpers/platform/files.js";

/** Pixels a side. */
export const PICTURE_SIZE = 224;

/** Photographs that inverters learn from, and the one that they never see. */
export const trainedPhotos: readonly string[] = ["astronaut.png", "chelsea.png", "rocket.jpg"];
export const heldOutPhotos: readonly string[] = ["coffee.png"];

/** Where a picture comes from. */
type PictureKind = "photograph" | "dead leaves" | "planted";

/** Pictures of 224 × 224 colored pixels. */
export interface Pictures {
  readonly kinds: readonly PictureKind[];
  /** `[count, 224, 224, 3]`, 0…255. */
  readonly pixels: Uint8Array;
}

interface PicturesOptions {
  readonly count: number;
  readonly seed: number;
  readonly photos: readonly string[];
  /** Whether colors, brightness and contrast of photographs are changed. */
  readonly varied: boolean;
}

/** Every other picture is a crop of a photograph; of the rest two of three are dead leaves, one has planted objects. */
const kindOf = (index: number): PictureKind =>
  index % 2 === 0 ? "photograph" : index % 6 === 5 ? "planted" : "dead leaves";

/** Random crops of photographs, turned over by chance, and procedural pictures; the same seed gives the same pictures. */
export async function inverterPictures({ count, seed, photos, varied }: PicturesOptions): Promise<Pictures> {
  const size = PICTURE_SIZE * PICTURE_SIZE * 3;
  const pixels = new Uint8Array(count * size);
  const kinds: PictureKind[] = [];
  const files = photos.map((photo) => packageFile("photos", photo));
  const sizes = await Promise.all(files.map(async (file) => sharp(file).metadata()));
  for (let index = 0; index < count; index++) {
    const random = seededRandom(seed * 100_003 + index);
    const kind = kindOf(index);
    kinds.push(kind);
    const to = pixels.subarray(index * size, (index + 1) * size);
    if (kind === "photograph") {
      const which = random.integer(files.length);
      const { width, height } = sizes[which]!;
      to.set(await photoCrop(files[which]!, width, height, varied, random));
    } else if (kind === "planted") {
      const { pixels: made } = plantedPictures({ count: 1, size: PICTURE_SIZE, seed: seed * 1009 + index });
      for (let at = 0; at < size; at++) to[at] = Math.round(255 * made[at]!);
    } else paintLeaves(to, random);
  }
  return { kinds, pixels };
}

/** A square of a fourth of the photograph's height at least. */
async function photoCrop(
  file: string,
  width: number,
  height: number,
  varied: boolean,
  random: Random,
): Promise<Uint8Array> {
  const side = Math.round(Math.min(width, height) * (0.25 + 0.75 * random.uniform()));
  const region = {
    left: random.integer(width - side + 1),
    top: random.integer(height - side + 1),
    width: side,
    height: side,
  };
  const { data } = await sharp(file)
    .extract(region)
    .resize(PICTURE_SIZE, PICTURE_SIZE, { fit: "fill" })
    .flop(random.uniform() < 0.5)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (!varied) return data;
  const order = random.permutation(3);
  const contrast = 0.6 + 0.7 * random.uniform();
  const brightness = 60 * (random.uniform() - 0.5);
  const isSame = random.uniform() < 0.4;
  return Uint8Array.from(data, (_, at) => {
    const channel = at % 3;
    const value = data[at - channel + (isSame ? channel : order[channel]!)]!;
    return Math.min(255, Math.max(0, (value - 128) * contrast + 128 + brightness));
  });
}

/**
 * Dead leaves (Matheron 1975; Lee, Mumford & Huang 2001): discs and squares that cover one another, their sizes spread as those of things in
 * photographs are, each with a color gradient and a grain of its own.
 */
function paintLeaves(pixels: Uint8Array, random: Random): void {
  const size = PICTURE_SIZE;
  const between = (low: number, high: number) => low + (high - low) * random.uniform();
  const tint = [between(0, 255), between(0, 255), between(0, 255)];
  const spread = between(30, 150);
  const leaves = 60 + random.integer(200);
  for (let leaf = 0; leaf <= leaves; leaf++) {
    // Radii with density ∝ 1/r³, from 4 to 100 pixels; the first leaf is the ground.
    const radius = leaf === 0 ? 2 * size : 1 / Math.sqrt(between(1 / 100 ** 2, 1 / 4 ** 2));
    const [x, y] = leaf === 0 ? [size / 2, size / 2] : [between(0, size), between(0, size)];
    const isDisc = leaf > 0 && random.uniform() < 0.6;
    const angle = between(0, Math.PI);
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const color = tint.map((mean) => mean + spread * random.gaussian());
    const slope = between(-1, 1) * Math.min(1.5, 60 / radius);
    const grain = random.uniform() < 0.5 ? between(0, 25) : 0;
    const wave = random.uniform() < 0.3 ? between(10, 60) : 0;
    const period = between(4, 30);
    const reach = isDisc ? radius : radius * Math.SQRT2;
    for (let row = Math.max(0, Math.ceil(y - reach)); row < Math.min(size, y + reach); row++) {
      for (let column = Math.max(0, Math.ceil(x - reach)); column < Math.min(size, x + reach); column++) {
        const along = (column - x) * cos + (row - y) * sin;
        const across = (row - y) * cos - (column - x) * sin;
        const inside = isDisc
          ? along ** 2 + across ** 2 < radius ** 2
          : Math.abs(along) < radius && Math.abs(across) < radius;
        if (!inside) continue;
        const light =
          slope * along +
          (wave > 0 ? wave * Math.sin((2 * Math.PI * across) / period) : 0) +
          (grain > 0 ? grain * random.gaussian() : 0);
        const at = 3 * (row * size + column);
        for (let channel = 0; channel < 3; channel++)
          pixels[at + channel] = Math.min(255, Math.max(0, color[channel]! + light));
      }
    }
  }
}
